// A whole run into its folder: films, trainer, training loop, samples, report.
#include <signal.h>

#include <afire/train/fit.hpp>
#include <examples/cli/any_trainer.hpp>
#include <examples/cli/commands.hpp>
#include <examples/cli/gpu.hpp>
#include <examples/cli/machine.hpp>
#include <examples/cli/report.hpp>

namespace afire::cli {
namespace {

// Ends the program as kill -9 would once so many bytes of checkpoints are written: a test of what a crash leaves.
SaveHook crash_at(Index byte) {
  if (byte <= 0) return {};
  struct Written {
    Index before = 0, now = 0;             // in files that are complete, and in this one
  };
  return [byte, written = std::make_shared<Written>()](SaveStage, Index bytes) {
    if (bytes < written->now) written->before += written->now;
    written->now = bytes;
    if (written->before + bytes >= byte) ::raise(SIGKILL);
  };
}

// Weights of --init into the student, and from there into the teacher.
void start_from(AnyTrainer& trainer, Settings const& s) {
  auto const students = std::span(trainer.saved).first(static_cast<std::size_t>(trainer.student_tensors));
  std::vector<Wanted> wanted;
  for (auto& tensor : students) wanted.push_back({tensor.name.substr(std::string_view("student.").size()), tensor.shape});
  auto const values = read_weights(s, wanted);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!values[i].empty()) upload(trainer.memory, values[i].data(), students[i].values);
  trainer.refresh();
  trainer.calls.teacher_from_student();
}

// What the report shows and the end of a run says.
Judgement judgement_of(AnyTrainer& trainer, FilmSet const& training, FilmSet const* judges) {
  constexpr Index most = 96;
  Index const image = trainer.method().config().vit.image;
  FilmSet const& set = judges ? *judges : training;
  ValidationFilms films(trainer, set.source, most, trainer.options().seed);
  FilmTruth truth;
  if (set.phantoms) truth = phantom_truth(*set.phantoms, films.films, image);
  else
    for (Index i = 0; i < films.films; ++i) truth.names.push_back(set.source.name(i));
  truth.unseen = judges != nullptr;
  return judge(trainer.subject, trainer.untrained, {trainer.step_count(), trainer.total_steps()}, films,
               mean_film(training.source, image).view(), truth);
}

FitOptions fit_options(Settings const& s, FilmSet const& films, char const* variant = nullptr) {
  Json config = deciding_json(s);
  if (variant) config.set("variant", Json(std::string(variant)));
  return {.epochs = s.epochs,
          .steps = s.steps,
          .out = s.out,
          .resume = s.resume == "auto",
          .checkpoint_steps = s.checkpoint_steps,
          .keep = s.keep,
          .loader_threads = s.loader_threads,
          .lesions = s.lesions == "device" ? DrawnBy::device : DrawnBy::loader,
          .monitor_films = s.monitor_films,
          .about = {{"config", write_json(config)}, {"films", films.fingerprint}}};
}

}  // namespace

AnyTrainer made_trainer(Composition const& c, Settings const& s) {
  return usage_of([&] { return c.trainer(s); });
}

void use_only(Settings& s, Composition const& c) {
  auto const is = [](std::string& wanted, char const* there) {
    if (wanted.empty()) wanted = there;
    return wanted == there;
  };
  bool const backend = is(s.backend, c.backend), dtype = is(s.dtype, c.dtype);
  demands(backend && dtype, c.variant, " was built for ", c.backend, " in ", c.dtype, ", not for ", s.backend, " in ", s.dtype);
}

double films_per_second(Settings s, Index steps) {
  FilmSet const films = open_films(s);
  AnyTrainer trainer = made_trainer(chosen_composition(s), s);
  FitOptions options = fit_options(s, films);
  options.out.clear(), options.steps = steps, options.monitor_films = 1, options.quiet = true;
  return fit(trainer, films.source, options).films_per_second;
}

namespace {

Outcome train_with(Settings& s, Index crash_at_byte, Composition const* only) {
  bool const resume = s.resume == "auto";
  expects(resume || !file_exists(s.out + "/log.csv"), s.out,
          "/log.csv exists: --resume auto goes on with that run, or choose another --out");
  std::string why;
  Composition const& composition = only ? *only : chosen_composition(s, &why);
  if (only) use_only(s, *only), why = text(only->variant, " on ", only->backend, ", ", only->dtype);
  join_ranks(s, composition.on_gpu());
  Rank const rank = s.ranks.rank();
  if (composition.on_gpu()) {
    Gpu const gpu = gpu_of(s);
    expect_room(s, gpu);
    why += rank.count > 1 ? text(", ", rank.count, " ranks, each on a device like this one, ", gpu.name)
                          : text(", on device ", s.device, ", ", gpu.name);
  }
  FilmSet const films = open_films(s);
  FilmSet judges;
  bool const judged = !s.validation.empty() || s.validation_phantom > 0;
  if (judged) judges = open_validation(s, films);
  if (rank.first())
    say(films.source.size(), " films", judged ? text(", ", judges.source.size(), " to judge on") : "", "; ", why, ", ",
        s.threads > 0 ? s.threads : team(), " threads");
  AnyTrainer trainer = made_trainer(composition, s);
  ensure_folder(s.out);
  if (!s.init.empty()) start_from(trainer, s);

  bool const goes_on = resume && file_exists(s.out + "/config.json");
  auto const write = [&](char const* name, Json const& content) {
    replace_file(s.out + "/" + name, write_json(content, {.pretty = true}));
  };
  auto const describe = [&] {
    write("config.json", settings_json(s));
    write("build.json", build_facts());
    Json data = json_object({{"training", films.facts(s)}});
    if (judged) data.set("validation", judges.facts(s));
    write("data.json", data);
  };
  if (!goes_on && rank.first()) describe();
  FitOptions options = fit_options(s, films, composition.variant);
  options.told = crash_at(crash_at_byte);
  FitResult result;
  try {
    result = fit(trainer, films.source, judged ? &judges.source : nullptr, options);
  } catch (Diverged const& e) { throw Failure(ExitCode::diverged, e.what()); }
  if (goes_on && rank.first()) describe();                 // it was the same run, else it would have been refused

  auto broken = films.broken();
  for (auto const& film : judges.broken()) broken.push_back(film);
  if (!broken.empty()) {
    say(broken.size(), broken.size() == 1 ? " film was left out:" : " films were left out:");
    for (auto const& film : broken) say("  ", film);
  }
  Outcome o{.step = result.step,
            .total = trainer.total_steps(),
            .finished = result.finished,
            .signal = result.signal,
            .checkpoint = result.checkpoint,
            .seconds = result.seconds,
            .waiting = result.waiting,
            .films_per_second = result.films_per_second};
  if (o.signal != 0 || !rank.first()) return o;
  Judgement const j = judgement_of(trainer, films, judged ? &judges : nullptr);
  save(j, s.out);
  write_report(s.out);
  o.inside = {j.inside.restored, j.inside.copied, j.inside.mean_film}, o.whole = {j.whole.restored, j.whole.copied, j.whole.mean_film};
  o.summary = summary(j);
  return o;
}

}  // namespace

Outcome train(Settings s, Index crash_at_byte, Composition const* only) {
  try {
    return train_with(s, crash_at_byte, only);
  } catch (std::exception const& e) {
    s.ranks.stop(e.what());                                // so that the others do not wait for this one
    throw;
  }
}

}  // namespace afire::cli
