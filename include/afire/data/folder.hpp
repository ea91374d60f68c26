// afire/data/folder.hpp -- the films in a folder and in the folders inside it
//
//   FolderFilms const found = films_in_folder("films");     // found.films: "nih/a.png", ... relative to the folder, in byte order
//
// Films are the files whose names end in .png, .jpg or .jpeg; others and hidden ones are counted in left_out. Links to folders are not
// followed.
#pragma once
#include <memory>

#include <afire/io/file.hpp>

namespace afire {

struct FolderFilms {
  std::vector<std::string> films;
  Index left_out = 0;
};

// Ends in .png, .jpg or .jpeg, in capitals too, and is not hidden.
inline bool is_film_name(std::string_view name) {
  auto const dot = name.rfind('.');
  std::string suffix(dot == name.npos ? "" : name.substr(dot));
  for (char& c : suffix)
    if ('A' <= c && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return !name.starts_with('.') && (suffix == ".png" || suffix == ".jpg" || suffix == ".jpeg");
}

// The films of folder/inside and of the folders in it; names are relative to `folder`.
inline void add_folder(std::string const& folder, std::string const& inside, FolderFilms& to) {
  struct Close {
    void operator()(DIR* entries) const { ::closedir(entries); }
  };
  std::unique_ptr<DIR, Close> const entries(::opendir((folder + "/" + inside).c_str()));
  if (!entries) throw_errno("list the folder", folder + "/" + inside);
  for (;;) {
    errno = 0;
    dirent const* const entry = ::readdir(entries.get());
    if (!entry) {
      if (errno != 0) throw_errno("list the folder", folder + "/" + inside);
      return;
    }
    std::string_view const name = entry->d_name;
    if (name == "." || name == "..") continue;
    std::string const relative = inside + entry->d_name;
    struct stat about;
    bool const there = ::lstat((folder + "/" + relative).c_str(), &about) == 0;
    if (there && S_ISDIR(about.st_mode) && !name.starts_with('.')) add_folder(folder, relative + "/", to);
    else if (there && (S_ISREG(about.st_mode) || S_ISLNK(about.st_mode)) && is_film_name(name)) to.films.push_back(relative);
    else ++to.left_out;
  }
}

inline FolderFilms films_in_folder(std::string const& folder) {
  FolderFilms found;
  add_folder(folder, "", found);
  std::sort(found.films.begin(), found.films.end());
  return found;
}

}  // namespace afire
