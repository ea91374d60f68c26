// examples/cli/any_trainer.hpp -- a trainer of any backend, type and rule behind functions, so that the training loop is compiled once
//
//   AnyTrainer trainer = composition.trainer(settings);
//   fit(trainer, films, judges, options);                    // as with a Trainer: what fit asks of one stands here
//
// A composition's own file (train.hpp) holds the step, and nothing of files, logs and films.
#pragma once
#include <functional>
#include <memory>

#include <afire/ssl/masking.hpp>
#include <afire/train/checkpoint.hpp>
#include <afire/train/lesion_painter.hpp>
#include <afire/train/validation.hpp>
#include <examples/cli/judgement.hpp>
#include <examples/cli/sizes.hpp>

namespace afire::cli {

// A masking of any kind, with its views.
struct AnyMasking {
  struct Room {
    std::shared_ptr<void> of_masking = {};
  };
  using Spoil = std::function<void(Random, View<const std::uint8_t, 2>, View<std::uint8_t, 2>, View<std::uint8_t, 2>)>;
  using Look = std::function<void(Random, Index, View<const std::uint8_t, 2>, View<std::uint8_t, 2>, View<std::uint8_t, 2>,
                                  View<std::uint8_t, 2>, Room&)>;
  using Body = std::function<Circle(View<const std::uint8_t, 2>, Room&)>;
  using Plan = std::function<void(Random, Circle, Index, Index, View<Lesion, 1>, Room&)>;
  Views of_film = {};
  float patch_share = 0;
  Spoil spoil = {};                        // film -> seen, mask
  Look look = {};                          // view v of a film -> clean, seen, mask
  Index lesions = 0;                       // that a plan has room for; 0: there are no plans
  Body find = {};                          // film -> body
  Plan decide = {};                        // body -> plan

  Index count() const { return of_film.student; }
  Index teacher_count() const { return of_film.teacher; }
  void operator()(Random random, View<const std::uint8_t, 2> clean, View<std::uint8_t, 2> seen, View<std::uint8_t, 2> mask) const {
    spoil(random, clean, seen, mask);
  }
  void view(Random random, Index v, View<const std::uint8_t, 2> film, View<std::uint8_t, 2> clean, View<std::uint8_t, 2> seen,
            View<std::uint8_t, 2> mask, Room& room) const {
    look(random, v, film, clean, seen, mask, room);
  }
  Index slots() const { return lesions; }
  Circle body(View<const std::uint8_t, 2> film, Room& room) const { return find(film, room); }
  void plan(Random random, Circle body, Index rows, Index cols, View<Lesion, 1> plan, Room& room) const {
    decide(random, body, rows, cols, plan, room);
  }
};

// View v of a film: what the masking makes of it, or the film itself with what the masking does to films. (A function, not a part of the
// lambda below: there nvcc would compile both halves.)
template <class Masking>
void look_with(Masking const& m, Random random, [[maybe_unused]] Index v, View<const std::uint8_t, 2> film, View<std::uint8_t, 2> clean,
               View<std::uint8_t, 2> seen, View<std::uint8_t, 2> mask, typename Masking::Room& room) {
  if constexpr (requires { m.count(); }) {
    m.view(random, v, film, clean, seen, mask, room);
  } else {
    std::copy_n(film.data, film.size(), clean.data);
    m(random, film, seen, mask, room);
  }
}

// The masking's own room, kept in a room of any kind.
template <class Room>
Room& room_in(AnyMasking::Room& any) {
  if (!any.of_masking) any.of_masking = std::make_shared<Room>();
  return *static_cast<Room*>(any.of_masking.get());
}

template <class Masking>
void give_plans(AnyMasking&, Masking const&) {}
template <PlansLesions Masking>
void give_plans(AnyMasking& any, Masking const& m) {
  using Room = typename Masking::Room;
  any.find = [m](auto film, AnyMasking::Room& room) { return m.body(film, room_in<Room>(room)); };
  any.decide = [m](Random random, Circle body, Index rows, Index cols, View<Lesion, 1> plan, AnyMasking::Room& room) {
    m.plan(random, body, rows, cols, plan, room_in<Room>(room));
  };
}

// Of a masking of films, or of views of them.
template <class Masking>
AnyMasking any_masking(Masking const& m) {
  using Room = typename Masking::Room;
  AnyMasking any{.of_film = views_of(m), .patch_share = m.patch_share, .lesions = lesion_slots(m)};
  any.spoil = [m](Random random, auto clean, auto seen, auto mask) { spoil_film(m, random, clean, seen, mask); };
  any.look = [m](Random random, Index v, auto film, auto clean, auto seen, auto mask, AnyMasking::Room& room) {
    look_with(m, random, v, film, clean, seen, mask, room_in<Room>(room));
  };
  give_plans(any, m);
  return any;
}

// The ranks of a backend of any kind, as far as a training loop asks for them.
struct AnyRanks {
  Rank which = {};
  std::function<void(std::span<double>)> add = {};
  std::function<void(std::string_view)> give_up = {};
  Rank rank() const { return which; }
  void sum(std::span<double> x) const {
    if (which.count > 1) add(x);
  }
  void stop(std::string_view sentence) const {
    if (which.count > 1) give_up(sentence);
  }
};

// The memory of a backend of any kind, behind its copies in and out.
struct any_memory_tag : any_tag {};
struct AnyMemory {
  using tag = any_memory_tag;
  std::function<void(void const* host, void* to, Index bytes)> upload = {};
  std::function<void(void const* from, void* host, Index bytes)> download = {};
  AnyRanks ranks = {};
};
inline AnyRanks const& ranks_of(any_memory_tag, AnyMemory& be) { return be.ranks; }
template <class B>
void upload_bytes(any_memory_tag, B& be, void const* host, void* to, Index bytes) { be.upload(host, to, bytes); }
template <class B>
void download_bytes(any_memory_tag, B& be, void const* from, void* host, Index bytes) { be.download(from, host, bytes); }
template <class B>
AnyMemory any_memory(B& be) {
  return {[&be](void const* host, void* to, Index bytes) { upload_bytes(typename B::tag{}, be, host, to, bytes); },
          [&be](void const* from, void* host, Index bytes) { download_bytes(typename B::tag{}, be, from, host, bytes); },
          {afire::ranks_of(be).rank(), [&be](std::span<double> x) { afire::ranks_of(be).sum(x); },
           [&be](std::string_view sentence) { afire::ranks_of(be).stop(sentence); }}};
}

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
  AnyMasking spoils;
  Parts parts;
  Counts counts = {};
  std::vector<Saved> saved = {};
  Index student_tensors = 0;               // the first of `saved` are the student's parameters
  Subject subject = {};
  Untrained untrained = {};
  Sizes sizes = {};
  AnyMemory memory = {};                   // where `saved` lies

  struct Calls {
    std::function<void(Index, Index)> schedule;
    std::function<void(Index)> resume_at;
    std::function<Index()> step_count, total_steps, epoch;
    std::function<Terms(std::span<Micro<GreyPixels>>, Micro<GreyPixels> const*)> step;
    std::function<LesionPainter()> painter;
    std::function<void()> refresh, teacher_from_student;
  } calls = {};

  AnyMemory& backend() { return memory; }
  Parts& method() { return parts; }
  Counts& optimizer() { return counts; }
  AnyMasking const& masking() const { return spoils; }
  TrainOptions const& options() const { return settings; }
  Index films_per_step() const { return settings.batch * settings.accumulate; }
  Index step_count() const { return calls.step_count(); }
  Index total_steps() const { return calls.total_steps(); }
  Index epoch() const { return calls.epoch(); }
  void resume_at(Index step) { calls.resume_at(step); }
  void schedule(Index steps_per_epoch, Index epochs) { calls.schedule(steps_per_epoch, epochs); }
  Terms step(std::span<Micro<GreyPixels>> micros, Micro<GreyPixels> const* next = nullptr) { return calls.step(micros, next); }
  void refresh() { calls.refresh(); }
};

// Found by fit, save_checkpoint and load_checkpoint in place of the ones for a Trainer.
inline LesionPainter painter_of(AnyTrainer& trainer) { return trainer.calls.painter(); }
template <class F>
void for_each_saved(AnyTrainer& trainer, F f) {
  for (auto& [name, shape, values] : trainer.saved) f(name, shape, values);
}
inline Validation validate(AnyTrainer& trainer, ValidationFilms const& films, View<const float, 2> mean) {
  return validate(trainer.subject, films, mean);
}

}  // namespace afire::cli
