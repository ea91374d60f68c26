// afire/ssl/objective_concept.hpp -- what an objective is (ssl/objective.hpp), and the sentence that says what one lacks
//
//   static constexpr Needs needs                                                   State<T>, with visit(f) for what is saved with the run
//   plan<T>(arena, sizes) const -> State<T>
//   evaluate(be, state, outputs, micro, terms, weight) const -> double             gradients are added to outputs.d_*
//   where needs.observes: observe(be, state, scores), settle(be, state, moment), refresh(be, state), all const
//   where needs.remembers: remember(be, state, outputs), conclude(be, state, moment), both const
//
//   static_assert(explain_objective<Mine, Reference, float>());                    // beside one of one's own; Trainer asks the same
//
// A sum is gone through part by part, and of a part that has a member `assignment` that too.
#pragma once
#include <afire/nn/embed.hpp>
#include <afire/ssl/concepts.hpp>
#include <afire/ssl/objective.hpp>

namespace afire {

namespace probe {
struct Named {
  template <class Name, class V>
  void operator()(Name, V) const {}
};
}  // namespace probe

template <class O, class T>
concept HasState = requires(typename O::template State<T>& s, probe::Named f) { s.visit(f); };

template <class O, class T>
concept HasStatePlan = requires(O const& o, Arena& arena, Sizes sizes) { o.template plan<T>(arena, sizes); };

template <class O, class T>
concept PlansState = HasStatePlan<O, T> && requires(O const& o, Arena& arena, Sizes sizes) {
  { o.template plan<T>(arena, sizes) } -> std::same_as<typename O::template State<T>>;
};

template <class O, class B, class T>
concept Evaluates = requires(O& o, B& be, typename std::remove_const_t<O>::template State<T>& s, Outputs<T> const& out,
                             Micro<GreyPixels> const& micro, Terms& terms) { o.evaluate(be, s, out, micro, terms, 1.0); };

template <class O, class B, class T>
concept EvaluatesToDouble = requires(O const& o, B& be, typename O::template State<T>& s, Outputs<T> const& out,
                                     Micro<GreyPixels> const& micro, Terms& terms) {
  { o.evaluate(be, s, out, micro, terms, 1.0) } -> std::same_as<double>;
};

template <class O, class B, class T>
concept Observes = requires(O const& o, B& be, typename O::template State<T>& s, View<const Accum<T>, 3> scores, Moment const& moment) {
  o.observe(be, s, scores);
  o.settle(be, s, moment);
  o.refresh(be, s);
};

template <class O, class B, class T>
concept Remembers = requires(O const& o, B& be, typename O::template State<T>& s, Outputs<T> const& out, Moment const& moment) {
  o.remember(be, s, out);
  o.conclude(be, s, moment);
};

template <class O, class B, class T>
concept ObservesWhereNeeded = !O::needs.observes || Observes<O, B, T>;

template <class O, class B, class T>
concept RemembersWhereNeeded = !O::needs.remembers || Remembers<O, B, T>;

template <class O, class B, class T>
concept Objective = HasNeeds<O> && HasState<O, T> && PlansState<O, T> && EvaluatesToDouble<O, B, T> && ObservesWhereNeeded<O, B, T> &&
    RemembersWhereNeeded<O, B, T>;

// ExplainObjective<O, B, T>::run() is explain_objective; specialised for objectives that are made of others.
template <class O, class B, class T>
struct ExplainObjective {
  static consteval bool run() {
    if constexpr (requires { &O::assignment; })
      static_assert(explain_stateful_assignment<decltype(O::assignment), B, Accum<T>>());
    if constexpr (!HasNeeds<O>)
      static_assert(HasNeeds<O>,
                    "afire: this Objective does not say what it looks at. Give it  static constexpr Needs needs{.film = true};  (scores, "
                    "class_scores, teacher ...)");
    else if constexpr (!HasState<O, T>)
      static_assert(HasState<O, T>,
                    "afire: this Objective has no State. Give it  template <class T> struct State { template <class F> void visit(F&& f) "
                    "{} };  with the views that it keeps");
    else if constexpr (!HasStatePlan<O, T>)
      static_assert(HasStatePlan<O, T>,
                    "afire: this Objective does not plan its State. Give it  template <class T> State<T> plan(Arena& arena, Sizes sizes) "
                    "const;");
    else if constexpr (!PlansState<O, T>)
      static_assert(PlansState<O, T>,
                    "afire: plan of this Objective must return its State<T>");
    else if constexpr (!Evaluates<O, B, T>)
      static_assert(Evaluates<O, B, T>,
                    "afire: this Objective cannot be called. Give it  template <class B, class T, class Pixels> double evaluate(B& be, "
                    "State<T>& state, Outputs<T> const& out, Micro<Pixels> const& micro, Terms& terms, double weight = 1) const;");
    else if constexpr (!Evaluates<O const, B, T>)
      static_assert(Evaluates<O const, B, T>,
                    "afire: evaluate of this Objective must be const: an objective is a value, and what it remembers goes into State");
    else if constexpr (!EvaluatesToDouble<O, B, T>)
      static_assert(EvaluatesToDouble<O, B, T>,
                    "afire: evaluate of this Objective must return its loss times weight as a double");
    else if constexpr (!ObservesWhereNeeded<O, B, T>)
      static_assert(Observes<O, B, T>,
                    "afire: this Objective needs.observes, so give it  observe(be, state, scores) const,  settle(be, state, moment) "
                    "const  and  refresh(be, state) const;  or leave .observes out");
    else if constexpr (!RemembersWhereNeeded<O, B, T>)
      static_assert(Remembers<O, B, T>,
                    "afire: this Objective needs.remembers, so give it  remember(be, state, outputs) const  and  conclude(be, state, "
                    "moment) const;  or leave .remembers out");
    return true;
  }
};

// Its assignment is asked for prototypes, which need no state.
template <class A>
struct TokenContrast;
template <class A, class B, class T>
struct ExplainObjective<TokenContrast<A>, B, T> {
  static consteval bool run() { return explain_assignment<A, B, Accum<T>>(); }
};

template <class A, class O, class B, class T>
struct ExplainObjective<Sum<A, O>, B, T> {
  static consteval bool run() { return ExplainObjective<A, B, T>::run() && ExplainObjective<O, B, T>::run(); }
};
template <class O, class B, class T>
struct ExplainObjective<Scaled<O>, B, T> : ExplainObjective<O, B, T> {};

template <class O, class B, class T>
consteval bool explain_objective() { return ExplainObjective<O, B, T>::run(); }

}  // namespace afire
