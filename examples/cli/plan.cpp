// --dry-run: the method is built on a backend that has no memory, so that a plan of any size can be looked at on any machine.
#include <afire/backend/reference.hpp>
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

// What an objective looks at, as it says so itself.
Json needs_json(Needs const& n) {
  Json::Array words;
  for (auto const& [word, needed] :
       {std::pair{"teacher", n.teacher}, {"scores", n.scores}, {"class_scores", n.class_scores}, {"film", n.film}, {"observes", n.observes},
        {"targets", n.targets}, {"tokens", n.tokens}, {"remembers", n.remembers}, {"views", n.views > 1}})
    if (needed) words.emplace_back(word);
  return Json(std::move(words));
}

Json gflop_json(StepFlops const& f) {
  Json parts{Json::Object{}};
  for (auto const& [part, flops] :
       {std::pair{"encoder", f.encoder}, {"decoder", f.decoder}, {"head", f.head}, {"teacher encoder", f.teacher_encoder},
        {"teacher head", f.teacher_head}, {"all", f.all()}})
    if (flops > 0) parts.set(part, flops * 1e-9);
  return parts;
}

Json plan_json(Settings const& s, Sizes sizes, FilmSet const& films, Composition const& c) {
  Index const per_step = s.batch * s.accumulate, pixels = s.image * s.image;
  sizes.memory.set("batches ahead", per_step * sizes.views.student * (3 * pixels + s.image / s.patch * (s.image / s.patch)) * 4);
  sizes.memory.set("decoded films", std::min(films.source.size() * pixels, s.cache_mib << 20));
  Index bytes = 0;
  for (auto const& [name, value] : sizes.memory.object()) bytes += value.integer();
  sizes.memory.set("all", bytes);
  Index const per_epoch = films.source.size() / per_step, all = per_epoch * s.epochs, steps = s.steps > 0 ? std::min(s.steps, all) : all;
  demands(per_epoch > 0, films.source.size(), " films are fewer than one step takes (", per_step, "); use a smaller --batch");
  double const rate = gemm_rate(c, s.threads), seconds = sizes.flops.all() * static_cast<double>(per_step) / (step_share * rate);
  return json_object({{"views", sizes.views.student},
                      {"views_of_teacher", sizes.needs.teacher ? sizes.views.teacher : 0},
                      {"objective_needs", needs_json(sizes.needs)},
                      {"objective_keeps", sizes.kept},
                      {"parameters", sizes.parameters},
                      {"trainable", sizes.trainable},
                      {"gflop", gflop_json(sizes.flops)},
                      {"memory_bytes", sizes.memory},
                      {"machine_memory_mib", machine().memory_mib},
                      {"films", films.source.size()},
                      {"films_per_step", per_step},
                      {"steps_per_epoch", per_epoch},
                      {"steps", steps},
                      {"gemm_gflops_per_second", rate * 1e-9},
                      {"assumed_share_of_that", step_share},
                      {"seconds_per_step", seconds},
                      {"seconds", seconds * static_cast<double>(steps)},
                      {"backend", s.backend},
                      {"dtype", s.dtype}});
}

}  // namespace

Json dry_run(Settings s, Composition const& c) {
  use_only(s, c);
  FilmSet const films = open_films(s);
  return plan_json(s, made_trainer(c, s).sizes, films, c);
}

Json dry_run(Settings s) {
  FilmSet const films = open_films(s);
  Composition const& c = chosen_composition(s);
  return plan_json(s, usage_of([&] { return s.dtype == "bf16" ? planned<bf16>(s) : planned<float>(s); }), films, c);
}

void print_plan(Json const& p) {
  auto const whole = [](Json const& n) { return std::to_string(n.integer()); };
  auto const line = [](char const* name, std::string const& value) { std::printf("%-30s %14s\n", name, value.c_str()); };
  std::string needs, keeps;
  for (auto const& word : p.at("objective_needs").array()) needs += (needs.empty() ? "" : " ") + word.string();
  for (auto const& [name, shape] : p.at("objective_keeps").object())
    keeps += text(keeps.empty() ? "" : ", ", name, " (", shape.array()[0].integer(), ", ", shape.array()[1].integer(), ")");
  line("views of a film", whole(p.at("views")));
  if (p.at("views_of_teacher").integer() > 0) line("of them seen by a teacher", whole(p.at("views_of_teacher")));
  std::printf("the objective needs  %s\n", needs.c_str());
  if (!keeps.empty()) std::printf("the objective keeps  %s\n", keeps.c_str());

  std::printf("%-30s %14s %14s\n", "parts", "parameters", "GFLOP a film");
  Json const &parameters = p.at("parameters"), &gflop = p.at("gflop");
  for (auto const* part : {"encoder", "decoder", "head", "teacher encoder", "teacher head", "all"}) {
    Json const *const n = parameters.find(part), *const work = gflop.find(part);
    if (n || work)
      std::printf("  %-28s %14s %14s\n", part, n ? whole(*n).c_str() : "the student's", work ? digits(work->number(), 3).c_str() : "0");
  }
  std::printf("  %-28s %14s\n", "of them trained", whole(p.at("trainable")).c_str());
  std::printf("memory, MiB\n");
  for (auto const& [name, n] : p.at("memory_bytes").object())
    std::printf("  %-28s %14s\n", name.c_str(), digits(n.number() / 1048576, 2).c_str());
  std::printf("  %-28s %14s\n", "of this machine", whole(p.at("machine_memory_mib")).c_str());
  line("films", whole(p.at("films")));
  line("films a step", whole(p.at("films_per_step")));
  line("steps an epoch", whole(p.at("steps_per_epoch")));
  line("steps", whole(p.at("steps")));
  line("products, GFLOP/s (measured)", digits(p.at("gemm_gflops_per_second").number(), 0));
  line("seconds a step, about", digits(p.at("seconds_per_step").number(), 2));
  line("minutes, about", digits(p.at("seconds").number() / 60, 1));
  std::printf("backend %s, %s; a step is taken to reach %s of the products' rate\n", p.at("backend").string().c_str(),
              p.at("dtype").string().c_str(), digits(p.at("assumed_share_of_that").number(), 2).c_str());
}

}  // namespace afire::cli
