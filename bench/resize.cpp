// How many films one core makes 224 x 224 in a second.
#include <benchmark/benchmark.h>

#include <afire/core/rng.hpp>
#include <afire/data/resize.hpp>

using namespace afire;

namespace {

void resize_to_224(benchmark::State& state, Filter filter) {
  Film in(state.range(0), state.range(1)), out(224, 224);
  for (std::size_t i = 0; i < in.pixels.size(); ++i) in.pixels[i] = static_cast<std::uint8_t>(Random(1, Purpose::test).bits(i));
  Resizer<std::uint8_t> resizer(filter);
  for (auto _ : state) {
    resizer(in.plane(), out.plane());
    benchmark::DoNotOptimize(out.pixels.data());
  }
  state.counters["images_per_s"] = benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

BENCHMARK_CAPTURE(resize_to_224, bilinear, Filter::bilinear)->Args({256, 256})->Args({302, 256})->Args({1024, 1024})->Args({2500, 2048});
BENCHMARK_CAPTURE(resize_to_224, lanczos, Filter::lanczos)->Args({256, 256});

}  // namespace
