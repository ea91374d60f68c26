// needs: png jpeg
// One reader for several formats: told apart by content, every error with the path.
#include <doctest/doctest.h>

#include <sys/stat.h>

#include <afire/data/jpeg.hpp>
#include <afire/data/png.hpp>
#include <afire/data/read_film.hpp>

#include "tests/support/message.hpp"
#include "tests/support/temporary.hpp"

using namespace afire;

namespace {

struct Sixteen {
  static constexpr char const* name = "Sixteen";
  static bool recognises(std::string_view file) { return file == "sixteen"; }
  static Picture read(std::string_view) {
    Picture picture;
    picture.bits = 16;
    picture.words = Image<std::uint16_t>(1, 2);
    picture.words.pixels = {256, 4095};
    return picture;
  }
};

}  // namespace

TEST_CASE("a film is read by what it is, not by its name") {
  afire_test::TemporaryFolder const folder;
  Film film(4, 6);
  film.pixels[3] = 200;
  write_png(folder / "film.jpg", film);
  CHECK(FilmReader<Png, Jpeg>{}(folder / "film.jpg") == film);
  CHECK(FilmReader<Jpeg, Png>{}(folder / "film.jpg") == film);
  CHECK(FilmReader<Png>{}(folder / "film.jpg") == film);
  CHECK(afire_test::message([&] { FilmReader<Jpeg>{}(folder / "film.jpg"); }) ==
        folder / "film.jpg" + ": no film: its first bytes 89 50 4e 47 are not those of a JPEG file");
}

TEST_CASE("what is no film is said to be none, with its path") {
  afire_test::TemporaryFolder const folder;
  FilmReader<Png, Jpeg> const read;
  auto const refusal = [&](std::string const& path) { return afire_test::message([&] { read(path); }); };
  auto const says = [&](std::string const& content) {
    replace_file(folder / "x", content);
    auto const words = refusal(folder / "x");
    REQUIRE(words.starts_with(folder / "x: "));
    return words.substr((folder / "x: ").size());
  };
  CHECK(says("") == "the file is empty");
  CHECK(says("a") == "no film: its first bytes 61 are not those of a PNG or JPEG file");
  CHECK(says("GIF89a") == "no film: its first bytes 47 49 46 38 are not those of a PNG or JPEG file");
  CHECK(says(std::string(128, '\0') + "DICM" + "more") == "a DICOM file, which is not read here; export it as PNG");
  CHECK(says("\x89PNG\r\n\x1a\n").starts_with("a broken PNG: "));
  CHECK(says("\xff\xd8\xff").starts_with("a broken JPEG: "));
  CHECK(refusal(folder / "nowhere.png") == "cannot read " + (folder / "nowhere.png") + ": No such file or directory");
  CHECK(refusal(folder.path()) == "cannot read " + folder.path() + ": it is a folder");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(refusal(folder / "pipe") == "cannot read " + (folder / "pipe") + ": it is not an ordinary file");
}

TEST_CASE("the range reaches films of more than 8 bits, also of a format of one's own") {
  afire_test::TemporaryFolder const folder;
  auto const path = folder / "film";
  replace_file(path, "sixteen");
  CHECK(FilmReader<Sixteen>{}(path).pixels == std::vector<std::uint8_t>{1, 16});
  CHECK(FilmReader<Sixteen>{Range::min_max}(path).pixels == std::vector<std::uint8_t>{0, 255});
  CHECK(FilmReader<Png, Sixteen>{Range::twelve_bits}(path).pixels == std::vector<std::uint8_t>{16, 255});
}
