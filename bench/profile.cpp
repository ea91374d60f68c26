// bench/profile.cpp -- where the time of a training step goes, and how near each part is to what the machine can do
// needs: onednn openmp
//
//   ./run bench profile [--model tiny|small|base] [--dtype f32|bf16] [--batch N] [--steps N] [--recompute] [--json FILE]
//
// A row for each product shape and row functor: calls, milliseconds a step, share, rate, and its roofline: the larger of FLOPs / GEMM rate
// and bytes / triad rate, both measured in this process before and after the steps; the better counts. The sum of the rooflines over the
// time of a step is the step's share of what is possible. Operands that stay in cache move faster than the triad: a row may be above 100 %.
#include <algorithm>
#include <cstdio>

#include <afire/io/file.hpp>
#include <afire/io/json.hpp>
#include <bench/support/asked.hpp>
#include <bench/support/profiled.hpp>
#include <bench/support/triad_rate.hpp>

using namespace afire;

namespace {

// A step's time without the clock around every verb, and the costs with it.
struct Measured {
  double step = 0, gemm = 0, triad = 0;    // seconds; operations a second; bytes a second
  std::map<std::string, bench::Cost> costs;
};

template <class T, class B>
auto timed_steps(B& be, ViTConfig const& vit, bench::Asked const& asked) {
  auto trainer = bench::step_trainer<T>(be, vit, asked.batch, asked.checkpointing);
  trainer.schedule(1000, 10);
  bench::StepFilms const films(vit, asked.batch);
  Micro<GreyPixels> micro = films.micro();
  auto const step = [&] { trainer.step(std::span(&micro, 1)); };
  step();
  if constexpr (requires { be.notes; }) be.notes->all.clear();
  std::vector<double> times;
  for (Index i = 0; i < asked.steps; ++i) {
    double const begin = bench::seconds();
    step();
    times.push_back(bench::seconds() - begin);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

template <class T>
Measured measure(ViTConfig const& vit, bench::Asked const& asked) {
  Measured m;
  OneDnn plain;
  auto const rate = [&] { return bench::gemm_rate<T>(plain, asked.batch * (1 + vit.tokens()), 4 * vit.width, vit.width); };
  m.gemm = rate();
  m.triad = bench::triad_rate();
  m.step = timed_steps<T>(plain, vit, asked);
  bench::Profiled be;
  timed_steps<T>(be, vit, asked);
  m.gemm = std::max(m.gemm, rate());                   // a machine that was busy before may be free by now
  m.triad = std::max(m.triad, bench::triad_rate());
  m.costs = be.notes->all;
  double const steps = static_cast<double>(asked.steps);
  for (auto& [name, cost] : m.costs) cost.seconds /= steps, cost.flops /= steps, cost.bytes /= steps;
  return m;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Asked const asked = bench::read_options(argc, argv, "profile");
  Measured const m = asked.dtype == "bf16" ? measure<bf16>(asked.vit(), asked) : measure<float>(asked.vit(), asked);

  std::vector<std::pair<std::string, bench::Cost>> rows(m.costs.begin(), m.costs.end());
  std::sort(rows.begin(), rows.end(), [](auto& x, auto& y) { return x.second.seconds > y.second.seconds; });
  double in_verbs = 0, roofline = 0, products = 0;
  Json list{Json::Array{}};
  std::printf("%s, %s, batch %ld%s: product %.0f GFLOP/s, triad %.1f GB/s\n\n%-44s %6s %9s %6s %9s %8s %9s\n", asked.model.c_str(),
              asked.dtype.c_str(), static_cast<long>(asked.batch), asked.checkpointing.recompute ? ", blocks computed again" : "",
              m.gemm * 1e-9, m.triad * 1e-9, "", "calls", "ms/step", "share", "GFLOP/s", "GB/s", "roofline");
  for (auto const& [name, cost] : rows) {
    double const bound = std::max(cost.flops / m.gemm, cost.bytes / m.triad);
    in_verbs += cost.seconds, roofline += bound;
    if (cost.flops > 0) products += cost.seconds;
    Index const calls = cost.calls / asked.steps;
    std::printf("%-44s %6ld %9.2f %5.1f%% %9.0f %8.1f %8.0f%%\n", name.c_str(), static_cast<long>(calls), cost.seconds * 1e3,
                100 * cost.seconds / m.step, cost.flops / cost.seconds * 1e-9, cost.bytes / cost.seconds * 1e-9,
                100 * bound / cost.seconds);
    list.push_back(json_object({{"name", name}, {"calls", calls}, {"seconds", cost.seconds}, {"flops", cost.flops}, {"bytes", cost.bytes},
                                {"roofline_seconds", bound}}));
  }
  std::printf("\nstep %.1f ms (%.2f films/s); with the clock around every verb: products and attention %.1f ms, row loops %.1f ms\n"
              "roofline %.1f ms: the step reaches %.0f %% of it\n",
              m.step * 1e3, static_cast<double>(asked.batch) / m.step, products * 1e3, (in_verbs - products) * 1e3, roofline * 1e3,
              100 * roofline / m.step);
  if (!asked.json.empty())
    replace_file(asked.json, write_json(json_object({{"model", asked.model}, {"dtype", asked.dtype}, {"batch", asked.batch},
                                                     {"recompute", asked.checkpointing.recompute},
                                                     {"gemm_flops_per_second", m.gemm}, {"triad_bytes_per_second", m.triad},
                                                     {"step_seconds", m.step}, {"roofline_seconds", roofline}, {"operations", list}}),
                                        {.pretty = true}));
}
