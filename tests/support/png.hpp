// tests/support/png.hpp -- PNG files of every kind, written through libpng
//
//   std::string const bytes = png_files::written({PNG_COLOR_TYPE_GRAY, 1, 16, PNG_INTERLACE_NONE}, 5, 7);
#pragma once
#include <afire/core/rng.hpp>
#include <afire/data/png.hpp>

namespace afire_test::png_files {

using afire::Index;
using afire::Purpose;
using afire::Random;

// Samples as PNG counts them: `depth` bits each, `channels` a pixel (a palette has one).
struct Kind {
  int colour, channels, depth, interlace;
};

inline unsigned sample(Kind const& kind, Index y, Index x, int channel) {
  auto const at = static_cast<std::uint64_t>((y * 64 + x) * 4 + channel);
  return Random(5, Purpose::test).bits(at) & ((1u << kind.depth) - 1u);
}

inline png_color palette_entry(unsigned i) {
  return {static_cast<png_byte>(i * 7 + 1), static_cast<png_byte>(i * 3 + 20), static_cast<png_byte>(255 - i)};
}

inline std::string written(Kind const& kind, Index height, Index width, bool with_extras = false) {
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

}  // namespace afire_test::png_files
