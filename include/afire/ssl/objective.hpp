// afire/ssl/objective.hpp -- what an objective is, and how objectives are added
//
//   An objective gives its value and its gradient in one call. It says by `needs` which parts of the method it looks at, and a method
//   owns only what some objective needs. Objectives compose; tensors don't:
//
//   auto objective = TokenContrast{Sinkhorn{}} + 0.5 * Restoration<Everywhere>{};
//
//   static constexpr Needs needs;                           what it looks at
//   plan(arena, sizes) -> State<T>                          what it keeps from step to step, and its scratch
//   evaluate(be, state, outputs, batch, terms, weight) -> double       the value times weight; gradients are added to outputs.d_*
//
//   with needs.observes, an objective that wants the teacher's scores of the whole step before the first loss is taken:
//   observe(be, state, teacher_scores)                      sees each micro-batch first
//   settle(be, state, moment)                               once a step, when all have been seen
//   refresh(be, state)                                      once after its tensors were read from a checkpoint
//
//   with needs.remembers, one that learns from a step's scores afterwards (a centre, a queue):
//   remember(be, state, outputs)                            each micro-batch, when its loss has been taken
//   conclude(be, state, moment)                             once a step, after the last
//
//   start(be, state), where there is one: what it keeps before the first step
#pragma once
#include <array>
#include <concepts>
#include <cstdint>
#include <string_view>

#include <afire/core/arena.hpp>
#include <afire/core/backend.hpp>

namespace afire {

struct Needs {                             // the parts of a method that an objective looks at
  bool teacher = false;                    // a teacher's scores
  bool scores = false;                     // the head on every patch token
  bool film = false;                       // the decoder
  bool class_scores = false;               // the head on the class token, or on what the method pools
  bool observes = false;                   // the teacher's scores of the whole step first
  bool targets = false;                    // the teacher's scores of the same films beside the student's
  bool tokens = false;                     // patch tokens of both, beside their scores
  bool remembers = false;
  Index views = 1;                         // of each film, at least
};
// What two objectives need together.
constexpr Needs operator|(Needs a, Needs b) {
  return {a.teacher || b.teacher, a.scores || b.scores, a.film || b.film, a.class_scores || b.class_scores, a.observes || b.observes,
          a.targets || b.targets, a.tokens || b.tokens, a.remembers || b.remembers, a.views > b.views ? a.views : b.views};
}

// How many views of each film a batch holds. Image v films + b is view v of film b; the teacher sees the first views.
struct Views {
  Index student = 1, teacher = 1;          // V, G
};

// Sizes that an objective plans for.
struct Sizes {
  Index batch, tokens, prototypes;         // images of a micro-batch: V films; L; K (or the width of an embedding)
  Views views = {};
  Index width = 0;                         // C, of a token
  Index films() const { return batch / views.student; }
};

// Where training is.
struct Moment {
  Index epoch = 0, step = 0;               // step counts from 0 over all epochs
  Index films = 0;                         // in this step, over all micro-batches: images that the teacher sees
  std::uint64_t seed = 0;                  // of the training, for what is drawn in a step
};

// What the student gave for one micro-batch, and where the gradient goes (zero at the beginning, added to). B films, V views of each for
// the student, G for the teacher; empty: nobody needs it.
template <class T>
struct Outputs {
  View<const Accum<T>, 3> scores;          // (V B, L, K)
  View<const T, 3> patches;                // (V B, 1 + L, P P channels)
  View<Accum<T>, 3> d_scores;
  View<T, 3> d_patches;
  View<const Accum<T>, 2> class_scores = {};           // (V B, K)
  View<Accum<T>, 2> d_class_scores = {};
  View<const Accum<T>, 3> teacher_scores = {};         // (G B, L, K)
  View<const Accum<T>, 2> teacher_class_scores = {};   // (G B, K)
  View<const T, 3> tokens = {}, teacher_tokens = {};   // (V B, L, C), (G B, L, C): of patches
  Views views = {};
};

// What a micro-batch of so many images counts for in a mean over the images of the step.
inline double micro_share(Index images, Index of_step) { return static_cast<double>(images) / static_cast<double>(of_step); }

// Calls objective.start where there is one.
template <class O, class B, class S>
void start_objective(O const& objective, B& be, S& state) {
  if constexpr (requires { objective.start(be, state); }) objective.start(be, state);
}

// Rows of view v: (B, ...) of (V B, ...).
template <class T, int R>
View<T, R> of_view(View<T, R> x, Index v, Index views) { return x.slice(v * (x.extent[0] / views), x.extent[0] / views); }

// One micro-batch, and counts over the whole batch so that cutting it into micro-batches changes nothing but rounding.
template <class Pixels>
struct Micro {
  Pixels seen, clean;                      // pixel functors, see nn/embed.hpp
  View<const unsigned char, 2> lesion;     // (V B, L): 1 where the film was changed
  Index patch = 0, channels = 0, grid = 0;            // of the encoder: P, channels, patches along a side
  Index films = 0, normal = 0, lesions = 0;           // of the whole batch: images, tokens untouched, tokens changed
  Index epoch = 0;
};

// Of the batch's tokens, how many were changed: 0 ... 1.
template <class Pixels>
double lesion_share(Micro<Pixels> const& m) { return static_cast<double>(m.lesions) / static_cast<double>(m.lesions + m.normal); }

// Named numbers of a step, in the order in which they were first named. Each is a sum over micro-batches (and ranks): objectives add.
class Terms {
 public:
  static constexpr Index most = 24;        // different ones
  struct Term {
    std::string_view name;                 // a literal
    double value;
  };
  [[gnu::noinline]] double& operator[](std::string_view name) {
    for (Index i = 0; i < count_; ++i)
      if (terms_[static_cast<std::size_t>(i)].name == name) return terms_[static_cast<std::size_t>(i)].value;
    expects(count_ < most, "terms: more than ", most, " different numbers in a step");
    terms_[static_cast<std::size_t>(count_)] = {name, 0};
    return terms_[static_cast<std::size_t>(count_++)].value;
  }
  double at(std::string_view name, double missing = 0) const {
    for (auto& t : *this)
      if (t.name == name) return t.value;
    return missing;
  }
  Term const* begin() const { return terms_.data(); }
  Term const* end() const { return terms_.data() + count_; }

 private:
  std::array<Term, most> terms_{};
  Index count_ = 0;
};

// Two objectives side by side, each with its own state; the value is the sum of both.
template <class A, class O>
struct Sum {
  A first;
  O second;
  static constexpr Needs needs = A::needs | O::needs;

  template <class T>
  struct State {
    typename A::template State<T> first;
    typename O::template State<T> second;
    template <class F>
    void visit(F&& f) {
      first.visit(f);
      second.visit(f);
    }
  };

  template <class T>
  State<T> plan(Arena& arena, Sizes sizes) const { return {first.template plan<T>(arena, sizes), second.template plan<T>(arena, sizes)}; }
  template <class B, class T>
  void start(B& be, State<T>& s) const { start_objective(first, be, s.first), start_objective(second, be, s.second); }
  template <class B, class T>
  void observe(B& be, State<T>& s, View<const Accum<T>, 3> scores) const {
    if constexpr (A::needs.observes) first.observe(be, s.first, scores);
    if constexpr (O::needs.observes) second.observe(be, s.second, scores);
  }
  template <class B, class T>
  void settle(B& be, State<T>& s, Moment const& moment) const {
    if constexpr (A::needs.observes) first.settle(be, s.first, moment);
    if constexpr (O::needs.observes) second.settle(be, s.second, moment);
  }
  template <class B, class T>
  void refresh(B& be, State<T>& s) const {
    if constexpr (A::needs.observes) first.refresh(be, s.first);
    if constexpr (O::needs.observes) second.refresh(be, s.second);
  }
  template <class B, class T>
  void remember(B& be, State<T>& s, Outputs<T> const& out) const {
    if constexpr (A::needs.remembers) first.remember(be, s.first, out);
    if constexpr (O::needs.remembers) second.remember(be, s.second, out);
  }
  template <class B, class T>
  void conclude(B& be, State<T>& s, Moment const& moment) const {
    if constexpr (A::needs.remembers) first.conclude(be, s.first, moment);
    if constexpr (O::needs.remembers) second.conclude(be, s.second, moment);
  }
  template <class B, class T, class Pixels>
  double evaluate(B& be, State<T>& s, Outputs<T> const& out, Micro<Pixels> const& batch, Terms& terms, double weight = 1) const {
    return first.evaluate(be, s.first, out, batch, terms, weight) + second.evaluate(be, s.second, out, batch, terms, weight);
  }
};

// An objective times a number; its terms are those of the objective itself times the number.
template <class O>
struct Scaled {
  double weight;
  O objective;
  static constexpr Needs needs = O::needs;
  template <class T>
  using State = typename O::template State<T>;

  template <class T>
  State<T> plan(Arena& a, Sizes z) const { return expects_not_negative("objective: its weight", weight), objective.template plan<T>(a, z); }
  template <class B, class S>
  void start(B& be, S& s) const { start_objective(objective, be, s); }
  template <class B, class S, class V>
  void observe(B& be, S& s, V scores) const { objective.observe(be, s, scores); }
  template <class B, class S>
  void settle(B& be, S& s, Moment const& moment) const { objective.settle(be, s, moment); }
  template <class B, class S>
  void refresh(B& be, S& s) const { objective.refresh(be, s); }
  template <class B, class S, class Out>
  void remember(B& be, S& s, Out const& out) const { objective.remember(be, s, out); }
  template <class B, class S>
  void conclude(B& be, S& s, Moment const& moment) const { objective.conclude(be, s, moment); }
  template <class B, class S, class Out, class Batch>
  double evaluate(B& be, S& s, Out const& out, Batch const& batch, Terms& terms, double outer = 1) const {
    return objective.evaluate(be, s, out, batch, terms, outer * weight);
  }
};

template <class O>
concept HasNeeds = requires { { O::needs } -> std::convertible_to<Needs>; };

// operator+ adds objectives, operator* weighs one.
template <HasNeeds A, HasNeeds O>
Sum<A, O> operator+(A a, O b) { return {a, b}; }
template <HasNeeds O>
Scaled<O> operator*(double weight, O objective) { return {weight, objective}; }

// Meant as an objective, whatever it lacks: in_sum tells what stands in a sum without saying what it needs so, rather than "no match".
template <class O>
concept MeantAsObjective = HasNeeds<O> || requires { typename O::template State<float>; };
template <class O>
consteval bool in_sum() {
  static_assert(HasNeeds<O>,
                "afire: an Objective of this sum does not say what it looks at. Give it  static constexpr Needs needs{.film = true};  "
                "(scores, class_scores, teacher ...)");
  return true;
}

template <class A, class O>
requires(std::is_class_v<A>&& std::is_class_v<O> && (MeantAsObjective<A> || MeantAsObjective<O>)&&!(HasNeeds<A> && HasNeeds<O>))
auto operator+(A a, O) { return static_cast<void>(in_sum<A>() && in_sum<O>()), a; }
template <class O>
requires(MeantAsObjective<O> && !HasNeeds<O>)
auto operator*(double, O objective) { return static_cast<void>(in_sum<O>()), objective; }

}  // namespace afire
