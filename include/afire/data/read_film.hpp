// afire/data/read_film.hpp -- a film file of any of some formats, told apart by its first bytes and not by its name
//
//   FilmReader<Png, Jpeg> read;                             // data/png.hpp, data/jpeg.hpp
//   FilmReader<Png> read{Range::percentiles};               // how more than 8 bits become 8: data/picture.hpp
//   Film film = read("a/b.png");                            // 8-bit grey (H, W)
//
// A format is a type with a name, recognises(first bytes) and read(all bytes) -> Picture. Every error names the path.
#pragma once
#include <new>

#include <afire/data/picture.hpp>
#include <afire/io/file.hpp>

namespace afire {

template <class... Formats>
struct FilmReader {
  static_assert(sizeof...(Formats) > 0, "afire: a FilmReader needs a format, for example FilmReader<Png, Jpeg>");

  Range range = Range::full;

  Film operator()(std::string const& path) const {
    struct stat about;
    if (::stat(path.c_str(), &about) != 0) throw_errno("read", path);
    expects(S_ISREG(about.st_mode), "cannot read ", path, ": it is ", S_ISDIR(about.st_mode) ? "a folder" : "not an ordinary file");
    std::string const file = read_file(path);
    try {
      Picture picture;
      if (!(read_as<Formats>(file, picture) || ...)) throw error(what_it_is(file));
      return to_film(std::move(picture), range);
    } catch (error const& e) {
      throw error(text(path, ": ", e.what()));
    } catch (std::bad_alloc const&) { throw error(text(path, ": not enough memory for its pixels")); }
  }

 private:
  template <class Format>
  static bool read_as(std::string const& file, Picture& to) {
    if (!Format::recognises(file)) return false;
    to = Format::read(file);
    return true;
  }

  static std::string what_it_is(std::string_view file) {
    if (file.empty()) return "the file is empty";
    if (file.size() > 132 && file.substr(128, 4) == "DICM") return "a DICOM file, which is not read here; export it as PNG";
    std::string words = "no film: its first bytes";
    for (char const c : file.substr(0, 4)) {
      char digits[8];
      std::snprintf(digits, sizeof digits, " %02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      words += digits;
    }
    words += " are not those of a ";
    bool first = true;
    ((words += first ? "" : " or ", words += Formats::name, first = false), ...);
    return words + " file";
  }
};

}  // namespace afire
