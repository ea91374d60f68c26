// afire/train/trainer.hpp -- a method, its optimiser and its schedules: what one training step is
//
//   Trainer trainer{cpu, Compute<bf16>{}, vit_small, PerPositionHead{.prototypes = 256}, TransformerDecoder{.width = 512, .depth = 8},
//                   SyntheticLesion{}, Teacher<Ema>{}, objective, AdamW{.lr = 5e-4}, TrainOptions{.batch = 32}};
//   trainer.schedule(steps_per_epoch, epochs);
//   Terms terms = trainer.step(micro_batches);               // or fit(trainer, films, ...): train/fit.hpp
//
// Order of a step (spec 2.9): rates, teacher, prototypes, targets, student, loss, backward, norms, clip, update, average.
#pragma once
#include <algorithm>

#include <afire/core/concepts.hpp>
#include <afire/core/repeated.hpp>
#include <afire/ssl/method.hpp>
#include <afire/ssl/objective_concept.hpp>
#include <afire/ssl/part_concepts.hpp>
#include <afire/train/concepts.hpp>
#include <afire/train/optimizer.hpp>
#include <afire/train/schedule.hpp>

namespace afire {

template <class T>
struct Compute {};                         // the type of the products: float, bf16 (or double on the reference backend)

struct TrainOptions {
  Index batch = 32;                        // films of a micro-batch, which ranks share equally (core/ranks.hpp)
  Index accumulate = 1;                    // micro-batches of a step
  std::uint64_t seed = 0;
  double min_lr = 1e-6;
  double warmup_epochs = -1;               // negative: ten, or a tenth of a training shorter than a hundred epochs
  double weight_decay = 0.04, weight_decay_end = 0.4;
  Index freeze_epochs = 1;                 // in which the head's directions stand still
  bool scale_lr = true;                    // lr x films a step / 256
  UpdateOptions update = {};
  Normalisation normalisation = imagenet();
  Pool pool = {0, 0};                      // tokens whose mean stands for the image; none: the class token if it is scored, else patches

  void validate() const {
    expects(batch > 0 && accumulate > 0, "training: batch ", batch, ", accumulate ", accumulate, "; each must be at least 1");
    expects_not_negative("training: min_lr", min_lr), expects_not_negative("training: weight_decay", weight_decay);
    expects_not_negative("training: weight_decay_end", weight_decay_end);
    expects(pool.first >= 0 && pool.count >= 0, "training: pool is ", pool.count, " tokens from token ", pool.first, " on");
    expects(warmup_epochs < 1e9, "training: warmup_epochs is ", warmup_epochs, "; a number is needed, negative: a tenth of the epochs");
    if (update.clip != Clip::none) expects_positive("training: clip_norm", update.clip_norm);
    expects_positive("training: layer_decay", update.layer_decay);
    for (int c = 0; c < 3; ++c) {
      expects_positive("training: a channel's deviation", normalisation.deviation[c]);
      expects(-1e300 < normalisation.mean[c] && normalisation.mean[c] < 1e300, "training: a channel's mean is ", normalisation.mean[c],
              "; a number is needed");
    }
  }
};

// A loss or gradient that is no number. The weights are still those of the step before.
struct Diverged : error {
  using error::error;
};

template <class B, class T, class Head, class DecoderConfig, class Masking, class Objective, class Rule, class TeacherKind = Teacher<Ema>,
          class Checkpoints = KeepActivations>
class Trainer {
  static_assert(explain_backend<B>() && explain_head<Head, B, T>() && explain_restoration<DecoderConfig, B, T>() &&
                explain_masking<Masking>() && explain_teacher<TeacherKind>() && explain_objective<Objective, B, T>() &&
                explain_rule<Rule>() && views_fit<Objective, Masking>());

 public:
  using Compute_t = T;
  using MethodType = Method<T, Head, DecoderConfig, Objective, SightOf<Masking>, TeacherKind, Checkpoints>;

  Trainer(B& be, Compute<T>, ViTConfig const& vit, Head head, DecoderConfig decoder, Masking masking, TeacherKind teacher,
          Objective objective, Rule rule, TrainOptions options = {}, Checkpoints checkpointing = {})
      : be_(be), masking_(fitting(validated(masking), vit)), rule_(validated(rule)), options_(validated(options)),
        method_(be, {vit, head, decoder, objective, sight_of(masking, vit.tokens()), validated(teacher), views_of(masking),
                     pool_of(options, vit), checkpointing},
                share_of(ranks_of(be).rank(), options.batch)),
        optimizer_(be, method_.student_store(), method_.teacher_store(), rule, options.update) {
    expects_not_negative("training: lr", rule.lr);
    initialise(be, method_.student_store(), options.seed);
    teacher_from_student();
  }

  B& backend() { return be_; }
  MethodType& method() { return method_; }
  Optimizer<T, Rule>& optimizer() { return optimizer_; }
  Masking const& masking() const { return masking_; }
  TrainOptions const& options() const { return options_; }
  // The tokens that stand for an image: those of the options, or else those that are scored; where none is, all patches.
  Pool image_pool() const { return method_.config().pool; }
  Index films_per_step() const { return options_.batch * options_.accumulate; }
  Index step_count() const { return step_; }                           // steps taken
  Index steps_per_epoch() const { return steps_per_epoch_; }
  Index total_steps() const { return total_steps_; }
  Index epoch() const { return step_ / steps_per_epoch_; }
  void resume_at(Index step) { step_ = step; }

  void schedule(Index steps_per_epoch, Index epochs) {
    expects(steps_per_epoch > 0, "training: fewer films than one step takes (", films_per_step(), "); use a smaller batch");
    expects(epochs > 0, "training: at least one epoch is needed");
    steps_per_epoch_ = steps_per_epoch, total_steps_ = steps_per_epoch * epochs;
    double const warm = options_.warmup_epochs >= 0 ? options_.warmup_epochs : std::min(10.0, static_cast<double>(epochs) / 10);
    Index const warmup = static_cast<Index>(warm * static_cast<double>(steps_per_epoch) + 0.5);
    double const base = options_.scale_lr ? scaled_rate(rule_.lr, films_per_step()) : rule_.lr;
    lr_ = {.base = base, .end = options_.min_lr, .warmup = std::min(warmup, total_steps_), .steps = total_steps_};
    decay_ = {.base = options_.weight_decay, .end = options_.weight_decay_end, .steps = total_steps_};
    if constexpr (is_average<TeacherKind>) {
      Ema const ema = method_.config().teacher.kind;
      momentum_ = {.base = ema.momentum, .end = ema.end, .steps = total_steps_};
    }
  }

  Rates rates(Index step) const {
    return {lr_(step), decay_(step), MethodType::needs.teacher && is_average<TeacherKind> ? momentum_(step) : 1.0};
  }

  // One step on micro-batches of options().batch films each; `next`: the first of the next step, if it is there (Method::gradients).
  template <class Pixels>
  Terms step(std::span<Micro<Pixels>> micros, Micro<Pixels> const* next = nullptr) {
    Rates const now = rates(step_);
    Moment const moment{epoch(), step_, 0, options_.seed};
    Terms terms = repeated(be_, [&] { return method_.gradients(be_, micros, moment, next); });
    if (!std::isfinite(terms["loss"]))
      throw Diverged(text("step ", step_, ": the loss is ", terms["loss"], unharmed()));
    Health const health = optimizer_.measure(be_);
    if (!health.bad.empty())
      throw Diverged(text("step ", step_, ": the gradient is not finite in ", health.bad, unharmed()));
    optimizer_.step(be_, now, epoch() < options_.freeze_epochs);
    terms["lr"] = now.lr, terms["weight_decay"] = now.weight_decay, terms["ema_momentum"] = now.momentum;
    terms["gradient_norm"] = health.gradient_norm, terms["tensors_clipped"] = static_cast<double>(health.clipped);
    ++step_;
    return terms;
  }

  // After its parameters or the objective's tensors were changed from outside: working copies and targets follow; a teacher's does anyway.
  void refresh() {
    afire::refresh(be_, method_.student_store());
    if constexpr (MethodType::needs.observes) method_.config().objective.refresh(be_, method_.objective_state());
  }

  // The teacher starts as a copy of the student.
  void teacher_from_student() {
    for (auto& [name, param, offset] : method_.teacher_store())
      copy(be_, method_.student_store().find(name)->value, param.value);
  }

 private:
  static Masking const& fitting(Masking const& masking, ViTConfig const& vit) { return expect_encoder(masking, vit), masking; }
  static Pool pool_of(TrainOptions const& options, ViTConfig const& vit) {
    Pool const p = options.pool;
    expects(p.first + p.count <= vit.all_tokens(), "training: pool is ", p.count, " tokens from token ", p.first, " on, there are ",
            vit.all_tokens());
    return p.count > 0 ? p : MethodType::needs.class_scores ? Pool{0, 1} : Pool{vit.front(), vit.tokens()};
  }

  static Index share_of(Rank rank, Index batch) {
    expects(batch % rank.count == 0, "training: ", rank.count, " ranks cannot share a batch of ", batch, " equally; use a multiple of ",
            rank.count);
    return batch / rank.count;
  }

  std::string unharmed() const {
    return text("; the weights are those ", step_ > 0 ? text("of step ", step_ - 1) : "that it began with",
                ". A smaller learning rate or --dtype f32 usually helps");
  }

  B& be_;
  Masking masking_;
  Rule rule_;
  TrainOptions options_;
  MethodType method_;
  Optimizer<T, Rule> optimizer_;
  Index step_ = 0, steps_per_epoch_ = 1, total_steps_ = 1;
  Cosine lr_{0, 0}, decay_{0, 0}, momentum_{1, 1};
};

}  // namespace afire
