// afire/io/file.hpp -- files read whole, replaced whole or not at all, and kept to the last few
//
//   std::string words = read_file("config.json");
//   replace_file("run/config.json", words);
//
//   AtomicFile file("run/step-000400.safetensors");    // writes run/step-000400.safetensors.partial
//   file.write(data, bytes);  ...                      // of any size, straight from the caller's memory
//   file.commit();                                     // synced, renamed, the folder synced
//
//   keep_last("run", "step-", ".safetensors", 3);      // removes older ones, by their number
//   FolderLock const alone("run");                     // an error while another program holds it
//
// Until commit() has renamed the file, whatever stood under its name stays as it was: through an error, a full disk, a kill -9 or a
// power cut. A .partial file that a killed program left behind is overwritten by the next one.
#pragma once
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include <afire/core/error.hpp>

namespace afire {

// "cannot VERB PATH: No space left on device": an error from errno.
[[noreturn]] inline void throw_errno(char const* verb, std::string_view path, std::string_view more = {}) {
  int const reason = errno;
  throw error(text("cannot ", verb, " ", path, ": ", std::strerror(reason), more));
}

class Descriptor {                                  // an open file, closed at the end
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& d) noexcept : number_(std::exchange(d.number_, -1)) {}
  Descriptor& operator=(Descriptor&& d) noexcept { return std::swap(number_, d.number_), *this; }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  operator int() const { return number_; }

 private:
  int number_;
};

// Calls a system function again as long as a signal interrupts it.
template <class Call>
auto uninterrupted(Call call) {
  for (;;) {
    auto const result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

// open(2) with these flags; throws "cannot <verb> <path>: <why>".
inline Descriptor open_file(char const* verb, std::string const& path, int how) {
  int const number = uninterrupted([&] { return ::open(path.c_str(), how | O_CLOEXEC, 0666); });
  if (number < 0) throw_errno(verb, path);
  return Descriptor(number);
}

// All bytes from `data` to the file; false, and errno, if that fails.
inline bool write_all(int file, char const* data, std::size_t bytes) {
  while (bytes > 0) {
    ssize_t const n = uninterrupted([&] { return ::write(file, data, bytes); });
    if (n < 0) return false;
    data += n, bytes -= static_cast<std::size_t>(n);
  }
  return true;
}

inline std::string read_file(std::string const& path, Index most = Index{1} << 30) {
  Descriptor const file = open_file("read", path, O_RDONLY);
  std::string all;
  for (std::size_t piece = 1 << 16;; piece = std::min(2 * piece, std::size_t{1} << 24)) {
    std::size_t const before = all.size();
    all.resize(before + piece);
    ssize_t const n = uninterrupted([&] { return ::read(file, all.data() + before, piece); });
    if (n < 0) throw_errno("read", path);
    all.resize(before + static_cast<std::size_t>(n));
    if (n == 0) return all;
    expects(static_cast<Index>(all.size()) <= most, "cannot read ", path, ": it has more than ", most, " bytes");
  }
}

// Whether there is anything of that name, a folder too.
inline bool file_exists(std::string const& path) {
  struct stat about;
  return ::stat(path.c_str(), &about) == 0;
}

// "a/b" for "a/b/c", "." for "c".
inline std::string folder_of(std::string const& path) {
  auto const slash = path.rfind('/');
  return slash == path.npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

// The folder and those above it exist afterwards.
inline void ensure_folder(std::string const& path) {
  for (std::size_t end = 0; end != path.npos;) {
    end = path.find('/', end + 1);
    std::string const part = path.substr(0, end);
    struct stat about;
    if (part.empty() || (::stat(part.c_str(), &about) == 0 && S_ISDIR(about.st_mode))) continue;
    if (::mkdir(part.c_str(), 0777) != 0 && !(errno == EEXIST && ::stat(part.c_str(), &about) == 0 && S_ISDIR(about.st_mode)))
      throw_errno("make the folder", part);
  }
}

inline void sync_folder(std::string const& path) {
  Descriptor const folder = open_file("sync the folder", path, O_RDONLY | O_DIRECTORY);
  if (::fsync(folder) != 0 && errno != EINVAL && errno != EROFS) throw_errno("sync the folder", path);      // EINVAL: it knows no sync
}

// Held while a program works in a folder, so that a second one which would write there is refused. It ends with the program, however that
// ends, and leaves no file behind; a file system without locks lets everyone in.
class FolderLock {
 public:
  explicit FolderLock(std::string const& path) : folder_(open_file("lock the folder", path, O_RDONLY | O_DIRECTORY)) {
    if (uninterrupted([&] { return ::flock(folder_, LOCK_EX | LOCK_NB); }) != 0 && errno == EWOULDBLOCK)
      throw error(text(path, ": another program is working in this folder; wait until it ends, or choose another folder"));
  }

 private:
  Descriptor folder_;
};

// What an AtomicFile tells whoever asks: so many bytes are in the partial file; it is on the disk; it has its name.
// A test that passes a function which raises SIGKILL sees what a crash at that moment leaves.
enum class SaveStage { writing, synced, renamed };
using SaveHook = std::function<void(SaveStage, Index bytes)>;  // told at each stage; tests stop there

class AtomicFile {
 public:
  explicit AtomicFile(std::string path, SaveHook told = {}) : path_(std::move(path)), partial_(path_ + ".partial"), told_(std::move(told)) {
    struct stat before;
    bool const there = ::stat(path_.c_str(), &before) == 0;
    expects(!there || S_ISREG(before.st_mode), "cannot write ", path_, ": it is not an ordinary file");
    open_partial();
    if (there) ::fchmod(file_, before.st_mode & 07777);
  }
  AtomicFile(AtomicFile&&) = default;
  ~AtomicFile() {
    if (file_ >= 0) ::unlink(partial_.c_str());      // not committed: an error is on its way to whoever asked for the file
  }

  void write(void const* data, Index bytes) {
    constexpr Index piece = Index{1} << 20;
    auto const* from = static_cast<char const*>(data);
    for (Index n = 0; bytes > 0; from += n, bytes -= n) {
      n = std::min(bytes, piece);
      if (!write_all(file_, from, static_cast<std::size_t>(n))) failed();
      written_ += n;
      if (told_) told_(SaveStage::writing, written_);
    }
  }

  Index written() const { return written_; }
  std::string const& path() const { return path_; }

  void commit() {
    if (uninterrupted([&] { return ::fsync(file_); }) != 0) failed();
    if (told_) told_(SaveStage::synced, written_);
    if (::rename(partial_.c_str(), path_.c_str()) != 0) failed();
    file_ = Descriptor();
    if (told_) told_(SaveStage::renamed, written_);
    sync_folder(folder_of(path_));
  }

 private:
  [[noreturn]] void failed() const {
    throw_errno("write", path_, text(" (after ", written_, " bytes); what was there before is untouched"));
  }

  // Opened and locked: two programs that write the same path do not mix their bytes. Between the two calls the file may have been
  // given its final name by the other program; then it is no longer ours to write.
  void open_partial() {
    for (int attempt = 0;; ++attempt) {
      expects(attempt < 100, "cannot write ", path_, ": ", partial_, " is replaced all the time by another program");
      file_ = open_file("write", partial_, O_WRONLY | O_CREAT);
      if (uninterrupted([&] { return ::flock(file_, LOCK_EX | LOCK_NB); }) != 0 && errno == EWOULDBLOCK) {
        file_ = Descriptor();
        throw error(text("cannot write ", path_, ": another program is writing ", partial_));
      }
      struct stat mine, named;
      if (::fstat(file_, &mine) == 0 && ::stat(partial_.c_str(), &named) == 0 && mine.st_ino == named.st_ino && mine.st_dev == named.st_dev)
        break;
    }
    if (::ftruncate(file_, 0) != 0) failed();
  }

  std::string path_, partial_;
  SaveHook told_;
  Descriptor file_;
  Index written_ = 0;
};

inline void replace_file(std::string const& path, std::string_view content, SaveHook told = {}) {
  AtomicFile file(path, std::move(told));
  file.write(content.data(), static_cast<Index>(content.size()));
  file.commit();
}

// Paths of the files in `folder` named PREFIX NUMBER SUFFIX, in the order of their numbers.
inline std::vector<std::string> numbered_files(std::string const& folder, std::string_view prefix, std::string_view suffix) {
  std::map<std::string, std::string> found;          // from how many digits without leading zeros, the digits, the name; to the path
  DIR* const entries = ::opendir(folder.c_str());
  if (!entries) throw_errno("list the folder", folder);
  while (dirent const* entry = ::readdir(entries)) {
    std::string_view name = entry->d_name;
    if (name.size() <= prefix.size() + suffix.size() || !name.starts_with(prefix) || !name.ends_with(suffix)) continue;
    name = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
    if (name.find_first_not_of("0123456789") != name.npos) continue;
    name.remove_prefix(std::min(name.find_first_not_of('0'), name.size() - 1));
    found.insert({static_cast<char>(name.size()) + std::string(name) + entry->d_name, folder + "/" + entry->d_name});
  }
  ::closedir(entries);
  std::vector<std::string> paths;
  for (auto& [key, path] : found) paths.push_back(std::move(path));
  return paths;
}

// Removes all but the `keep` files with the highest numbers.
inline void keep_last(std::string const& folder, std::string_view prefix, std::string_view suffix, Index keep) {
  expects(keep >= 1, "cannot keep the last ", keep, " files of ", folder, ": keep at least one");
  auto const paths = numbered_files(folder, prefix, suffix);
  for (std::size_t i = 0; i + static_cast<std::size_t>(keep) < paths.size(); ++i)
    if (::unlink(paths[i].c_str()) != 0) throw_errno("remove", paths[i]);
}

}  // namespace afire
