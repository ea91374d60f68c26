// afire/op/distance.hpp -- how far apart two numbers are: what a regression sums up, as policies with value and slope
//
//   Squared   d^2                            Absolute  |d|
//   SmoothL1  d^2 / (2 beta) for |d| < beta, else |d| - beta / 2           Huber  d^2 / 2 for |d| < delta, else delta (|d| - delta / 2)
//
//   Restoration<Everywhere, SmoothL1>{.distance = {.beta = 0.5}}
#pragma once
#include <afire/core/error.hpp>

namespace afire {

struct Squared {
  template <class S> AFIRE_HD S value(S d) const { return d * d; }
  template <class S> AFIRE_HD S slope(S d) const { return 2 * d; }
};

struct Absolute {                          // slope 0 at 0
  template <class S> AFIRE_HD S value(S d) const { return d < 0 ? -d : d; }
  template <class S> AFIRE_HD S slope(S d) const { return d < 0 ? S(-1) : d > 0 ? S(1) : S(0); }
};

struct SmoothL1 {
  double beta = 1;
  void validate() const { expects_positive("smooth L1: beta", beta); }
  template <class S> AFIRE_HD S value(S d) const {
    S const b = static_cast<S>(beta), away = d < 0 ? -d : d;
    return away < b ? d * d / (2 * b) : away - b / 2;
  }
  template <class S> AFIRE_HD S slope(S d) const {
    S const b = static_cast<S>(beta);
    return d <= -b ? S(-1) : d >= b ? S(1) : d / b;
  }
};

struct Huber {                             // delta times SmoothL1 with beta = delta
  double delta = 1;
  void validate() const { expects_positive("huber: delta", delta); }
  template <class S> AFIRE_HD S value(S d) const { return static_cast<S>(delta) * SmoothL1{delta}.value(d); }
  template <class S> AFIRE_HD S slope(S d) const { return static_cast<S>(delta) * SmoothL1{delta}.slope(d); }
};

}  // namespace afire
