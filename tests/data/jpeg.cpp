// needs: jpeg
// JPEG files of every kind, written here through libjpeg, and files that are broken.
#include <doctest/doctest.h>

#include <afire/core/rng.hpp>

#include "tests/support/jpeg.hpp"
#include "tests/support/message.hpp"

using namespace afire;
using namespace afire_test::jpeg_files;

namespace {

Kind const grey{}, colour{JCS_RGB, 3}, progressive{JCS_RGB, 3, true, true};

Film film_of(std::string const& file) { return to_film(Jpeg::read(file)); }
std::string refusal(std::string const& file) { return afire_test::message([&] { film_of(file); }); }

// The frame header: FF Cn, length, precision, height, width.
std::size_t frame_of(std::string const& file) {
  for (std::size_t at = 2; at + 4 < file.size();) {
    auto const marker = static_cast<unsigned char>(file[at + 1]);
    if ((0xc0 <= marker && marker <= 0xc2) || marker == 0xc9 || marker == 0xca) return at;          // c9, ca: arithmetic codes
    at += 2 + static_cast<std::size_t>(static_cast<unsigned char>(file[at + 2]) * 256 + static_cast<unsigned char>(file[at + 3]));
  }
  return 0;
}

std::string claiming(std::string file, unsigned height, unsigned width) {
  std::size_t const at = frame_of(file);
  file[at + 5] = static_cast<char>(height >> 8), file[at + 6] = static_cast<char>(height);
  file[at + 7] = static_cast<char>(width >> 8), file[at + 8] = static_cast<char>(width);
  return file;
}

}  // namespace

TEST_CASE("every kind of JPEG becomes the grey film that it shows") {
  Kind const subsampled{JCS_RGB, 3, false, true}, grey_progressive{JCS_GRAYSCALE, 1, true}, arithmetic{JCS_RGB, 3, false, false, true};
  Kind const rgb{.from = JCS_RGB, .channels = 3, .stored_as_rgb = true};
  for (Kind const& kind : {grey, colour, progressive, subsampled, grey_progressive, arithmetic, rgb})
    for (Index const width : {1, 8, 45}) {
      auto const file = written(kind, 31, width);
      REQUIRE(Jpeg::recognises(file));
      Film const film = film_of(file);
      REQUIRE(film.height == 31);
      REQUIRE(film.width == width);
      REQUIRE(film.channels == 1);
      double worst = 0;
      for (Index y = 0; y < 31; ++y)
        for (Index x = 0; x < width; ++x) {
          double const wanted = kind.channels == 1 ? wave(y, x, 0) : 0.299 * wave(y, x, 0) + 0.587 * wave(y, x, 1) + 0.114 * wave(y, x, 2);
          worst = std::max(worst, std::abs(film.plane()(y, x) - wanted));
        }
      CHECK(worst < 8);
    }
}

TEST_CASE("a JPEG that is cut short anywhere is an error") {
  for (Kind const& kind : {grey, colour, progressive}) {
    auto const file = written(kind, 16, 24);
    for (std::size_t n = 0; n < file.size(); ++n) {
      CAPTURE(n);
      CHECK(refusal(file.substr(0, n)).starts_with("a broken JPEG: "));
    }
    CHECK(refusal(file.substr(0, file.size() - 20)) == "a broken JPEG: Premature end of JPEG file");
    CHECK_NOTHROW(film_of(file + "words after the end"));
  }
}

TEST_CASE("a JPEG with any bytes changed is a film of its size or an error") {
  int errors = 0;
  for (Kind const& kind : {grey, progressive}) {
    auto const file = written(kind, 24, 24);
    for (std::size_t n = 0; n < file.size(); ++n)
      for (int const change : {0x01, 0x80, 0xff}) {
        auto broken = file;
        broken[n] = static_cast<char>(broken[n] ^ change);
        try {
          Film const film = film_of(broken);
          CHECK(film.size() == film.height * film.width);
        } catch (error const&) { ++errors; }
      }
  }
  CHECK(errors > 300);
}

TEST_CASE("a JPEG takes no more memory than its bytes can fill") {
  auto const file = written(grey, 16, 16);
  CHECK(refusal(claiming(file, 60000, 60000)) == "it claims to have 60000 x 60000 pixels; at most 268435456 are read");
  CHECK(refusal(claiming(file, 10000, 10000)) ==
        text("a broken JPEG: it claims to have 10000 x 10000 pixels, which ", file.size(), " bytes cannot hold"));
  auto const arithmetic = written({JCS_RGB, 3, false, false, true}, 16, 16);
  CHECK(refusal(claiming(arithmetic, 10000, 10000)) ==
        text("a broken JPEG: it claims to have 10000 x 10000 pixels, which ", arithmetic.size(), " bytes cannot hold"));
  CHECK(refusal(claiming(file, 0, 16)).starts_with("a broken JPEG: "));
  CHECK(refusal(claiming(file, 64, 64)).starts_with("a broken JPEG: "));            // possible, but the data end too early
}

TEST_CASE("a JPEG of many empty scans is an error before it takes an hour") {
  CHECK_NOTHROW(film_of(many_scans(1, 16)));
  CHECK(refusal(many_scans(600, 16)) == "a broken JPEG: more than 500 scans");
}

TEST_CASE("JPEG with 12 bits or four channels is refused in words") {
  auto file = written(grey, 16, 16);
  file[frame_of(file) + 4] = 12;
  CHECK(refusal(file) == "a broken JPEG: Unsupported JPEG data precision 12");
  CHECK(refusal(written({JCS_CMYK, 4}, 16, 16)) == "a broken JPEG: 4 channels that are neither grey nor RGB");
}
