// How many 224 x 224 views one core makes in a second, and where the time goes.
#include <benchmark/benchmark.h>

#include <afire/core/tensor.hpp>
#include <afire/data/views.hpp>
#include <afire/ssl/patch_shapes.hpp>

using namespace afire;

namespace {

Tensor<std::uint8_t, 2> grainy(Index side) {
  Random const grain(1, Purpose::test);
  Tensor<std::uint8_t, 2> film(side, side);
  for (Index y = 0; y < side; ++y)
    for (Index x = 0; x < side; ++x)
      film(y, x) = static_cast<std::uint8_t>(60 + y / 4 + grain.bits(static_cast<std::uint64_t>(y * side + x)) % 40);
  return film;
}

void rate(benchmark::State& state) {
  state.counters["images_per_s"] = benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

template <class Views>
void view(benchmark::State& state, Views const& views, Index side) {
  auto const film = grainy(256);
  Tensor<std::uint8_t, 2> clean(side, side), seen(side, side), mask(side, side);
  typename Views::Room room;
  std::uint64_t row = 0;
  for (auto _ : state) {
    views.view(Random(1, Purpose::lesion, 0, row), static_cast<Index>(row) % views.count(), film, clean, seen, mask, room);
    benchmark::DoNotOptimize(seen.data());
    ++row;
  }
  rate(state);
}
BENCHMARK_CAPTURE(view, two_crops, TwoCrops{}, 224);
BENCHMARK_CAPTURE(view, two_crops_not_turned, TwoCrops{.crops = {}}, 224);
BENCHMARK_CAPTURE(view, crops_only, TwoCrops{.crops = {}, .intensity = no_intensity}, 224);
BENCHMARK_CAPTURE(view, multi_crop, MultiCrop{}, 224);
BENCHMARK_CAPTURE(view, multi_crop_to_96, MultiCrop{}, 96);

void turn(benchmark::State& state) {
  auto const film = grainy(224);
  Tensor<std::uint8_t, 2> out(224, 224);
  for (auto _ : state) turn_film(film, 4, out);
  rate(state);
}
BENCHMARK(turn);

void blur_film(benchmark::State& state) {
  auto film = grainy(224);
  IntensityRoom room;
  for (auto _ : state) blur(film, 1.5, room);
  rate(state);
}
BENCHMARK(blur_film);

void noise(benchmark::State& state) {
  auto film = grainy(224);
  for (auto _ : state) add_noise(film, 4, Random(1, Purpose::augment), 0);
  rate(state);
}
BENCHMARK(noise);

template <class Shape>
void shape(benchmark::State& state, Shape const& hide) {
  Tensor<std::uint8_t, 2> map(14, 14);
  PatchRoom room;
  std::uint64_t row = 0;
  for (auto _ : state) {
    Draws draws(Random(1, Purpose::masking, 0, row++));
    hide(draws, map, room);
  }
  rate(state);
}
BENCHMARK_CAPTURE(shape, random_patches, RandomPatches{});
BENCHMARK_CAPTURE(shape, blocks, BlockPatches{});

}  // namespace
