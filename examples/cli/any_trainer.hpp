// examples/cli/any_trainer.hpp -- a trainer of any backend, type and rule behind functions, so that the training loop is compiled once
//
//   AnyTrainer trainer = composition.trainer(settings);
//   fit(trainer, films, judges, options);                    // as with a Trainer: what fit asks of one stands here
//
// A composition's own file (train.hpp) holds the step, and nothing of files, logs and films.
#pragma once
#include <functional>
#include <memory>

#include <afire/backend/reference.hpp>
#include <afire/ssl/masking.hpp>
#include <afire/train/checkpoint.hpp>
#include <afire/train/validation.hpp>
#include <examples/cli/judgement.hpp>

namespace afire::cli {

struct AnyTrainer {
  using Compute_t = float;                 // of what is saved
  struct Saved {
    std::string name;
    std::vector<Index> shape;
    View<float, 1> values;
  };
  struct Parts {
    struct Config { ViTConfig vit; } sizes;
    Config const& config() const { return sizes; }
  };
  struct Counts {
    std::vector<Index>* of_tensors;        // steps that each has had
    std::vector<Index>& steps() const { return *of_tensors; }
  };

  std::shared_ptr<void> owner;             // of the Trainer behind the functions
  TrainOptions settings;
  SyntheticLesion lesion;
  Parts parts;
  Counts counts = {};
  std::vector<Saved> saved = {};
  Index student_tensors = 0;               // the first of `saved` are the student's parameters
  Reference host = {};                       // the memory of every CPU backend

  struct Calls {
    std::function<void(Index, Index)> schedule;
    std::function<void(Index)> resume_at;
    std::function<Index()> step_count, total_steps, epoch;
    std::function<Terms(std::span<Micro<GreyPixels>>)> step;
    std::function<void()> refresh, teacher_from_student;
    std::function<Validation(ValidationFilms&, View<const float, 2>)> validate;
    std::function<Judgement(ValidationFilms&, View<const float, 2>, FilmTruth const&)> judge;
  } calls = {};

  Reference& backend() { return host; }
  Parts& method() { return parts; }
  Counts& optimizer() { return counts; }
  SyntheticLesion const& masking() const { return lesion; }
  TrainOptions const& options() const { return settings; }
  Index films_per_step() const { return settings.batch * settings.accumulate; }
  Index step_count() const { return calls.step_count(); }
  Index total_steps() const { return calls.total_steps(); }
  Index epoch() const { return calls.epoch(); }
  void resume_at(Index step) { calls.resume_at(step); }
  void schedule(Index steps_per_epoch, Index epochs) { calls.schedule(steps_per_epoch, epochs); }
  Terms step(std::span<Micro<GreyPixels>> micros) { return calls.step(micros); }
  void refresh() { calls.refresh(); }
};

// Found by fit, save_checkpoint and load_checkpoint in place of the ones for a Trainer.
template <class F>
void for_each_saved(AnyTrainer& trainer, F f) {
  for (auto& [name, shape, values] : trainer.saved) f(name, shape, values);
}
inline Validation validate(AnyTrainer& trainer, ValidationFilms& films, View<const float, 2> mean) {
  return trainer.calls.validate(films, mean);
}

}  // namespace afire::cli
