// needs: png
// PNG files of every kind, written here through libpng, and files that are broken in every place.
#include <doctest/doctest.h>

#include "tests/support/message.hpp"
#include "tests/support/png.hpp"
#include "tests/support/temporary.hpp"

using namespace afire;
using namespace afire_test::png_files;

namespace {

// What the film must be, from the samples.
std::uint8_t wanted(Kind const& kind, Index y, Index x) {
  unsigned const most = (1u << kind.depth) - 1u;
  auto const weighted = [](unsigned r, unsigned g, unsigned b) { return (9798 * r + 19235 * g + 3735 * b + 16384) >> 15; };
  if (kind.colour == PNG_COLOR_TYPE_PALETTE) {
    auto const c = palette_entry(sample(kind, y, x, 0));
    return static_cast<std::uint8_t>(weighted(c.red, c.green, c.blue));
  }
  auto const channel = [&](int c) { return sample(kind, y, x, c); };
  unsigned const grey = kind.channels < 3 ? channel(0) : weighted(channel(0), channel(1), channel(2));
  return static_cast<std::uint8_t>(std::lround(255.0 * grey / most));
}

Film film_of(std::string const& file) { return to_film(Png::read(file)); }
std::string refusal(std::string const& file) { return afire_test::message([&] { film_of(file); }); }

Film noise(Index height, Index width, Index channels) {
  Film film(height, width, channels);
  for (std::size_t i = 0; i < film.pixels.size(); ++i) film.pixels[i] = static_cast<std::uint8_t>(Random(1, Purpose::test).bits(i));
  return film;
}

std::string big_endian(std::uint32_t n) {
  return {static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8), static_cast<char>(n)};
}

std::string chunk(std::string const& name_and_data) {
  std::uint32_t crc = 0xffffffffu;
  for (char const c : name_and_data) {
    crc ^= static_cast<unsigned char>(c);
    for (int k = 0; k < 8; ++k) crc = crc >> 1 ^ (crc & 1u ? 0xedb88320u : 0u);
  }
  return big_endian(static_cast<std::uint32_t>(name_and_data.size() - 4)) + name_and_data + big_endian(~crc);
}

constexpr Kind kinds[] = {{PNG_COLOR_TYPE_GRAY, 1, 1, 0}, {PNG_COLOR_TYPE_GRAY, 1, 2, 0}, {PNG_COLOR_TYPE_GRAY, 1, 4, 0},
                          {PNG_COLOR_TYPE_GRAY, 1, 8, 0}, {PNG_COLOR_TYPE_GRAY, 1, 16, 0}, {PNG_COLOR_TYPE_GRAY_ALPHA, 2, 8, 0},
                          {PNG_COLOR_TYPE_GRAY_ALPHA, 2, 16, 0}, {PNG_COLOR_TYPE_RGB, 3, 8, 0}, {PNG_COLOR_TYPE_RGB, 3, 16, 0},
                          {PNG_COLOR_TYPE_RGB_ALPHA, 4, 8, 0}, {PNG_COLOR_TYPE_RGB_ALPHA, 4, 16, 0}, {PNG_COLOR_TYPE_PALETTE, 1, 1, 0},
                          {PNG_COLOR_TYPE_PALETTE, 1, 2, 0}, {PNG_COLOR_TYPE_PALETTE, 1, 4, 0}, {PNG_COLOR_TYPE_PALETTE, 1, 8, 0}};

}  // namespace

TEST_CASE("what is written is read") {
  Film const grey = noise(13, 29, 1), colour = noise(7, 5, 3);
  CHECK(Png::read(encode_png(grey)).bytes == grey);
  CHECK(Png::read(encode_png(colour)).bytes == colour);
  afire_test::TemporaryFolder const folder;
  write_png(folder / "grey.png", grey);
  CHECK(film_of(read_file(folder / "grey.png")) == grey);
}

TEST_CASE("what cannot be a picture is not written") {
  CHECK(afire_test::message([] { encode_png(Film(0, 3)); }) ==
        "cannot write a PNG of 0 x 3 pixels with 1 channels; one or three are possible");
  CHECK(afire_test::message([] { encode_png(Film(2, 3, 2)); }).ends_with("with 2 channels; one or three are possible"));
}

TEST_CASE("every kind of PNG becomes the same grey film, interlaced or not, transparent or not") {
  for (Kind kind : kinds)
    for (int const interlace : {PNG_INTERLACE_NONE, PNG_INTERLACE_ADAM7})
      for (bool const extras : {false, true}) {
        CAPTURE(kind.colour);
        CAPTURE(kind.depth);
        CAPTURE(interlace);
        CAPTURE(extras);
        kind.interlace = interlace;
        auto const file = written(kind, 11, 19, extras);
        REQUIRE(Png::recognises(file));
        Film const film = film_of(file);
        REQUIRE(film.height == 11);
        REQUIRE(film.width == 19);
        REQUIRE(film.channels == 1);
        bool same = true;
        for (Index y = 0; y < 11; ++y)
          for (Index x = 0; x < 19; ++x) same = same && film.plane()(y, x) == wanted(kind, y, x);
        CHECK(same);
      }
}

TEST_CASE("a PNG that is cut short anywhere is an error") {
  for (Kind const kind : {Kind{PNG_COLOR_TYPE_GRAY, 1, 16, 1}, Kind{PNG_COLOR_TYPE_PALETTE, 1, 8, 0}}) {
    auto const file = written(kind, 9, 8);
    for (std::size_t n = 0; n < file.size(); ++n) {
      CAPTURE(n);
      CHECK(refusal(file.substr(0, n)).starts_with("a broken PNG: "));
    }
    CHECK(refusal(file.substr(0, file.size() - 20)) == "a broken PNG: the file was cut short");
    CHECK_NOTHROW(film_of(file + "words after the end"));
  }
}

TEST_CASE("a PNG with any byte changed is an error") {
  for (Kind const kind : {Kind{PNG_COLOR_TYPE_GRAY, 1, 8, 0}, Kind{PNG_COLOR_TYPE_PALETTE, 1, 4, 1}}) {
    auto const file = written(kind, 9, 8);
    for (std::size_t n = 0; n < file.size(); ++n)
      for (int const change : {0x01, 0x20, 0xff}) {
        auto broken = file;
        broken[n] = static_cast<char>(broken[n] ^ change);
        CAPTURE(n);
        CHECK(refusal(broken).starts_with("a broken PNG: "));
      }
  }
}

TEST_CASE("a PNG takes no more memory than its bytes can fill") {
  auto const claiming = [](std::uint32_t width, std::uint32_t height) {
    return "\x89PNG\r\n\x1a\n" + chunk("IHDR" + big_endian(width) + big_endian(height) + std::string("\x08\x00\x00\x00\x00", 5)) +
           chunk("IDAT" + std::string(40, 'x')) + chunk("IEND");
  };
  CHECK(refusal(claiming(10000, 10000)) == "a broken PNG: it claims to have 10000 x 10000 pixels, which 97 bytes cannot hold");
  CHECK(refusal(claiming(900000, 900000)) == "it claims to have 900000 x 900000 pixels; at most 268435456 are read");
  CHECK(refusal(claiming(0x7fffffff, 0x7fffffff)).starts_with("a broken PNG: "));
  CHECK(refusal(claiming(0, 5)).starts_with("a broken PNG: "));
  CHECK(refusal(claiming(10, 10)).starts_with("a broken PNG: "));
}
