// needs: png
// PNG files of every kind, written here through libpng, and files that are broken in every place.
#include <doctest/doctest.h>

#include <afire/core/rng.hpp>
#include <afire/data/png.hpp>

#include "tests/support/message.hpp"
#include "tests/support/temporary.hpp"

using namespace afire;

namespace {

// Samples as PNG counts them: `depth` bits each, `channels` a pixel (a palette has one).
struct Kind {
  int colour, channels, depth, interlace;
};

unsigned sample(Kind const& kind, Index y, Index x, int channel) {
  auto const at = static_cast<std::uint64_t>((y * 64 + x) * 4 + channel);
  return Random(5, Purpose::test).bits(at) & ((1u << kind.depth) - 1u);
}

png_color palette_entry(unsigned i) {
  return {static_cast<png_byte>(i * 7 + 1), static_cast<png_byte>(i * 3 + 20), static_cast<png_byte>(255 - i)};
}

std::string written(Kind const& kind, Index height, Index width, bool with_extras = false) {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  std::string file;
  png_set_write_fn(png, &file, [](png_structp p, png_bytep from, std::size_t n) {
    static_cast<std::string*>(png_get_io_ptr(p))->append(reinterpret_cast<char const*>(from), n);
  }, nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), kind.depth, kind.colour, kind.interlace, 0, 0);
  std::vector<png_color> palette;
  for (unsigned i = 0; i < 1u << std::min(kind.depth, 8); ++i) palette.push_back(palette_entry(i));
  if (kind.colour == PNG_COLOR_TYPE_PALETTE) png_set_PLTE(png, info, palette.data(), static_cast<int>(palette.size()));
  if (with_extras) {
    png_byte const transparent[2] = {0, 100};
    png_color_16 const grey = {0, 1, 1, 1, 1};
    if (!(kind.colour & PNG_COLOR_MASK_ALPHA)) png_set_tRNS(png, info, transparent, 2, &grey);
    png_set_gAMA(png, info, 0.7);
    png_set_pHYs(png, info, 1, 2, PNG_RESOLUTION_METER);
  }
  std::vector<std::vector<png_byte>> rows;
  std::vector<png_bytep> pointers;
  for (Index y = 0; y < height; ++y) {
    auto& row = rows.emplace_back(static_cast<std::size_t>((width * kind.channels * kind.depth + 7) / 8));
    std::size_t bit = 0;
    for (Index x = 0; x < width; ++x)
      for (int c = 0; c < kind.channels; ++c)
        for (int b = kind.depth - 1; b >= 0; --b, ++bit)
          row[bit / 8] = static_cast<png_byte>(row[bit / 8] | ((sample(kind, y, x, c) >> b & 1u) << (7 - bit % 8)));
  }
  for (auto& row : rows) pointers.push_back(row.data());
  png_write_info(png, info);
  png_write_image(png, pointers.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return file;
}

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
