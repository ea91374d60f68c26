// afire/ssl/method.hpp -- one self-supervised method put together: student, teacher, objective, and the memory that a step needs
//
//   seen  -> encoder -> tokens -> head    -> scores                     clean -> teacher's encoder and head -> scores -> prototypes
//                              -> decoder -> film                                                               -> assignment -> targets
//   loss = objective(scores, film; targets, clean film)                 gradients walk the same way back
//
//   Method<bf16, PerPositionHead, TransformerDecoder, Objective> method(be, {vit_small, {}, {}, objective}, batch);
//   Terms terms = method.gradients(be, micro_batches, moment);          // gradients are added to method.student_store()
//
// Parts that the objective does not need are not there: no head without scores, no decoder without a film, no teacher without one.
#pragma once
#include <span>

#include <afire/ssl/networks.hpp>

namespace afire {

template <class Head, class DecoderConfig, class Objective>
struct MethodConfig {
  ViTConfig vit;
  Head head;
  DecoderConfig decoder;
  Objective objective;
};

template <class T, class Head, class DecoderConfig, class Objective>
class Method {
 public:
  using Config = MethodConfig<Head, DecoderConfig, Objective>;
  static constexpr Needs needs = Objective::needs;
  using Student = StudentParts<T, needs>;
  using TeacherNet = std::conditional_t<needs.teacher, TeacherParts<T>, Nothing>;

  template <class B>
  Method(B& be, Config const& config, Index batch)
      : config_(config), batch_(batch), student_(config), teacher_(config), student_store_(be, student_, Gradients::yes),
        teacher_store_(be, teacher_, Gradients::no), arena_(planned(be)) {}
  Method(Method const&) = delete;

  Config const& config() const { return config_; }
  Index batch() const { return batch_; }                               // films of one micro-batch
  ParamStore<T>& student_store() { return student_store_; }
  ParamStore<T>& teacher_store() { return teacher_store_; }
  Student& student() { return student_; }
  TeacherNet& teacher() { return teacher_; }
  Arena const& arena() const { return arena_; }
  auto& objective_state() { return plan_.objective; }

  // What the last forward passes gave.
  View<const T, 3> tokens() const { return plan_.encoder.tokens; }                        // (B, 1 + L, C)
  View<const T, 3> patches() const requires(needs.film) { return plan_.decoder.patches; } // (B, 1 + L, P P channels)
  View<const Accum<T>, 3> scores() const requires(needs.scores) { return plan_.head.scores; }
  // Until the student runs, which takes the teacher's memory.
  View<const Accum<T>, 3> teacher_scores() const requires(needs.teacher) { return plan_.teacher_head.scores; }

  // Losses and gradients of one step, whose films may come as several micro-batches: the teacher sees all of them first,
  // the prototypes move once, and every mean is over the whole step.
  template <class B, class Pixels>
  Terms gradients(B& be, std::span<Micro<Pixels>> micros, Moment moment) {
    Terms terms;
    begin(be, micros, moment, true);
    for (auto& micro : micros) {
      terms["loss"] += forward(be, micro, terms);
      backward(be, micro);
    }
    count_lesions(micros, terms);
    return terms;
  }

  // Losses only: nothing is learnt and no prototype moves.
  template <class B, class Pixels>
  Terms losses(B& be, std::span<Micro<Pixels>> micros) {
    Terms terms;
    begin(be, micros, {}, false);
    for (auto& micro : micros) terms["loss"] += forward(be, micro, terms);
    count_lesions(micros, terms);
    return terms;
  }

  template <class B, class Pixels>
  void run_teacher(B& be, Pixels clean) requires(needs.teacher) {
    teacher_.encoder.forward(be, clean, plan_.teacher_encoder);
    for_each_row(be, plan_.teacher_patch_tokens.extent[0] * plan_.teacher_patch_tokens.extent[1],
                 DropClassToken<T>{plan_.teacher_encoder.tokens, plan_.teacher_patch_tokens});
    teacher_.head.forward(be, flat_rows(plan_.teacher_patch_tokens), plan_.teacher_head);
  }

  // Tokens of clean films as they would be transferred: the teacher's where there is one. (B, 1 + L, C)
  template <class B, class Pixels>
  View<const T, 3> encode(B& be, Pixels clean) {
    if constexpr (needs.teacher) {
      run_teacher(be, clean);
      return plan_.teacher_encoder.tokens;
    } else {
      student_.encoder.forward(be, clean, plan_.encoder);
      return plan_.encoder.tokens;
    }
  }

  // The student's scores and film for what it sees.
  template <class B, class Pixels>
  void run_student(B& be, Pixels seen, View<const unsigned char, 2> lesion) {
    student_.encoder.forward(be, seen, plan_.encoder);
    if constexpr (needs.scores) {
      for_each_row(be, plan_.patch_tokens.extent[0] * plan_.patch_tokens.extent[1],
                   DropClassToken<T>{plan_.encoder.tokens, plan_.patch_tokens});
      student_.head.forward(be, flat_rows(plan_.patch_tokens), plan_.head);
    }
    if constexpr (needs.film) student_.decoder.forward(be, plan_.encoder.tokens, lesion, plan_.decoder);
  }

 private:
  struct Plan {
    typename ViT<T>::Saved encoder, teacher_encoder;
    typename decltype(Student::head)::Saved head;
    typename decltype(Student::decoder)::Saved decoder;
    typename ProjectionHead<T>::Saved teacher_head;
    typename Objective::template State<T> objective;
    View<T, 3> patch_tokens, teacher_patch_tokens;                     // (B, L, C)
    View<T, 3> d_tokens;                                               // (B, 1 + L, C)
    View<T, 3> d_patch_tokens;                                         // (B, L, C)
    View<Accum<T>, 3> d_scores;                                        // (B, L, K)
    View<T, 3> d_patches;                                              // (B, 1 + L, P P channels)
  };

  template <class V>
  static auto flat_rows(V x) { return x.as(x.extent[0] * x.extent[1], x.extent[2]); }

  template <class B>
  Arena planned(B& be) {
    Arena counting;
    plan(counting);
    Arena arena(counting, allocate<std::byte>(be, counting.bytes()));
    plan(arena);
    return arena;
  }

  void plan(Arena& arena) {
    Index const L = config_.vit.tokens(), C = config_.vit.width;
    plan_ = Plan{};
    arena.part("objective");
    Index prototypes = 1;
    if constexpr (needs.scores) prototypes = student_.head.prototypes();
    plan_.objective = config_.objective.template plan<T>(arena, Sizes{batch_, L, prototypes});
    if constexpr (needs.teacher) {
      auto scope = arena.scope();
      auto forget = arena.forget();
      plan_.teacher_encoder = teacher_.encoder.plan(arena, batch_);
      plan_.teacher_patch_tokens = arena.scratch<T>(batch_, L, C);
      plan_.teacher_head = teacher_.head.plan(arena, batch_, L);
    }
    auto scope = arena.scope();
    plan_.d_tokens = arena.scratch<T>(batch_, config_.vit.all_tokens(), C);
    arena.part("head");
    if constexpr (needs.scores) {
      plan_.patch_tokens = arena.keep<T>(batch_, L, C);
      plan_.d_patch_tokens = arena.scratch<T>(batch_, L, C);
      plan_.d_scores = arena.scratch<Accum<T>>(batch_, L, prototypes);
      auto inner = arena.scope();
      plan_.head = student_.head.plan(arena, batch_, L);
    }
    arena.part("decoder");
    if constexpr (needs.film) {
      plan_.d_patches = arena.scratch<T>(batch_, config_.vit.all_tokens(), student_.decoder.image_pred.out());
      auto inner = arena.scope();
      plan_.decoder = student_.decoder.plan(arena, batch_);
    }
    arena.part("encoder");
    plan_.encoder = student_.encoder.plan(arena, batch_);
  }

  // Counts over the whole step, and the teacher's part in it.
  template <class B, class Pixels>
  void begin(B& be, std::span<Micro<Pixels>> micros, Moment moment, bool learning) {
    Index films = 0, lesions = 0, tokens = 0;
    for (auto& m : micros) {
      expects(m.lesion.extent[0] == batch_ && m.lesion.extent[1] == config_.vit.tokens(), "method: a micro-batch has a lesion map of shape ",
              shape_text(m.lesion), ", the plan is for (", batch_, ", ", config_.vit.tokens(), ")");
      films += batch_, tokens += m.lesion.size();
      for (unsigned char l : m.lesion) lesions += l != 0;
    }
    for (auto& m : micros) {
      m.films = films, m.lesions = lesions, m.normal = tokens - lesions;
      m.patch = config_.vit.patch, m.channels = config_.vit.channels, m.grid = config_.vit.grid();
    }
    if constexpr (needs.teacher) {
      if (learning) {
        for (auto& m : micros) {
          run_teacher(be, m.clean);
          config_.objective.observe(be, plan_.objective, View<const Accum<T>, 3>(plan_.teacher_head.scores));
        }
        moment.films = films;
        config_.objective.settle(be, plan_.objective, moment);
      }
    }
  }

  template <class Pixels>
  static void count_lesions(std::span<Micro<Pixels>> micros, Terms& terms) {
    if (!micros.empty())
      terms["lesion_share"] = static_cast<double>(micros[0].lesions) / static_cast<double>(micros[0].lesions + micros[0].normal);
  }

  template <class B, class Pixels>
  double forward(B& be, Micro<Pixels> const& m, Terms& terms) {
    run_student(be, m.seen, m.lesion);
    Outputs<T> out{};
    if constexpr (needs.scores) {
      fill(be, plan_.d_scores.flat(), 0);
      out.scores = plan_.head.scores, out.d_scores = plan_.d_scores;
    }
    if constexpr (needs.film) {
      fill(be, plan_.d_patches.flat(), T{});
      out.patches = plan_.decoder.patches, out.d_patches = plan_.d_patches;
    }
    return config_.objective.evaluate(be, plan_.objective, out, m, terms);
  }

  template <class B, class Pixels>
  void backward(B& be, Micro<Pixels> const& m) {
    if constexpr (needs.film) student_.decoder.backward(be, plan_.encoder.tokens, m.lesion, plan_.d_patches, plan_.d_tokens, plan_.decoder);
    else fill(be, plan_.d_tokens.flat(), T{});
    if constexpr (needs.scores) {
      student_.head.backward(be, flat_rows(plan_.patch_tokens), plan_.d_scores, flat_rows(plan_.d_patch_tokens), plan_.head);
      for_each_row(be, plan_.d_patch_tokens.extent[0] * plan_.d_patch_tokens.extent[1],
                   JoinTokenGradients<T>{plan_.d_patch_tokens, plan_.d_tokens});
    }
    student_.encoder.backward(be, plan_.d_tokens, plan_.encoder);
  }

  Config config_;
  Index batch_;
  Student student_;
  TeacherNet teacher_;
  ParamStore<T> student_store_, teacher_store_;
  Plan plan_;
  Arena arena_;
};

}  // namespace afire
