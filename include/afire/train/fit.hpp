// afire/train/fit.hpp -- the training loop: films in, log, checkpoints and validation out
//
//   FitResult r = fit(trainer, films, FitOptions{.epochs = 100, .out = "run"});
//   FitResult r = fit(trainer, films, validation, FitOptions{.epochs = 100, .out = "run", .resume = true});
//
//   run/log.jsonl, run/log.csv           a row a step, each step once, also after a resume
//   run/step-00000400.safetensors        the last `keep` checkpoints;   run/best.safetensors: the lowest validation loss
//
// A run that was killed, at any moment, and resumed gives the same bits as one that was not. With ranks (core/ranks.hpp) each calls fit:
// all take part in the steps, the first one writes, judges and tells, and where one is stopped or fails, all stop at the same step.
#pragma once
#include <chrono>
#include <optional>

#include <afire/data/loader.hpp>
#include <afire/train/interrupt.hpp>
#include <afire/train/lesion_painter.hpp>
#include <afire/train/log.hpp>
#include <afire/train/progress.hpp>
#include <afire/train/resume.hpp>
#include <afire/train/run_row.hpp>

namespace afire {

struct FitOptions {
  Index epochs = 100;
  Index steps = 0;                         // stop after this step although the schedule goes on; 0: all
  std::string out = {};                    // folder of the run; empty: nothing is written
  bool resume = false;                     // from the newest good checkpoint of `out`, if there is one
  Index checkpoint_steps = 0;              // 0: at the end of every epoch
  Index keep = 2;                          // checkpoints
  Index loader_threads = 1;
  DrawnBy lesions = DrawnBy::loader;       // device: of a backend with memory of its own (train/lesion_painter.hpp); the same films
  Index monitor_films = 128;               // films that losses and monitors are taken on after each epoch
  Metadata about = {};                     // goes into every checkpoint; a resume refuses others: "config" (JSON), "films"
  SaveHook told = {};                      // hears of the bytes of each checkpoint as they are written
  bool quiet = false;                      // no progress line

  void validate() const {
    expects(epochs >= 1 && keep >= 1 && monitor_films >= 1, "fit: epochs ", epochs, ", keep ", keep, ", monitor_films ", monitor_films,
            "; each must be at least 1");
    expects(steps >= 0 && checkpoint_steps >= 0, "fit: steps ", steps, ", checkpoint_steps ", checkpoint_steps,
            "; each must be at least 0");
  }
};

struct FitResult {
  Index step = 0;                          // steps taken in all
  bool finished = false;                   // false: interrupted, or stopped by FitOptions::steps
  int signal = 0;                          // that interrupted it: SIGINT, SIGTERM
  std::string checkpoint;                  // the last one written
  double seconds = 0, waiting = 0;         // of this call; of that, waiting for data
  double films_per_second = 0;
  RestorationError inside, whole;          // of the last validation
};

// A batch in as many micro-batches as there are.
inline void set_micros(std::vector<Micro<GreyPixels>>& micros, Batch const& batch, Normalisation const& normalisation) {
  Index const images = batch.clean.extent(0) / static_cast<Index>(micros.size());
  for (std::size_t i = 0; i < micros.size(); ++i) {
    auto const part = [&](auto const& x) { return x.view().slice(static_cast<Index>(i) * images, images); };
    micros[i] = {{part(batch.seen), normalisation}, {part(batch.clean), normalisation}, part(batch.lesion)};
  }
}

// Throws unless all ranks have taken as many steps: they have to go on from the same checkpoint.
template <class Ranks>
void expect_one_step(Ranks&& ranks, Index step) {
  Rank const rank = ranks.rank();
  double steps[] = {static_cast<double>(step)};
  ranks.sum(steps);
  expects(steps[0] == static_cast<double>(step * rank.count), "fit: rank ", rank.number, " is at step ", step, ", the ", rank.count,
          " ranks are at step ", steps[0] / static_cast<double>(rank.count), " on average; they must see the same folder of the run");
}

// `validation` may be nullptr: then a few of the training films serve for the monitors, and there is no best checkpoint.
template <class Trainer, class Source, class ValidationSource>
FitResult fit(Trainer& trainer, Source const& films, ValidationSource const* validation, FitOptions const& o) try {
  static_assert(explain_source<Source>() && explain_source<ValidationSource>());
  o.validate();
  auto const now = [] { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); };
  auto const& options = trainer.options();
  auto const& vit = trainer.method().config().vit;
  auto&& ranks = ranks_of(trainer.backend());
  Rank const rank = ranks.rank();
  bool const writes = rank.first() && !o.out.empty(), talks = rank.first() && !o.quiet;
  Index const per_epoch = films.size() / trainer.films_per_step();
  expects(per_epoch > 0, "training: ", films.size(), " films are fewer than one step takes (", trainer.films_per_step(),
          "); use a smaller --batch");
  trainer.schedule(per_epoch, o.epochs);
  Index const last = o.steps > 0 ? std::min(o.steps, trainer.total_steps()) : trainer.total_steps();
  std::optional<FolderLock> alone;         // two runs in one folder would take each other's checkpoints away
  if (writes) ensure_folder(o.out), alone.emplace(o.out);
  for (auto const* name : {"/log.csv", "/log.jsonl"})
    expects(o.out.empty() || o.resume || !file_exists(o.out + name), o.out, name, " exists: resume that run, or choose another folder");
  std::vector<std::string> notes;
  Metadata const resumed = o.resume ? resume_newest(trainer, o.out, o.about, notes) : Metadata{};
  expect_one_step(ranks, trainer.step_count());

  FitResult result;
  result.step = trainer.step_count();
  Index const first_step = result.step;
  Progress progress({.steps = last, .steps_per_epoch = per_epoch, .images_per_step = trainer.films_per_step(), .done = first_step});
  for (auto& note : notes)
    if (talks) progress.say(note);
  bool const judged = validation != nullptr;
  std::optional<ValidationFilms> judges;
  Tensor<float, 2> mean;
  if (rank.first()) {
    if (judged) judges.emplace(trainer, *validation, o.monitor_films, options.seed);
    else judges.emplace(trainer, films, o.monitor_films, options.seed);
    mean = mean_film(films, vit.image);
  }
  Loader loader(films, trainer.masking(),
                LoaderOptions{.batch = trainer.films_per_step() / rank.count, .side = vit.image, .patch = vit.patch,
                              .seed = options.seed, .threads = o.loader_threads, .micro = options.batch / rank.count, .rank = rank,
                              .planned = o.lesions == DrawnBy::device});
  LesionPainter const painter = o.lesions == DrawnBy::device ? painter_of(trainer) : LesionPainter{};
  loader.seek(first_step / per_epoch, first_step % per_epoch);
  std::optional<RunRow> row;               // once there are terms to name its columns
  std::optional<RunLog> log;
  std::vector<Micro<GreyPixels>> micros(static_cast<std::size_t>(options.accumulate)), coming(micros);
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
    log->sync();
    result.checkpoint = checkpoint_name(o.out, trainer.step_count());
    save(result.checkpoint);
    saved = trainer.step_count();
    keep_last(o.out, "step-", ".safetensors", o.keep);
  };

  double const begin = now();
  while (trainer.step_count() < last && !any_of_ranks(ranks, interrupt.asked())) {
    double const step_begin = now();
    Batch const& batch = loader.next();
    double const waited = now() - step_begin;
    Batch const* const next = trainer.step_count() + 1 < last ? loader.upcoming() : nullptr;
    if (painter) {
      painter.paint(batch, micros);
      if (next) painter.expect(*next);
    } else {
      set_micros(micros, batch, options.normalisation);
      if (next) set_micros(coming, *next, options.normalisation);
    }
    Index const epoch = trainer.epoch();
    Terms terms;
    try {
      terms = trainer.step(std::span(micros), next && !painter ? &coming[0] : nullptr);
    } catch (Diverged const& e) {
      auto const good = o.out.empty() ? std::vector<std::string>{} : numbered_files(o.out, "step-", ".safetensors");
      throw Diverged(text(e.what(), ". ", good.empty() ? "No checkpoint had been written" : "The last checkpoint is " + good.back()));
    }
    Index const step = trainer.step_count();
    bool const epoch_ends = step % per_epoch == 0, ends = step == last;

    if (!row) row.emplace(terms, judged);
    row->clear();
    row->put("step", static_cast<double>(step));
    row->put("epoch", static_cast<double>(epoch));
    for (auto& t : terms) row->put(t.name, t.value);
    double const seconds = now() - step_begin;
    row->put("waiting", waited / seconds);
    row->put("films_per_second", static_cast<double>(trainer.films_per_step()) / seconds);
    result.waiting += waited;
    training += seconds;

    bool better = false;
    if (judges && (epoch_ends || ends)) {
      Validation const v = validate(trainer, *judges, mean.view());
      row->put_monitors(v);
      result.inside = v.inside, result.whole = v.whole;
      if (judged) {
        for (auto& t : v.terms) row->put("val_" + std::string(t.name), t.value);
        better = v.terms.at("loss") < best;
        if (better) best = v.terms.at("loss");
      }
    }
    if (writes) {
      if (!log)
        log.emplace(o.resume ? RunLog::resume(o.out, row->names(), first_step > 0 ? first_step : -1) : RunLog::start(o.out, row->names()));
      log->row(row->values());
      // The best one first: a run that is killed between the two makes this step, and both files, again.
      if (better) save(o.out + "/best.safetensors");
      if (o.checkpoint_steps > 0 ? step % o.checkpoint_steps == 0 : epoch_ends) save_step();
    }
    if (talks) progress.step(step, {{"loss", terms.at("loss")}, {"kl", terms.at("kl")}, {"restoration", terms.at("restoration")}});
    result.step = step;
  }
  if (log && saved < result.step) save_step();
  result.seconds = now() - begin;
  result.finished = result.step == trainer.total_steps();
  result.signal = interrupt.number() == 0 && result.step < last ? SIGTERM : interrupt.number();      // or another rank was asked
  result.films_per_second = training > 0 ? static_cast<double>((result.step - first_step) * trainer.films_per_step()) / training : 0;
  return result;
} catch (std::exception const& e) {
  ranks_of(trainer.backend()).stop(e.what());
  throw;
}

template <class Trainer, class Source>
FitResult fit(Trainer& trainer, Source const& films, FitOptions const& options) {
  return fit(trainer, films, static_cast<Source const*>(nullptr), options);
}

}  // namespace afire
