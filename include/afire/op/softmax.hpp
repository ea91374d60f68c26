// afire/op/softmax.hpp -- softmax of every row, and its logarithm
//
//   y = exp(x) / sum_c exp(x)            dx = y (dy - sum_c y dy)
//   y = x - log sum_c exp(x)             dx = dy - exp(y) sum_c dy
//
//   softmax(be, x, y);          softmax_backward(be, y, dy, dx);            // x, y, dy, dx: (N, C)
//   log_softmax(be, x, y);      log_softmax_backward(be, y, dy, dx);
//
// The largest entry of a row is taken off first: nothing overflows. Losses and attention have their own, fused with what follows.
#pragma once
#include <cmath>

#include <afire/core/backend.hpp>
#include <afire/op/math.hpp>

namespace afire {

template <class T, bool logarithm>
struct SoftmaxRow {                        // one row, one worker
  static constexpr bool calculates = true; // worth AVX-512 (backend/wide.hpp)
  View<const T, 2> x;                      // (N, C)
  View<T, 2> y;                            // (N, C)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    using S = Accum<T>;
    Index const C = x.cols();
    S const top = lane.max_over(C, [&](Index c) { return wide(x(n, c)); });
    S const sum = lane.sum_over(C, [&](Index c) { return math::exp(wide(x(n, c)) - top); });
    if constexpr (logarithm) {
      S const shift = top + std::log(sum);
      lane.each(C, [&](Index c) { y(n, c) = T(wide(x(n, c)) - shift); });
    } else {
      lane.each(C, [&](Index c) { y(n, c) = T(math::exp(wide(x(n, c)) - top) / sum); });
    }
  }
};

template <class T, bool logarithm>
struct SoftmaxRowBackward {                // the same backwards
  static constexpr bool calculates = true; // worth AVX-512 (backend/wide.hpp)
  View<const T, 2> y, dy;                  // (N, C)
  View<T, 2> dx;                           // (N, C), may be the memory of dy
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    using S = Accum<T>;
    Index const C = y.cols();
    if constexpr (logarithm) {
      S const sum = lane.sum_over(C, [&](Index c) { return wide(dy(n, c)); });
      lane.each(C, [&](Index c) { dx(n, c) = T(wide(dy(n, c)) - math::exp(wide(y(n, c))) * sum); });
    } else {
      S const along = lane.sum_over(C, [&](Index c) { return wide(y(n, c)) * wide(dy(n, c)); });
      lane.each(C, [&](Index c) { dx(n, c) = T(wide(y(n, c)) * (wide(dy(n, c)) - along)); });
    }
  }
};

template <class B, class T>
void softmax(B& be, std::type_identity_t<View<const T, 2>> x,              // (N, C)
             View<T, 2> y) {                                               // (N, C), written
  for_each_row(be, x.rows(), SoftmaxRow<T, false>{x, y});
}
template <class B, class T>
void softmax_backward(B& be, std::type_identity_t<View<const T, 2>> y,     // (N, C)
                      std::type_identity_t<View<const T, 2>> dy,           // (N, C)
                      View<T, 2> dx) {                                     // (N, C), written
  for_each_row(be, y.rows(), SoftmaxRowBackward<T, false>{y, dy, dx});
}

template <class B, class T>
void log_softmax(B& be, std::type_identity_t<View<const T, 2>> x,          // (N, C)
                 View<T, 2> y) {                                           // (N, C), written
  for_each_row(be, x.rows(), SoftmaxRow<T, true>{x, y});
}
template <class B, class T>
void log_softmax_backward(B& be, std::type_identity_t<View<const T, 2>> y,               // (N, C)
                          std::type_identity_t<View<const T, 2>> dy,                     // (N, C)
                          View<T, 2> dx) {                                               // (N, C), written
  for_each_row(be, y.rows(), SoftmaxRowBackward<T, true>{y, dy, dx});
}

}  // namespace afire
