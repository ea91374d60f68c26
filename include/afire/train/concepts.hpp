// afire/train/concepts.hpp -- what the rule of an optimiser is
//
//   double lr                             base rate
//   static constexpr int moments          0, 1 or 2: numbers that are kept for each parameter
//   static constexpr bool needs_weight_norms = false       true: trust(weight_norm, update_norm, matrix) const -> double
//   prepare(tensor, step, rate) const     once a tensor and step
//   update(w, g, m, v, tensor) const      one element; m and v are null where moments says so
//
//   static_assert(explain_rule<Mine>());                  // beside a rule of one's own; Trainer asks the same
#pragma once
#include <concepts>

#include <afire/train/update_rules.hpp>

namespace afire {

template <class R>
concept HasRate = requires(R const& r) {
  { r.lr } -> std::convertible_to<double>;
};

template <class R>
concept CountsMoments = requires {
  { R::moments } -> std::convertible_to<int>;
  { R::needs_weight_norms } -> std::convertible_to<bool>;
} && (R::moments >= 0 && R::moments <= 2);

template <class R>
concept Prepares = requires(R& r, TensorStep<float>& t) { r.prepare(t, Index{}, double{}); };

template <class R>
concept Updates = requires(R& r, float& w, float* m, TensorStep<float> const& t) { r.update(w, float{}, m, m, t); };

template <class R>
concept Trusts = requires(R const& r) {
  { r.trust(double{}, double{}, bool{}) } -> std::convertible_to<double>;
};

template <class R>
concept TrustsWhereAsked = !R::needs_weight_norms || Trusts<R>;

template <class R>
concept UpdateRule = HasRate<R> && CountsMoments<R> && Prepares<R const> && Updates<R const> && TrustsWhereAsked<R>;

template <class R>
consteval bool explain_rule() {
  if constexpr (!HasRate<R>)
    static_assert(HasRate<R>,
                  "afire: this Optimizer has no rate. Give it  double lr = 1e-3;");
  else if constexpr (!CountsMoments<R>)
    static_assert(CountsMoments<R>,
                  "afire: this Optimizer does not say what it keeps. Give it  static constexpr int moments = 0;  (1 or 2 numbers a "
                  "parameter) and  static constexpr bool needs_weight_norms = false;");
  else if constexpr (!Prepares<R>)
    static_assert(Prepares<R>,
                  "afire: this Optimizer is not told of a step. Give it  template <class S> void prepare(TensorStep<S>& tensor, Index "
                  "step, double rate) const;  (empty if it needs nothing)");
  else if constexpr (!Updates<R>)
    static_assert(Updates<R>,
                  "afire: this Optimizer cannot update a number. Give it  template <class S> void update(S& w, S g, S* m, S* v, "
                  "TensorStep<S> const& tensor) const;");
  else if constexpr (!Updates<R const>)
    static_assert(Updates<R const>,
                  "afire: update of this Optimizer must be const: all threads share it; what it remembers goes into m and v");
  else if constexpr (!Prepares<R const>)
    static_assert(Prepares<R const>,
                  "afire: prepare of this Optimizer must be const: what it finds out for a tensor and step goes into TensorStep");
  else
    static_assert(UpdateRule<R>,
                  "afire: this Optimizer asks for the lengths of weights and updates. Give it  double trust(double weight_norm, double "
                  "update_norm, bool matrix) const;  or say  needs_weight_norms = false");
  return true;
}

}  // namespace afire
