// afire/op/layer_norm.hpp -- normalise every row, then scale and shift it (Ba et al., "Layer normalization", 2016)
//
//   y = (x - mean) * rstd * gain + shift,      rstd = 1 / sqrt(var + eps),      mean and var over the C columns of a row
//
//   layer_norm(be, x, gain, shift, 1e-6, y, stats);
//   layer_norm_backward(be, x, gain, stats, dy, addend, dx, dgain, dshift, scratch);   // dx is written, dgain and dshift are added to
//
// `addend` is the gradient that comes along the residual branch around the norm: dx = addend + (gradient through the norm).
#pragma once
#include <afire/core/backend.hpp>
#include <afire/op/column_sum.hpp>
#include <afire/op/math.hpp>

namespace afire {

template <class T>
struct LayerNormRow {                      // one row, one worker
  static constexpr bool calculates = true; // worth AVX-512 (backend/wide.hpp)
  View<const T, 2> x;                      // (N, C)
  View<const Accum<T>, 1> gain, shift;     // (C)
  View<T, 2> y;                            // (N, C)
  View<Accum<T>, 2> stats;                 // (N, 2): mean, rstd
  Accum<T> eps;

  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    using S = Accum<T>;
    auto const C = x.cols();
    S const mean = lane.sum_over(C, [&](Index c) { return wide(x(n, c)); }) / static_cast<S>(C);
    S const var = lane.sum_over(C, [&](Index c) { return math::square(wide(x(n, c)) - mean); }) / static_cast<S>(C);
    S const rstd = 1 / math::sqrt(var + eps);
    lane.each(C, [&](Index c) { y(n, c) = T((wide(x(n, c)) - mean) * rstd * gain(c) + shift(c)); });
    lane.once([&] { stats(n, 0) = mean, stats(n, 1) = rstd; });
  }
};

template <class B, class T>
void layer_norm(any_tag, B& be, View<const T, 2> x, View<const Accum<T>, 1> gain, View<const Accum<T>, 1> shift, Accum<T> eps,
                View<T, 2> y, View<Accum<T>, 2> stats) {
  for_each_row(be, x.rows(), LayerNormRow<T>{x, gain, shift, y, stats, eps});
}

template <class B, class T>
void layer_norm(B& be, std::type_identity_t<View<const T, 2>> x,               // (N, C)
                std::type_identity_t<View<const Accum<T>, 1>> gain,            // (C)
                std::type_identity_t<View<const Accum<T>, 1>> shift,           // (C)
                Accum<T> eps,
                View<T, 2> y,                                                  // (N, C)
                View<Accum<T>, 2> stats) {                                     // (N, 2): mean, rstd
  layer_norm(typename B::tag{}, be, x, gain, shift, eps, y, stats);
}

// Forward was y = xhat * gain + shift with xhat = (x - mean) * rstd, and mean and var both depend on x. So, with g = dy * gain,
//   dx = rstd * (g - mean_c(g) - xhat * mean_c(g * xhat)),    dgain = sum_n dy * xhat,    dshift = sum_n dy.
template <class T>
struct LayerNormRowBackward {
  static constexpr bool calculates = true; // worth AVX-512 (backend/wide.hpp)
  View<const T, 2> x;                      // (N, C)
  View<const Accum<T>, 1> gain;            // (C)
  View<const Accum<T>, 2> stats;           // (N, 2)
  View<const T, 2> dy;                     // (N, C)
  View<const T, 2> addend;                 // (N, C) or empty
  View<T, 2> dx;                           // (N, C), may be the memory of addend or dy

  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    using S = Accum<T>;
    auto const C = x.cols();
    S const mean = stats(n, 0), rstd = stats(n, 1);
    S const g_mean = lane.sum_over(C, [&](Index c) { return wide(dy(n, c)) * gain(c); }) / static_cast<S>(C);
    S const gx_mean =
        lane.sum_over(C, [&](Index c) { return wide(dy(n, c)) * gain(c) * (wide(x(n, c)) - mean) * rstd; }) / static_cast<S>(C);
    if (addend)
      lane.each(C, [&](Index c) {
        S const xhat = (wide(x(n, c)) - mean) * rstd;
        dx(n, c) = T(wide(addend(n, c)) + rstd * (wide(dy(n, c)) * gain(c) - g_mean - xhat * gx_mean));
      });
    else
      lane.each(C, [&](Index c) {
        S const xhat = (wide(x(n, c)) - mean) * rstd;
        dx(n, c) = T(rstd * (wide(dy(n, c)) * gain(c) - g_mean - xhat * gx_mean));
      });
  }
};

// dgain and dshift are sums down the columns: of dy * xhat and of dy.
template <class T>
struct LayerNormColumns {
  View<const T, 2> x;                      // (N, C)
  View<const Accum<T>, 2> stats;           // (N, 2)
  View<const T, 2> dy;                     // (N, C)
  AFIRE_HD Accum<T> operator()(Index n, Index c) const { return wide(dy(n, c)) * (wide(x(n, c)) - stats(n, 0)) * stats(n, 1); }
};

template <class B, class T>
void layer_norm_backward(any_tag, B& be, LayerNormRowBackward<T> const& rows, View<Accum<T>, 1> dgain, View<Accum<T>, 1> dshift,
                         View<Accum<T>, 2> partial) {
  add_column_sums(be, rows.x.rows(), LayerNormColumns<T>{rows.x, rows.stats, rows.dy}, dgain, partial);
  add_column_sums(be, rows.x.rows(), ElementOf<T>{rows.dy}, dshift, partial);
  for_each_row(be, rows.x.rows(), rows);
}

template <class B, class T>
void layer_norm_backward(B& be, std::type_identity_t<View<const T, 2>> x,      // (N, C)
                         std::type_identity_t<View<const Accum<T>, 1>> gain,   // (C)
                         std::type_identity_t<View<const Accum<T>, 2>> stats,  // (N, 2)
                         std::type_identity_t<View<const T, 2>> dy,            // (N, C)
                         std::type_identity_t<View<const T, 2>> addend,        // (N, C) or empty
                         View<T, 2> dx,                                        // (N, C), written
                         View<Accum<T>, 1> dgain, View<Accum<T>, 1> dshift,    // (C), added to
                         View<Accum<T>, 2> partial) {                          // (column_chunks, C) scratch
  layer_norm_backward(typename B::tag{}, be, LayerNormRowBackward<T>{x, gain, stats, dy, addend, dx}, dgain, dshift, partial);
}

}  // namespace afire
