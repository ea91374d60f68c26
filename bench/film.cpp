// bench/film.cpp -- how many films one core makes ready for a step in a second, from JPEG files of 256 pixels in memory: film/PART
// needs: jpeg
//
//   ./run bench film
//
// decode; resize, with that; lesions, with both: all that happens to a film that no cache holds. The goal is 700 of them in a second.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <afire/data/resize.hpp>
#include <afire/ssl/masking.hpp>
#include <bench/support/chest.hpp>
#include <tests/support/jpeg.hpp>

using namespace afire;

namespace {

constexpr Index side = 256;

std::string jpeg_of(Tensor<std::uint8_t, 2> const& film) {
  return afire_test::jpeg_files::written({.quality = 90}, side, side, [&](Index y, Index x, int) { return film(y, x); });
}

enum Part { decode, resize, lesions };

void film(benchmark::State& state, Part last) {
  std::vector<std::string> files;
  for (std::uint64_t row = 0; row < 64; ++row) files.push_back(jpeg_of(bench::chest(row, side)));
  Tensor<std::uint8_t, 2> clean(224, 224), seen(224, 224), mask(224, 224);
  Tensor<std::uint8_t, 1> map(196);
  Resizer<std::uint8_t> resizer;
  SyntheticLesion const lesion;
  SyntheticLesion::Room room;
  std::uint64_t row = 0;
  for (auto _ : state) {
    Film const full = to_film(Jpeg::read(files[row % files.size()]), Range::full);
    if (last >= resize) resizer(full.plane(), clean.view());
    if (last == lesions) {
      lesion(Random(1, Purpose::lesion, 0, row), clean, seen, mask, room);
      lesion_patches(mask, 16, map, lesion.patch_share);
    }
    benchmark::DoNotOptimize(full.pixels.data());
    benchmark::DoNotOptimize(clean.data());
    benchmark::DoNotOptimize(map.data());
    ++row;
  }
  state.counters["images_per_s"] = benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

BENCHMARK_CAPTURE(film, decode, decode);
BENCHMARK_CAPTURE(film, resize, resize);
BENCHMARK_CAPTURE(film, lesions, lesions);

}  // namespace
