// afire/train/fit.hpp -- the training loop: films in, log, checkpoints and validation out
//
//   FitResult r = fit(trainer, films, FitOptions{.epochs = 100, .out = "run"});
//   FitResult r = fit(trainer, films, validation, FitOptions{.epochs = 100, .out = "run", .resume = true});
//
//   run/log.jsonl, run/log.csv           a row a step, each step once, also after a resume
//   run/step-00000400.safetensors        the last `keep` checkpoints;   run/best.safetensors: the lowest validation loss
//
// A run that was killed, at any moment, and resumed gives the same bits as one that was not.
#pragma once
#include <chrono>
#include <limits>

#include <afire/data/loader.hpp>
#include <afire/eval/collapse.hpp>
#include <afire/train/checkpoint.hpp>
#include <afire/train/interrupt.hpp>
#include <afire/train/log.hpp>
#include <afire/train/progress.hpp>
#include <afire/train/validation.hpp>

namespace afire {

struct FitOptions {
  Index epochs = 100;
  Index steps = 0;                         // stop after this step although the schedule goes on; 0: all
  std::string out;                         // folder of the run; empty: nothing is written
  bool resume = false;                     // from the newest good checkpoint of `out`, if there is one
  Index checkpoint_steps = 0;              // 0: at the end of every epoch
  Index keep = 2;                          // checkpoints
  Index loader_threads = 1;
  Index monitor_films = 128;               // films that losses and monitors are taken on after each epoch
  Metadata about = {};                     // goes into every checkpoint: "config", "films"
  SaveHook told = {};                      // hears of the bytes of each checkpoint as they are written
  bool quiet = false;                      // no progress line
};

struct FitResult {
  Index step = 0;                          // steps taken in all
  bool finished = false;                   // false: interrupted, or stopped by FitOptions::steps
  std::string checkpoint;                  // the last one written
  double seconds = 0, waiting = 0;         // of this call; of that, waiting for data
  double films_per_second = 0;
};

inline std::string checkpoint_name(std::string const& folder, Index step) {
  std::string digits = std::to_string(step);
  return folder + "/step-" + std::string(digits.size() < 8 ? 8 - digits.size() : 0, '0') + digits + ".safetensors";
}

namespace fitting {

inline std::vector<std::string> columns(Terms const& terms, bool judged) {
  std::vector<std::string> names = {"step", "epoch"};
  for (auto& t : terms) names.emplace_back(t.name);
  names.emplace_back("waiting");
  names.emplace_back("films_per_second");
  for (char const* name : {"effective_rank", "between_image_share", "prototypes_used", "perplexity", "perplexity_here", "error_inside",
                           "error_inside_copied", "error_inside_mean_film", "error_whole"})
    names.emplace_back(name);
  if (judged)
    for (auto& t : terms)
      if (t.name != "lr" && t.name != "weight_decay" && t.name != "ema_momentum" && t.name != "gradient_norm" && t.name != "tensors_clipped")
        names.push_back("val_" + std::string(t.name));
  return names;
}

// Writes `value` under `name` into the row.
inline void put(std::vector<std::string> const& names, std::vector<double>& row, std::string_view name, double value) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) row[i] = value;
}

// What the films say about the code after an epoch.
inline void put_monitors(std::vector<std::string> const& names, std::vector<double>& row, Validation const& v) {
  auto const tokens = v.tokens.view();
  TokenMonitor monitor(tokens.extent[1], tokens.extent[2]);
  monitor.add(tokens);
  put(names, row, "effective_rank", monitor.effective_rank());
  put(names, row, "between_image_share", monitor.between_image_share());
  if (v.scores.size() > 0) {
    PrototypeMonitor use(v.scores.extent(1), v.scores.extent(2));
    use.add(v.scores.view());
    put(names, row, "prototypes_used", use.used());
    put(names, row, "perplexity", use.perplexity());
    put(names, row, "perplexity_here", use.perplexity_here());
  }
  if (v.whole.pixels > 0) put(names, row, "error_whole", v.whole.restored);
  if (v.inside.pixels > 0) {
    put(names, row, "error_inside", v.inside.restored);
    put(names, row, "error_inside_copied", v.inside.copied);
    put(names, row, "error_inside_mean_film", v.inside.mean_film);
  }
}

// Fills the trainer from the newest checkpoint of the folder that can be read; a broken one is named and the one before it is taken.
// Gives the checkpoint's metadata, empty where there is none.
template <class Trainer>
Metadata resume_newest(Trainer& trainer, FitOptions const& o, std::vector<std::string>& notes) {
  auto const files = numbered_files(o.out, "step-", ".safetensors");
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    Metadata about;
    try {
      about = SafetensorsFile(*file).metadata();
    } catch (error const& e) {
      notes.push_back(text("not resumed from: ", e.what()));
      continue;
    }
    auto const films = std::as_const(about).find("films"), wanted = o.about.find("films");
    if (films != about.cend() && wanted != o.about.end())
      expects(films->second == wanted->second, *file, " was trained on other films (", films->second, ", now ", wanted->second,
              "); give the same films, or another folder");
    return load_checkpoint(trainer, *file);
  }
  return {};
}

}  // namespace fitting

// `validation` may be nullptr: then a few of the training films serve for the monitors, and there is no best checkpoint.
template <class Trainer, class Source, class ValidationSource>
FitResult fit(Trainer& trainer, Source const& films, ValidationSource const* validation, FitOptions const& o) {
  auto const now = [] { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); };
  auto const& options = trainer.options();
  auto const& vit = trainer.method().config().vit;
  Index const per_epoch = films.size() / trainer.films_per_step();
  expects(per_epoch > 0, "training: ", films.size(), " films are fewer than one step takes (", trainer.films_per_step(), "); use a smaller --batch");
  trainer.schedule(per_epoch, o.epochs);
  Index const last = o.steps > 0 ? std::min(o.steps, trainer.total_steps()) : trainer.total_steps();
  if (!o.out.empty()) ensure_folder(o.out);
  std::vector<std::string> notes;
  Metadata const resumed = o.resume ? fitting::resume_newest(trainer, o, notes) : Metadata{};

  FitResult result;
  result.step = trainer.step_count();
  Index const first_step = result.step;
  Progress progress({.steps = last, .steps_per_epoch = per_epoch, .images_per_step = trainer.films_per_step(), .done = first_step});
  for (auto& note : notes) progress.say(note);
  bool const judged = validation != nullptr;
  ValidationFilms judges = judged ? ValidationFilms(trainer, *validation, o.monitor_films, options.seed)
                                  : ValidationFilms(trainer, films, o.monitor_films, options.seed);
  Tensor<float, 2> const mean = mean_film(films, vit.image);
  Loader loader(films, trainer.masking(),
                LoaderOptions{.image = vit.image, .patch = vit.patch, .batch = trainer.films_per_step(), .seed = options.seed,
                              .threads = o.loader_threads, .step = result.step});
  std::vector<std::string> names;
  std::vector<double> row;
  std::vector<RunLog> log;                 // none before the first row, one after it
  std::vector<Micro<GreyPixels>> micros(static_cast<std::size_t>(options.accumulate));
  Interrupt const interrupt;
  double best = std::numeric_limits<double>::infinity();
  if (auto const found = resumed.find("best"); found != resumed.end()) best = std::stod(found->second);
  Index saved = first_step;
  double training = 0;                     // seconds

  auto const save = [&](std::string const& path) {
    Metadata about = o.about;
    about["epoch"] = std::to_string(trainer.epoch());
    if (std::isfinite(best)) about["best"] = write_json(Json(best));
    save_checkpoint(trainer, path, std::move(about), o.told);
  };
  auto const save_step = [&] {
    log[0].sync();
    result.checkpoint = checkpoint_name(o.out, trainer.step_count());
    save(result.checkpoint);
    saved = trainer.step_count();
    keep_last(o.out, "step-", ".safetensors", o.keep);
  };

  double const begin = now();
  while (trainer.step_count() < last && !interrupt.asked()) {
    double const step_begin = now();
    Batch const& batch = loader.next();
    double const waited = now() - step_begin;
    for (Index i = 0; i < options.accumulate; ++i) {
      auto const part = [&](auto const& x) { return x.view().slice(i * options.batch, options.batch); };
      micros[static_cast<std::size_t>(i)] = {{part(batch.seen), options.normalisation}, {part(batch.clean), options.normalisation}, part(batch.lesion)};
    }
    Index const epoch = trainer.epoch();
    Terms const terms = trainer.step(std::span(micros));
    Index const step = trainer.step_count();
    bool const epoch_ends = step % per_epoch == 0, ends = step == last;

    if (names.empty()) names = fitting::columns(terms, judged), row.resize(names.size());
    std::fill(row.begin(), row.end(), std::numeric_limits<double>::quiet_NaN());
    row[0] = static_cast<double>(step), row[1] = static_cast<double>(epoch);
    for (auto& t : terms) fitting::put(names, row, t.name, t.value);
    double const seconds = now() - step_begin;
    fitting::put(names, row, "waiting", waited / seconds);
    fitting::put(names, row, "films_per_second", static_cast<double>(trainer.films_per_step()) / seconds);
    result.waiting += waited;
    training += seconds;

    bool better = false;
    if (epoch_ends || ends) {
      Validation const v = validate(trainer, judges, mean.view());
      fitting::put_monitors(names, row, v);
      if (judged) {
        for (auto& t : v.terms) fitting::put(names, row, "val_" + std::string(t.name), t.value);
        better = v.terms.at("loss") < best;
        if (better) best = v.terms.at("loss");
      }
    }
    if (!o.out.empty()) {
      if (log.empty()) log.push_back(first_step > 0 ? RunLog::resume(o.out, names, first_step) : RunLog::start(o.out, names));
      log[0].row(View<const double, 1>(row.data(), row.size()));
      // The best one first: a run that is killed between the two makes this step, and both files, again.
      if (better) save(o.out + "/best.safetensors");
      if (o.checkpoint_steps > 0 ? step % o.checkpoint_steps == 0 : epoch_ends) save_step();
    }
    if (!o.quiet) progress.step(step, {{"loss", terms.at("loss")}, {"kl", terms.at("kl")}, {"restoration", terms.at("restoration")}});
    result.step = step;
  }
  if (!log.empty() && saved < result.step) save_step();
  result.seconds = now() - begin;
  result.finished = result.step == trainer.total_steps();
  result.films_per_second = training > 0 ? static_cast<double>((result.step - first_step) * trainer.films_per_step()) / training : 0;
  return result;
}

template <class Trainer, class Source>
FitResult fit(Trainer& trainer, Source const& films, FitOptions const& options) {
  return fit(trainer, films, static_cast<Source const*>(nullptr), options);
}

}  // namespace afire
