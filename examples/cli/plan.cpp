// --dry-run: the method is built on a backend that has no memory, so that a plan of any size can be looked at on any machine.
#include <afire/backend/reference.hpp>
#include <afire/ssl/room.hpp>
#include <examples/cli/assemble.hpp>
#include <examples/cli/commands.hpp>
#include <examples/cli/any_trainer.hpp>
#include <examples/cli/gpu.hpp>
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
Sizes planned(Settings const& s) {
  return usage_of([&] { return s.dtype == "bf16" ? planned<bf16>(s) : planned<float>(s); });
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

// What of a plan lies on a GPU: parameters, and what grows with the batch.
struct OnDevice {
  Index fixed = 0, of_batch = 0, largest = 0;
  std::string largest_part = {};           // of the activations

  OnDevice(Settings const& s, Sizes const& sizes) {
    for (auto const& [name, value] : sizes.memory.object()) {
      bool const grows = name.starts_with("activations: ");
      (grows ? of_batch : fixed) += value.integer();
      if (grows && value.integer() > largest) largest = value.integer(), largest_part = name.substr(name.find(' ') + 1);
    }
    Index const grid = s.image / s.patch;
    of_batch += s.batch * (2 * s.image * s.image + grid * grid);           // its films and maps
    if (s.lesions == "device")
      of_batch += painted_bytes(lesion_config(s), s.batch * s.accumulate, s.batch, s.image, grid * grid) - s.batch * 2 * s.image * s.image;
  }
  Index bytes() const { return fixed + of_batch; }
};

Index batch_that_fits(Settings s, Index free) {
  return films_that_fit(Index{1} << 20, free, [&](Index films) {
    s.batch = films;
    return OnDevice(s, planned(s)).bytes();
  });
}

Json device_json(Settings const& s, OnDevice const& plan) {
  Json all = json_object({{"number", s.device}, {"bytes", plan.bytes()}});
  try {
    Gpu const gpu = gpu_of(s);
    all.set("name", gpu.name), all.set("memory_mib", gpu.memory_mib), all.set("free_mib", gpu.free_mib);
    all.set("batch_that_fits", batch_that_fits(s, gpu.free_mib << 20));
  } catch (Failure const&) {
    throw;
  } catch (error const& e) { all.set("none", e.what()); }  // a plan can be looked at on any machine
  return all;
}

Json plan_json(Settings const& s, Sizes sizes, FilmSet const& films, Composition const& c) {
  Index const per_step = s.batch * s.accumulate, pixels = s.image * s.image;
  OnDevice const on_device(s, sizes);
  sizes.memory.set("batches ahead", per_step * sizes.views.student * (3 * pixels + s.image / s.patch * (s.image / s.patch)) * 4);
  sizes.memory.set("decoded films", std::min(films.source.size() * pixels, s.cache_mib << 20));
  Index bytes = 0;
  for (auto const& [name, value] : sizes.memory.object()) bytes += value.integer();
  sizes.memory.set("all", bytes);
  Index const per_epoch = films.source.size() / per_step, all = per_epoch * s.epochs, steps = s.steps > 0 ? std::min(s.steps, all) : all;
  demands(per_epoch > 0, films.source.size(), " films are fewer than one step takes (", per_step, "); use a smaller --batch");
  Json plan = json_object({{"views", sizes.views.student},
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
                           {"backend", s.backend},
                           {"dtype", s.dtype}});
  if (c.on_gpu()) {
    plan.set("device", device_json(s, on_device));
    if (plan.at("device").find("none")) return plan;       // nobody knows how long it would take
  }
  double const rate = gemm_rate(c, s), seconds = sizes.flops.all() * static_cast<double>(per_step) / (step_share * rate);
  plan.set("gemm_gflops_per_second", rate * 1e-9);
  plan.set("assumed_share_of_that", step_share);
  plan.set("seconds_per_step", seconds);
  plan.set("seconds", seconds * static_cast<double>(steps));
  return plan;
}

}  // namespace

Json dry_run(Settings s, Composition const& c) {
  use_only(s, c);
  FilmSet const films = open_films(s);
  return plan_json(s, made_trainer(c, s).sizes, films, c);
}

void expect_room(Settings const& s, Gpu const& gpu) {
  Index const ranks = s.ranks.rank().count;
  Settings share = s;                      // of this rank
  share.batch = s.batch / ranks;
  OnDevice const plan(share, planned(share));
  Index const free = gpu.free_mib << 20, fits = plan.bytes() <= free ? s.batch : ranks * batch_that_fits(share, free);
  auto const mib = [](Index bytes) { return (bytes + (1 << 20) - 1) >> 20; };
  expects(plan.bytes() <= free, "not enough memory on device ", s.device, ", ", gpu.name, ": ", gpu.free_mib, " of ", gpu.memory_mib,
          " MiB are free, ", mib(plan.bytes()), " are needed: ", mib(plan.fixed), " for weights and optimizer, ", mib(plan.of_batch),
          " for the activations of ", share.batch, " films, the most of it (", mib(plan.largest), " MiB) for the ", plan.largest_part, "; ",
          fits > 0 ? text("--batch ", fits, " would fit") : text("not even one film would fit: use a smaller model"));
}

Json dry_run(Settings s) {
  FilmSet const films = open_films(s);
  Composition const& c = chosen_composition(s);
  return plan_json(s, planned(s), films, c);
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
  if (Json const* const device = p.find("device")) {
    line("  on the device", digits(device->at("bytes").number() / 1048576, 2));
    if (Json const* const none = device->find("none")) std::printf("  %s\n", none->string().c_str());
    else {
      line("  free there, of all", text(device->at("free_mib").integer(), " of ", device->at("memory_mib").integer()));
      line("  batch that fits there", whole(device->at("batch_that_fits")));
    }
  }
  line("films", whole(p.at("films")));
  line("films a step", whole(p.at("films_per_step")));
  line("steps an epoch", whole(p.at("steps_per_epoch")));
  line("steps", whole(p.at("steps")));
  if (!p.find("gemm_gflops_per_second")) return;
  line("products, GFLOP/s (measured)", digits(p.at("gemm_gflops_per_second").number(), 0));
  line("seconds a step, about", digits(p.at("seconds_per_step").number(), 2));
  line("minutes, about", digits(p.at("seconds").number() / 60, 1));
  std::printf("backend %s, %s; a step is taken to reach %s of the products' rate\n", p.at("backend").string().c_str(),
              p.at("dtype").string().c_str(), digits(p.at("assumed_share_of_that").number(), 2).c_str());
}

}  // namespace afire::cli
