// --dry-run: the method is built on a backend that has no memory, so that a plan of any size can be looked at on any machine.
#include <afire/backend/reference.hpp>
#include <afire/ssl/cost.hpp>
#include <examples/cli/assemble.hpp>
#include <examples/cli/commands.hpp>
#include <examples/cli/any_trainer.hpp>
#include <examples/cli/machine.hpp>
#include <examples/cli/sizes.hpp>

namespace afire::cli {
namespace {

struct plan_tag : reference_tag {};
struct OnPaper : Reference {
  using tag = plan_tag;
};
// Not null, and never looked at.
template <class B>
Memory allocate_bytes(plan_tag, B&, Index) { return {reinterpret_cast<void*>(64), [](void*) {}}; }
template <class B>
void upload_bytes(plan_tag, B&, void const*, void*, Index) {}

template <class T>
Sizes planned(Settings const& s) {
  OnPaper be;
  MethodOf<T> method(be, method_config(s), s.batch);
  Index const optimizer = with_rule(s, [&](auto rule) {
    return Optimizer<T, decltype(rule)>(be, method.student_store(), method.teacher_store(), rule, update_config(s)).bytes();
  });
  return sizes_of(method, optimizer);
}

std::string digits(double x, int after) {
  char words[48];
  std::snprintf(words, sizeof words, "%.*f", after, x);
  return words;
}

// What does not depend on how fast the machine is.
Json sizes_json(Settings const& s, Sizes sizes, FilmSet const& films) {
  Index const per_step = s.batch * s.accumulate, pixels = s.image * s.image;
  sizes.memory.set("batches ahead", per_step * (3 * pixels + s.image / s.patch * (s.image / s.patch)) * 4);
  sizes.memory.set("decoded films", std::min(films.source.size() * pixels, s.cache_mib << 20));
  Index bytes = 0;
  for (auto const& [name, value] : sizes.memory.object()) bytes += value.integer();
  sizes.memory.set("all", bytes);
  Index const per_epoch = films.source.size() / per_step, all = per_epoch * s.epochs, steps = s.steps > 0 ? std::min(s.steps, all) : all;
  demands(per_epoch > 0, films.source.size(), " films are fewer than one step takes (", per_step, "); use a smaller --batch");
  return json_object({{"parameters", sizes.parameters},
                      {"trainable", sizes.trainable},
                      {"memory_bytes", sizes.memory},
                      {"machine_memory_mib", machine().memory_mib},
                      {"films", films.source.size()},
                      {"films_per_step", per_step},
                      {"steps_per_epoch", per_epoch},
                      {"steps", steps},
                      {"backend", s.backend},
                      {"dtype", s.dtype}});
}

}  // namespace

Json dry_run(Settings s, Composition const& c) {
  use_only(s, c);
  FilmSet const films = open_films(s);
  return sizes_json(s, c.trainer(s).sizes, films);
}

Json dry_run(Settings s) {
  FilmSet const films = open_films(s);
  Composition const& c = chosen_composition(s);
  Json plan = sizes_json(s, s.dtype == "bf16" ? planned<bf16>(s) : planned<float>(s), films);
  Index const per_step = s.batch * s.accumulate;
  double const flops = step_flops(vit_config(s), head_config(s), decoder_config(s)) * static_cast<double>(per_step);
  double const rate = gemm_rate(c, s.threads), seconds = flops / (step_share * rate);
  plan.set("gflop_per_film", flops * 1e-9 / static_cast<double>(per_step));
  plan.set("gemm_gflops_per_second", rate * 1e-9);
  plan.set("assumed_share_of_that", step_share);
  plan.set("seconds_per_step", seconds);
  plan.set("seconds", seconds * static_cast<double>(plan.at("steps").integer()));
  return plan;
}

void print_plan(Json const& p) {
  std::printf("parameters\n");
  for (auto const& [name, n] : p.at("parameters").object())
    std::printf("  %-28s %14s\n", name.c_str(), std::to_string(n.integer()).c_str());
  std::printf("  %-28s %14s\n", "of them trained", std::to_string(p.at("trainable").integer()).c_str());
  std::printf("memory, MiB\n");
  for (auto const& [name, n] : p.at("memory_bytes").object())
    std::printf("  %-28s %14s\n", name.c_str(), digits(n.number() / 1048576, 1).c_str());
  std::printf("  %-28s %14s\n", "of this machine", std::to_string(p.at("machine_memory_mib").integer()).c_str());
  auto const line = [](char const* name, std::string const& value) { std::printf("%-30s %14s\n", name, value.c_str()); };
  line("films", std::to_string(p.at("films").integer()));
  line("films a step", std::to_string(p.at("films_per_step").integer()));
  line("steps an epoch", std::to_string(p.at("steps_per_epoch").integer()));
  line("steps", std::to_string(p.at("steps").integer()));
  if (!p.find("gflop_per_film")) return;                   // of a variant nobody has counted operations
  line("GFLOP a film", digits(p.at("gflop_per_film").number(), 2));
  line("products, GFLOP/s (measured)", digits(p.at("gemm_gflops_per_second").number(), 0));
  line("seconds a step, about", digits(p.at("seconds_per_step").number(), 2));
  line("minutes, about", digits(p.at("seconds").number() / 60, 1));
  std::printf("backend %s, %s; a step is taken to reach %s of the products' rate\n", p.at("backend").string().c_str(),
              p.at("dtype").string().c_str(), digits(p.at("assumed_share_of_that").number(), 2).c_str());
}

}  // namespace afire::cli
