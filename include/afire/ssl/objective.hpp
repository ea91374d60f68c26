// afire/ssl/objective.hpp -- what an objective is, and how objectives are added
//
//   An objective gives its value and its gradient in one call. It says by `needs` which parts of the method it looks at, and a method
//   owns only what some objective needs. Objectives compose; tensors don't:
//
//   auto objective = TokenContrast{Sinkhorn{}} + 0.5 * Restoration<Everywhere>{};
//
//   static constexpr Needs needs;                           teacher, scores, film
//   plan(arena, sizes) -> State<T>                          what it keeps from step to step, and its scratch
//   observe(be, state, teacher_scores)                      sees each micro-batch of a step first
//   settle(be, state, moment)                               once a step, when all have been seen
//   refresh(be, state)                                      once after its tensors were read from a checkpoint
//   evaluate(be, state, outputs, batch, terms) -> double    the value; gradients are added to outputs.d_*
#pragma once
#include <array>
#include <concepts>
#include <string_view>

#include <afire/core/arena.hpp>
#include <afire/core/backend.hpp>

namespace afire {

struct Needs {
  bool teacher = false;                    // an EMA teacher's scores of the clean film
  bool scores = false;                     // the student's head
  bool film = false;                       // the student's decoder
};
constexpr Needs operator|(Needs a, Needs b) { return {a.teacher || b.teacher, a.scores || b.scores, a.film || b.film}; }

// Sizes that an objective plans for.
struct Sizes {
  Index batch, tokens, prototypes;         // B, L, K
};

// Where training is.
struct Moment {
  Index epoch = 0, step = 0;               // step counts from 0 over all epochs
  Index films = 0;                         // in this step, over all micro-batches
};

// What the student gave for one micro-batch, and where the gradient goes (zero at the beginning, added to).
template <class T>
struct Outputs {
  View<const Accum<T>, 3> scores;          // (B, L, K)
  View<const T, 3> patches;                // (B, 1 + L, P P channels)
  View<Accum<T>, 3> d_scores;
  View<T, 3> d_patches;
};

// One micro-batch, and counts over the whole batch so that cutting it into micro-batches changes nothing but rounding.
template <class Pixels>
struct Micro {
  Pixels seen, clean;                      // pixel functors, see nn/embed.hpp
  View<const unsigned char, 2> lesion;     // (B, L): 1 where the film was changed
  Index patch = 0, channels = 0, grid = 0;            // of the encoder: P, channels, patches along a side
  Index films = 0, normal = 0, lesions = 0;           // of the whole batch: films, tokens untouched, tokens changed
};

// Named numbers of a step, in the order in which they were first named.
class Terms {
 public:
  struct Term {
    std::string_view name;                 // a literal
    double value;
  };
  double& operator[](std::string_view name) {
    for (Index i = 0; i < count_; ++i)
      if (terms_[static_cast<std::size_t>(i)].name == name) return terms_[static_cast<std::size_t>(i)].value;
    expects(count_ < static_cast<Index>(terms_.size()), "terms: more than ", terms_.size(), " different numbers in a step");
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
  std::array<Term, 24> terms_{};
  Index count_ = 0;
};

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
  void observe(B& be, State<T>& s, View<const Accum<T>, 3> scores) const {
    first.observe(be, s.first, scores);
    second.observe(be, s.second, scores);
  }
  template <class B, class T>
  void settle(B& be, State<T>& s, Moment const& moment) const {
    first.settle(be, s.first, moment);
    second.settle(be, s.second, moment);
  }
  template <class B, class T>
  void refresh(B& be, State<T>& s) const {
    first.refresh(be, s.first);
    second.refresh(be, s.second);
  }
  template <class B, class T, class Pixels>
  double evaluate(B& be, State<T>& s, Outputs<T> const& out, Micro<Pixels> const& batch, Terms& terms, double weight = 1) const {
    return first.evaluate(be, s.first, out, batch, terms, weight) + second.evaluate(be, s.second, out, batch, terms, weight);
  }
};

template <class O>
struct Scaled {
  double weight;
  O objective;
  static constexpr Needs needs = O::needs;
  template <class T>
  using State = typename O::template State<T>;

  template <class T>
  State<T> plan(Arena& arena, Sizes sizes) const { return objective.template plan<T>(arena, sizes); }
  template <class B, class S, class V>
  void observe(B& be, S& s, V scores) const { objective.observe(be, s, scores); }
  template <class B, class S>
  void settle(B& be, S& s, Moment const& moment) const { objective.settle(be, s, moment); }
  template <class B, class S>
  void refresh(B& be, S& s) const { objective.refresh(be, s); }
  template <class B, class S, class Out, class Batch>
  double evaluate(B& be, S& s, Out const& out, Batch const& batch, Terms& terms, double outer = 1) const {
    return objective.evaluate(be, s, out, batch, terms, outer * weight);
  }
};

template <class O>
concept HasNeeds = requires { { O::needs } -> std::convertible_to<Needs>; };

template <HasNeeds A, HasNeeds O>
Sum<A, O> operator+(A a, O b) { return {a, b}; }

template <HasNeeds O>
Scaled<O> operator*(double weight, O objective) { return {weight, objective}; }

}  // namespace afire
