// afire/ssl/method.hpp -- one self-supervised method put together: student, teacher, objective, and the memory that a step needs
//
//   seen  -> encoder -> tokens -> head    -> scores                     clean -> teacher's encoder and head -> scores -> prototypes
//                              -> decoder -> film                                                               -> assignment -> targets
//   loss = objective(scores, film; targets, clean film)                 gradients walk the same way back
//
//   Method<bf16, PerPositionHead, TransformerDecoder, Objective> method(be, {vit_small, {}, {}, objective}, batch);
//   Terms terms = method.gradients(be, micro_batches, moment);          // gradients are added to method.student_store()
//
// What the objective does not need is not there. Films and maps are the host's (ssl/staging.hpp). What goes with what: docs/compose.md.
#pragma once
#include <afire/ssl/method_config.hpp>
#include <afire/ssl/room.hpp>
#include <afire/ssl/staging.hpp>
#include <afire/ssl/step_counts.hpp>
#include <afire/ssl/teaching.hpp>

namespace afire {

template <class T, class Head, class DecoderConfig, class Objective, class Sight = InPixels, class TeacherKind = Teacher<Ema>,
          class Checkpoints = KeepActivations>
class Method {
 public:
  using Config = MethodConfig<Head, DecoderConfig, Objective, Sight, TeacherKind, Checkpoints>;
  static constexpr Needs needs = Objective::needs;
  static constexpr bool patch_teacher = needs.teacher && needs.scores, image_teacher = needs.teacher && needs.class_scores;
  static_assert(parts_fit<needs, Head, DecoderConfig, Sight, TeacherKind>() && explain_checkpointing<Checkpoints>());
  using Student = StudentParts<T, needs, Head, DecoderConfig, Sight>;
  using TeacherSide = Teaching<T, needs, TeacherKind, Head>;

  template <class B>
  Method(B& be, Config const& config, Index batch)
      : config_(config), batch_(batch), student_(config), teaching_(be, config), scorer_{config.pool, config.vit.tokens()},
        student_store_(be, student_, Gradients::yes), arena_(planned(be)) {
    expects(config.views.student >= needs.views, "method: the objective compares ", needs.views, " views of each film, the masking gives ",
            config.views.student, "; use TwoCrops");
    start_objective(config_.objective, be, plan_.objective);
    student_.sight.start(be, student_.encoder, plan_.sight);
  }
  Method(Method const&) = delete;

  Config const& config() const { return config_; }
  Index batch() const { return batch_; }                               // films of one micro-batch
  Index images() const { return batch_ * config_.views.student; }      // that the student sees of them
  Index teacher_images() const { return batch_ * config_.views.teacher; }
  ParamStore<T>& student_store() { return student_store_; }
  ParamStore<T>& teacher_store() { return teaching_.store; }
  Arena const& arena() const { return arena_; }
  auto& objective_state() { return plan_.objective; }

  // What the last forward passes gave, until the teacher runs, in the student's memory.
  View<const T, 3> tokens() const { return plan_.encoder.tokens; }                        // (V B, 1 + L, C), without small crops
  View<const T, 3> patches() const requires(needs.film) { return plan_.decoder.patches; } // (V B, 1 + L, P P channels)
  View<const Accum<T>, 3> scores() const requires(needs.scores) { return plan_.scored.scores(); }
  View<const Accum<T>, 2> class_scores() const requires(needs.class_scores) { return plan_.scored.class_scores(); }
  // Until the student runs.
  View<const Accum<T>, 3> teacher_scores() const requires(patch_teacher) { return plan_.teacher.scored.scores(); }
  View<const Accum<T>, 2> teacher_class_scores() const requires(image_teacher) { return plan_.teacher.scored.class_scores(); }

  // Losses and gradients of one step, whose films may come as several micro-batches and on several ranks: an objective that observes sees
  // the teacher's scores of all of them first, the prototypes move once, every mean is over the whole step. `next`, if known: the first of
  // the next call, whose films stay as they are until that one is done; a backend with memory of its own copies them meanwhile.
  template <class B, class Pixels>
  Terms gradients(B& be, std::span<Micro<Pixels>> micros, Moment moment, Micro<Pixels> const* next = nullptr) {
    static_assert(explain_ranks<B, needs>());
    Terms terms;
    begin(be, micros, moment, true);
    Index const before = ranks_of(be).rank().number * std::ssize(micros);                  // micro-batches of other ranks
    for (Index i = 0; i < std::ssize(micros); ++i) {
      auto const micro = staging_.micro(be, micros, i);
      bool const last = i + 1 == std::ssize(micros);
      if (last) next ? staging_.expect(be, *next) : staging_.expect_none(be);
      PathDraw const draw{moment.seed, moment.step, (before + i) * batch_, config_.views.student};
      terms["loss"] += forward(be, micro, terms, &draw);
      // Where the encoder goes back once, its gradients are final in the order of their memory, from the end on.
      if (last && std::is_same_v<Sight, InPixels>) expect_gradients(be, student_store_.gradients());
      backward(be, micro);
    }
    sum_step(be, student_store_.gradients(), terms);
    student_.sight.keep_paths(student_.encoder, plan_.encoder, plan_.sight);               // of losses() and run_student()
    if constexpr (needs.remembers) config_.objective.conclude(be, plan_.objective, moment);
    if (!micros.empty()) terms["lesion_share"] = lesion_share(micros[0]);
    return terms;
  }

  // Losses only: nothing is learnt and no prototype moves.
  template <class B, class Pixels>
  Terms losses(B& be, std::span<Micro<Pixels>> micros) {
    Terms terms;
    Moment nowhere;
    begin(be, micros, nowhere, false);
    for (Index i = 0; i < std::ssize(micros); ++i) terms["loss"] += forward(be, staging_.micro(be, micros, i), terms);
    if (!micros.empty()) terms["lesion_share"] = lesion_share(micros[0]);
    return terms;
  }

  template <class B, class Pixels>
  void run_teacher(B& be, Pixels clean) requires(needs.teacher) {
    teaching_.run(be, student_, staging_.films(be, clean), plan_.teacher);
  }

  // Tokens of clean films as they would be transferred: the teacher's where there is one. (encoded(), 1 + L, C)
  template <class B, class Pixels>
  View<const T, 3> encode(B& be, Pixels clean) {
    if constexpr (needs.teacher) {
      run_teacher(be, clean);
      return plan_.teacher.encoder.tokens;
    } else {
      auto& saved = Sight::every_patch ? plan_.encoder : plan_.whole_encoder;
      student_.encoder.forward(be, staging_.films(be, clean), saved);
      return saved.tokens;
    }
  }
  Index encoded() const { return needs.teacher ? teacher_images() : student_.sight.whole_images(images()); }

  // The student's scores and film for what it sees.
  template <class B, class Pixels>
  void run_student(B& be, Pixels seen, View<const unsigned char, 2> lesion) {
    look(be, staging_.films(be, seen), staging_.map(be, lesion));
  }

 private:
  template <class B, class Pixels>
  void look(B& be, Pixels seen, View<const unsigned char, 2> lesion) {
    student_.sight.forward(be, student_.encoder, seen, lesion, plan_.encoder, plan_.sight);
    scorer_.forward(be, student_.head, plan_.encoder.tokens, plan_.scored, student_.sight.small_tokens(plan_.sight));
    if constexpr (needs.film) {
      plan_.whole = student_.sight.whole(be, plan_.encoder.tokens, plan_.sight);
      student_.decoder.forward(be, plan_.whole, lesion, plan_.decoder);
    }
  }

  using ScorerOf = Scorer<T, decltype(Student::head), needs>;
  struct Plan {
    typename ViT<T>::Saved encoder, whole_encoder;                     // whole: of a student without a teacher that leaves patches out
    typename decltype(Student::sight)::Saved sight;
    typename decltype(Student::decoder)::Saved decoder;
    typename ScorerOf::Saved scored;
    typename TeacherSide::Saved teacher;
    typename Objective::template State<T> objective;
    View<const T, 3> whole;                                            // (V B, 1 + L, C): what the decoder read
    View<T, 3> d_tokens;                                               // (V B, N, C)
    View<T, 3> d_patches;                                              // (V B, 1 + L, P P channels)
  };

  template <class B>
  Arena planned(B& be) {
    return planned_arena(be, batch_, [&](Arena& arena, Index films) {
      batch_ = films;                                // others are tried where these do not fit: this method will not be
      plan(arena);
    });
  }

  void plan(Arena& arena) {
    Index const L = config_.vit.tokens(), C = config_.vit.width, N = config_.vit.all_tokens();
    plan_ = Plan{};
    arena.part("objective");
    Index prototypes = 1;
    if constexpr (scores_any(needs)) prototypes = student_.head.prototypes();
    plan_.objective = config_.objective.template plan<T>(arena, Sizes{images(), L, prototypes, config_.views, C});
    auto const again = arena.recompute(config_.checkpointing.recompute);
    auto scope = arena.scope();
    arena.part("masking");
    plan_.sight = student_.sight.plan(student_.encoder, arena, images());
    arena.part("teacher");
    plan_.teacher = teaching_.plan(student_, arena, teacher_images());
    if constexpr (!needs.teacher && !Sight::every_patch) {
      auto forget = arena.forget();
      auto borrow = arena.borrow();
      plan_.whole_encoder = student_.encoder.plan(arena, images());
    }
    plan_.d_tokens = arena.scratch<T>(student_.sight.whole_images(images()), student_.sight.tokens(N), C);
    arena.part("head");
    if constexpr (scores_any(needs)) plan_.scored = scorer_.plan(student_.head, arena, images(), C, student_.sight.fewest_tokens(N));
    arena.part("decoder");
    if constexpr (needs.film) {
      plan_.d_patches = arena.scratch<T>(images(), N, config_.vit.patch * config_.vit.patch * config_.vit.channels);
      auto inner = arena.scope();
      plan_.decoder = student_.decoder.plan(arena, images());
    }
    arena.part("encoder");
    plan_.encoder = student_.sight.plan_encoder(student_.encoder, arena, images(), plan_.sight);
  }

  // Counts over the whole step, and the teacher's part in it.
  template <class B, class Pixels>
  void begin(B& be, std::span<Micro<Pixels>> micros, Moment& moment, bool learning) {
    count_step(micros, config_.vit, images(), moment.epoch);
    for (auto& m : micros) student_.sight.check(m.lesion);
    if (learning) count_ranks(ranks_of(be), micros);
    moment.films = static_cast<Index>(micros.size()) * teacher_images() * ranks_of(be).rank().count;
    staging_.forget();
    if constexpr (needs.observes) {
      if (learning) {
        for (Index i = 0; i < std::ssize(micros); ++i) {
          teaching_.run(be, student_, teacher_pixels(staging_.micro(be, micros, i)), plan_.teacher);
          config_.objective.observe(be, plan_.objective, plan_.teacher.scored.scores());
        }
        config_.objective.settle(be, plan_.objective, moment);
      }
    }
  }

  template <class Pixels>
  Pixels teacher_pixels(Micro<Pixels> const& m) const { return config_.teacher.sees == Sees::seen ? m.seen : m.clean; }

  template <class B, class Pixels>
  double forward(B& be, Micro<Pixels> const& m, Terms& terms, PathDraw const* paths = nullptr) {       // paths: of a step that learns
    Outputs<T> out{};
    out.views = config_.views;
    if constexpr (needs.targets) teaching_.set_targets(be, student_, teacher_pixels(m), plan_.teacher, out);
    if (paths) student_.sight.drop_paths(be, student_.encoder, *paths, plan_.encoder, plan_.sight);
    look(be, m.seen, m.lesion);
    if constexpr (needs.tokens) out.tokens = plan_.scored.patch_tokens;
    scorer_.clear(be, plan_.scored);
    out.scores = plan_.scored.scores(), out.class_scores = plan_.scored.class_scores();
    out.d_scores = plan_.scored.d_scores, out.d_class_scores = plan_.scored.d_class();
    if constexpr (needs.film) {
      fill(be, plan_.d_patches.flat(), T{});
      out.patches = plan_.decoder.patches, out.d_patches = plan_.d_patches;
    }
    double const loss = config_.objective.evaluate(be, plan_.objective, out, m, terms);
    if constexpr (needs.remembers)
      if (paths) config_.objective.remember(be, plan_.objective, out);
    return loss;
  }

  template <class B, class Pixels>
  void backward(B& be, Micro<Pixels> const& m) {
    if constexpr (needs.film) {
      auto const d_whole = student_.sight.d_whole(plan_.d_tokens, plan_.sight);
      student_.decoder.backward(be, plan_.whole, m.lesion, plan_.d_patches, d_whole, plan_.decoder);
      student_.sight.collect(be, plan_.d_tokens, plan_.sight);
    } else fill(be, plan_.d_tokens.flat(), T{});
    scorer_.backward(be, student_.head, plan_.d_tokens, plan_.scored, student_.sight.d_small_tokens(plan_.sight));
    student_.sight.backward(be, student_.encoder, plan_.d_tokens, m.lesion, plan_.encoder, plan_.sight);
  }

  Config config_;
  Index batch_;
  Student student_;
  TeacherSide teaching_;
  ScorerOf scorer_;
  ParamStore<T> student_store_;
  Plan plan_;
  Arena arena_;
  Staging staging_;
};

}  // namespace afire
