// bench/step.cpp -- one whole training step of AFiRe: step/MODEL/TYPE/BACKEND/batch:B, and .../BACKEND/recompute/batch:B, whose blocks keep
// their input alone
// needs: onednn openmp
//
//   ./run bench step --benchmark_filter=step/small/bf16
//
// Counters: images_per_s; tflops, the step's products by its time, without those that are computed again; gemm_tflops, one large product
// measured in the same process just before; share = tflops / gemm_tflops; peak_rss_mib of the process so far (run one benchmark at a time
// to read it).
#include <sys/resource.h>

#include <benchmark/benchmark.h>

#include <afire/backend/onednn.hpp>
#include <afire/ssl/cost.hpp>
#include <bench/support/gemm_rate.hpp>
#include <bench/support/step_trainer.hpp>

using namespace afire;

namespace {

template <class T>
void step(benchmark::State& state, ViTConfig vit, bench::Checkpoints checkpointing) {
  Index const batch = state.range(0);
  OneDnn cpu;
  auto trainer = bench::step_trainer<T>(cpu, vit, batch, checkpointing);
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
  for (bool const recompute : {false, true})
    benchmark::RegisterBenchmark(text("step/", model, "/", type_name<T>(), "/onednn", recompute ? "/recompute" : "").c_str(), step<T>, vit,
                                 bench::Checkpoints{recompute})
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
