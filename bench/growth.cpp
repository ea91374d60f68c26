// bench/growth.cpp -- how the cost of a film and the memory grow: growth/image, growth/tokens, growth/batch, growth/films
// needs: onednn openmp
//
//   ./run bench growth --benchmark_filter=films
//
// image:S, tokens:L (224 pixels, patches of 32, 16 and 8) and batch:B are steps of ViT-T in bf16 with a decoder of 192 x 4. Counters:
//   ms_a_film; tokens; activations_mib, the plan of a step; activations_a_film_mib; weights_mib, with gradients, averages and moments,
//   which grow with L because every position has its own directions
// films:N reads a manifest of N lines that names no file that is there. Counters, nanoseconds for each line: read, all of it; filter, the
// same with half of the lines left out; shuffle, an epoch's order; rss_mib, what is resident more than before while both tables are held.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <benchmark/benchmark.h>

#include <afire/backend/onednn.hpp>
#include <afire/data/loader.hpp>
#include <afire/data/manifest.hpp>
#include <afire/io/file.hpp>
#include <bench/support/gemm_rate.hpp>
#include <bench/support/step_trainer.hpp>

using namespace afire;

namespace {

constexpr double mib = 1.0 / (1 << 20);

void steps(benchmark::State& state, ViTConfig const& vit, Index batch) {
  OneDnn cpu;
  auto trainer = bench::step_trainer<bf16>(cpu, vit, batch, {}, {.width = 192, .depth = 4, .heads = 6});
  trainer.schedule(1000, 10);
  bench::StepFilms const films(vit, batch);
  Micro<GreyPixels> micro = films.micro();
  trainer.step(std::span(&micro, 1));
  std::vector<double> times;
  for (auto _ : state) {
    double const begin = bench::seconds();
    benchmark::DoNotOptimize(trainer.step(std::span(&micro, 1)));
    times.push_back(bench::seconds() - begin);
  }
  std::nth_element(times.begin(), times.begin() + std::ssize(times) / 2, times.end());
  auto& method = trainer.method();
  double const films_of_step = static_cast<double>(batch), plan = static_cast<double>(method.arena().bytes());
  state.counters["ms_a_film"] = 1e3 * times[times.size() / 2] / films_of_step;
  state.counters["tokens"] = static_cast<double>(vit.tokens());
  state.counters["activations_mib"] = mib * plan;
  state.counters["activations_a_film_mib"] = mib * plan / films_of_step;
  state.counters["weights_mib"] = mib * static_cast<double>(method.student_store().bytes() + method.teacher_store().bytes() +
                                                            trainer.optimizer().bytes());
}

ViTConfig tiny(Index image, Index patch) {
  ViTConfig vit = vit_tiny;
  vit.image = image, vit.patch = patch;
  return vit;
}

void image(benchmark::State& state) { steps(state, tiny(state.range(0), 16), 8); }
void tokens(benchmark::State& state) {
  Index const along = state.range(0) == 49 ? 7 : state.range(0) == 196 ? 14 : 28;
  steps(state, tiny(224, 224 / along), 8);
}
void batch(benchmark::State& state) { steps(state, vit_tiny, state.range(0)); }

double resident_mib() {
#ifdef __GLIBC__
  malloc_trim(0);                          // what is free is not held back
#endif
  long pages = 0, ignored = 0;
  if (std::FILE* const file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%ld %ld", &ignored, &pages) != 2) pages = 0;
    std::fclose(file);
  }
  return static_cast<double>(pages) * 4096 * mib;
}

// Removes a file when it ends.
struct Scratch {
  std::string path = std::filesystem::temp_directory_path() / text("afire_growth_", ::getpid(), ".csv");
  ~Scratch() { std::remove(path.c_str()); }
};

void films(benchmark::State& state) {
  Index const N = state.range(0);
  Scratch const scratch;
  std::string lines = "file,patient_id,view,split,normal\n";
  for (Index n = 0; n < N; ++n)
    lines += text("p", n / 4, "/s", n % 4, "/film_", n, ".png,p", n / 4, n % 3 ? ",PA," : ",AP,", n % 2 ? "train," : "val,", n % 5 > 0,
                  "\n");
  replace_file(scratch.path, lines);
  lines = std::string();
  double read = 0, filter = 0, shuffle = 0, resident = 0;
  for (auto _ : state) {
    double const before = resident_mib();
    double const begin = bench::seconds();
    Manifest const all(scratch.path);
    double const mid = bench::seconds();
    Manifest const some(scratch.path, {.where = "split=train,view=PA|AP"});
    double const end = bench::seconds();
    resident = std::max(resident, resident_mib() - before);
    std::vector<Index> order(static_cast<std::size_t>(all.size()));
    double const again = bench::seconds();
    shuffle_epoch(order, 1, 0);
    benchmark::DoNotOptimize(order.data());
    read += mid - begin, filter += end - mid, shuffle += bench::seconds() - again;
    if (all.size() != N || some.size() != N / 2) state.SkipWithError("the manifest has other lines than were written");
  }
  double const each = 1e9 / (static_cast<double>(N) * static_cast<double>(state.iterations()));
  state.counters["read_ns"] = read * each, state.counters["filter_ns"] = filter * each, state.counters["shuffle_ns"] = shuffle * each;
  state.counters["rss_mib"] = resident;
}

auto* timed(benchmark::internal::Benchmark* b) { return b->UseRealTime()->Unit(benchmark::kMillisecond); }

[[maybe_unused]] bool const added = [] {
  timed(benchmark::RegisterBenchmark("growth/image", image)->ArgName("image")->Arg(64)->Arg(112)->Arg(224)->Arg(320)->Arg(448));
  timed(benchmark::RegisterBenchmark("growth/tokens", tokens)->ArgName("tokens")->Arg(49)->Arg(196)->Arg(784));
  timed(benchmark::RegisterBenchmark("growth/batch", batch)->ArgName("batch")->RangeMultiplier(2)->Range(1, 64));
  timed(benchmark::RegisterBenchmark("growth/films", films)->ArgName("films")->RangeMultiplier(10)->Range(1000, 1000000));
  return true;
}();

}  // namespace
