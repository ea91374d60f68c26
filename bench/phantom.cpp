// How many phantom films one core draws in a second.
#include <benchmark/benchmark.h>

#include <afire/data/phantom.hpp>

using namespace afire;

namespace {

void load(benchmark::State& state) {
  PhantomFilms const films{.count = 1 << 20};
  Tensor<std::uint8_t, 2> film(state.range(0), state.range(0));
  Index row = 0;
  for (auto _ : state) {
    films.load(row++, film);
    benchmark::DoNotOptimize(film.data());
  }
  state.counters["images_per_s"] = benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

BENCHMARK(load)->ArgName("side")->Arg(64)->Arg(224)->Arg(512)->Unit(benchmark::kMillisecond);

}  // namespace
