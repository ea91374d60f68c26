// tests/support/jpeg.hpp -- JPEG files of every kind, written through libjpeg
//
//   std::string const bytes = jpeg_files::written({.from = JCS_RGB, .channels = 3, .progressive = true}, 20, 30);
#pragma once
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include <afire/data/jpeg.hpp>

namespace afire_test::jpeg_files {

using afire::Index;

struct Kind {
  J_COLOR_SPACE from = JCS_GRAYSCALE;
  int channels = 1;
  bool progressive = false, subsampled = false, arithmetic = false;
  std::vector<jpeg_scan_info> scans = {};
  bool stored_as_rgb = false;              // not as luma and two chromas
  int quality = 95;
};

// Smooth, so that compression changes little.
inline double wave(Index y, Index x, int channel) {
  return 128 + 50 * std::sin(0.2 * static_cast<double>(y) + channel) + 50 * std::cos(0.15 * static_cast<double>(x) - channel);
}

// pixel(y, x, channel): 0 ... 255
template <class Pixel>
std::string written(Kind const& kind, Index height, Index width, Pixel pixel) {
  jpeg_compress_struct info = {};
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* memory = nullptr;
  unsigned long bytes = 0;
  jpeg_mem_dest(&info, &memory, &bytes);
  info.image_height = static_cast<JDIMENSION>(height), info.image_width = static_cast<JDIMENSION>(width);
  info.input_components = kind.channels, info.in_color_space = kind.from;
  jpeg_set_defaults(&info);
  if (kind.stored_as_rgb) jpeg_set_colorspace(&info, JCS_RGB);
  jpeg_set_quality(&info, kind.quality, TRUE);
  if (!kind.subsampled) info.comp_info[0].h_samp_factor = info.comp_info[0].v_samp_factor = 1;
  if (kind.progressive) jpeg_simple_progression(&info);
  if (!kind.scans.empty()) info.scan_info = kind.scans.data(), info.num_scans = static_cast<int>(kind.scans.size());
  info.arith_code = kind.arithmetic;
  jpeg_start_compress(&info, TRUE);
  std::vector<JSAMPLE> row(static_cast<std::size_t>(width * kind.channels));
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x)
      for (int c = 0; c < kind.channels; ++c)
        row[static_cast<std::size_t>(x * kind.channels + c)] = static_cast<JSAMPLE>(pixel(y, x, c));
    JSAMPROW pointer = row.data();
    jpeg_write_scanlines(&info, &pointer, 1);
  }
  jpeg_finish_compress(&info);
  std::string const file(reinterpret_cast<char const*>(memory), bytes);
  jpeg_destroy_compress(&info);
  std::free(memory);
  return file;
}
inline std::string written(Kind const& kind, Index height, Index width) {
  return written(kind, height, width, [](Index y, Index x, int channel) { return std::lround(wave(y, x, channel)); });
}

// A progressive film whose last scan stands there again and again.
inline std::string many_scans(int scans, Index side) {
  jpeg_scan_info const dc{1, {0, 0, 0, 0}, 0, 0, 0, 0}, ac{1, {0, 0, 0, 0}, 1, 63, 0, 0};
  auto const file = written({.scans = {dc, ac}}, side, side);
  auto const last = file.rfind("\xff\xda"), end = file.size() - 2;
  std::string bomb = file.substr(0, end);
  for (int i = 1; i < scans; ++i) bomb += file.substr(last, end - last);
  return bomb + "\xff\xd9";
}

}  // namespace afire_test::jpeg_files
