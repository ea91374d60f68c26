// bench/step.cpp -- one whole training step of AFiRe: step/MODEL/TYPE/BACKEND/batch:B
// needs: onednn openmp
//
//   ./run bench step --benchmark_filter=step/small/bf16
//
// Counters: images_per_s; tflops, the step's products by its time; gemm_tflops, one large product measured in the same process just
// before; share = tflops / gemm_tflops; peak_rss_mib of the process so far (run one benchmark at a time to read it).
#include <sys/resource.h>

#include <benchmark/benchmark.h>

#include <afire/backend/onednn.hpp>
#include <afire/ssl/cost.hpp>
#include <afire/ssl/masking.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/trainer.hpp>
#include <bench/support/gemm_rate.hpp>
#include <bench/support/step_films.hpp>

using namespace afire;

namespace {

template <class T>
void step(benchmark::State& state, ViTConfig vit) {
  Index const batch = state.range(0);
  OneDnn cpu;
  auto const objective = TokenContrast{Sinkhorn{.iterations = 3}} + 1.0 * Restoration<Everywhere>{};
  Trainer trainer{cpu, Compute<T>{}, vit, PerPositionHead{}, TransformerDecoder{}, Clean{}, Teacher<Ema>{}, objective,
                  AdamW{.lr = 1e-4}, TrainOptions{.batch = batch}};
  trainer.schedule(1000, 10);
  bench::StepFilms const films(vit, batch);
  Micro<GreyPixels> micro = films.micro();
  trainer.step(std::span(&micro, 1));
  double const gemm = bench::gemm_rate<T>(cpu, batch * (1 + vit.tokens()), 4 * vit.width, vit.width);
  for (auto _ : state) benchmark::DoNotOptimize(trainer.step(std::span(&micro, 1)));
  double const flops = step_flops(trainer.method()).all() * static_cast<double>(batch);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto const rate = [](double amount) { return benchmark::Counter(amount, benchmark::Counter::kIsIterationInvariantRate); };
  state.counters["images_per_s"] = rate(static_cast<double>(batch));
  state.counters["tflops"] = rate(flops * 1e-12);
  state.counters["gemm_tflops"] = gemm * 1e-12;
  state.counters["share"] = rate(flops / gemm);
  state.counters["peak_rss_mib"] = static_cast<double>(usage.ru_maxrss) / 1024;
}

template <class T>
void add(char const* model, ViTConfig vit) {
  benchmark::RegisterBenchmark(text("step/", model, "/", type_name<T>(), "/onednn").c_str(), step<T>, vit)
      ->ArgName("batch")->Arg(8)->Arg(32)->UseRealTime()->Unit(benchmark::kMillisecond)->MinTime(2.0);
}

[[maybe_unused]] bool const added = [] {
  for (auto const& [model, vit] : {std::pair{"tiny", vit_tiny}, {"small", vit_small}, {"base", vit_base}}) {
    add<float>(model, vit);
    add<bf16>(model, vit);
  }
  return true;
}();

}  // namespace
