// afire/ssl/teaching.hpp -- the teacher's side of a method: its network, or the student's, and what it says of a batch
//
//   clean -> encoder -> tokens -> head without its predictor -> scores          nothing is stored for a backward pass
//
//   Teaching<T, needs, Teacher<Ema>, PerPositionHead> teaching(be, config);     auto saved = teaching.plan(student, arena, images);
//   teaching.run(be, student, clean, saved);                // saved.encoder.tokens, saved.scored: until the student takes their memory
//   teaching.set_targets(be, student, clean, saved, out);   // the same, kept: out.teacher_scores, out.teacher_class_scores ...
//
// What the products read of its weights is rounded anew by each run, into memory that the student takes afterwards.
#pragma once
#include <afire/ssl/networks.hpp>
#include <afire/ssl/scorer.hpp>
#include <afire/ssl/teacher.hpp>

namespace afire {

template <class T, Needs needs, class Kind, class HeadConfig>
struct Teaching {
  static constexpr bool owns = needs.teacher && is_average<Kind>;       // weights
  using Head = std::conditional_t<needs.teacher && scores_any(needs), typename TeacherHead<T, HeadConfig>::type, Nothing>;
  using Net = std::conditional_t<owns, TeacherParts<T, Head>, Nothing>;
  using ScorerOf = Scorer<T, Head, needs.teacher ? needs : Needs{}>;

  Net net;
  ScorerOf scorer;
  ParamStore<T> store;                     // of net

  template <class B, class Config>
  Teaching(B& be, Config const& c)
      : net(c), scorer{c.pool, c.vit.tokens()}, store(be, net, Gradients::no, Working::lent) {}

  struct Saved {
    typename ViT<T>::Saved encoder;
    typename ScorerOf::Saved scored;
    View<Accum<T>, 3> targets;             // (G B, L, K): while the student runs
    View<Accum<T>, 2> class_targets;       // (G B, K)
    View<T, 3> tokens;                     // (G B, L, C): of patches
  };

  template <class Student>
  Saved plan(Student const& student, Arena& arena, Index images) {
    Saved s;
    if constexpr (needs.teacher) {
      auto const& from = weights(student);
      auto const& head = head_of(from);
      Index const L = from.encoder.embed.tokens(), C = from.encoder.config.width;
      if constexpr (needs.targets && needs.scores) s.targets = arena.keep<Accum<T>>(images, L, head.prototypes());
      if constexpr (needs.targets && needs.class_scores) s.class_targets = arena.keep<Accum<T>>(images, head.prototypes());
      if constexpr (needs.tokens) s.tokens = arena.keep<T>(images, L, C);
      auto const forget = arena.forget();
      auto const borrow = arena.borrow();
      if constexpr (owns && ParamStore<T>::rounds) store.lend(net, arena.scratch<T>(store.size()));
      s.encoder = from.encoder.plan(arena, images);
      s.scored = scorer.plan(head, arena, images, C, from.encoder.config.all_tokens());
    }
    return s;
  }

  template <class B, class Student, class Pixels>
  void run(B& be, Student& student, Pixels clean, Saved& s) {
    auto& from = weights(student);
    if constexpr (owns) refresh(be, store);
    from.encoder.forward(be, clean, s.encoder);
    scorer.forward(be, head_of(from), s.encoder.tokens, s.scored);
  }

  template <class B, class Student, class Pixels>
  void set_targets(B& be, Student& student, Pixels clean, Saved& s, Outputs<T>& out) {
    run(be, student, clean, s);
    if constexpr (needs.scores) copy(be, s.scored.scores().flat(), s.targets.flat());
    if constexpr (needs.class_scores) copy(be, s.scored.class_scores().flat(), s.class_targets.flat());
    if constexpr (needs.tokens) copy(be, s.scored.patch_tokens.flat(), s.tokens.flat());
    out.teacher_scores = s.targets, out.teacher_class_scores = s.class_targets, out.teacher_tokens = s.tokens;
  }

 private:
  template <class Student>
  auto& weights(Student& student) {
    if constexpr (owns) return net;
    else return student;
  }
  template <class Student>
  auto const& weights(Student const& student) const {
    if constexpr (owns) return net;
    else return student;
  }
  template <class From>
  static auto& head_of(From& from) {
    if constexpr (requires { from.head.without_predictor(); }) return from.head.without_predictor();
    else return from.head;
  }
};

}  // namespace afire
