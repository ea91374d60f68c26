// afire/nn/layer_scale.hpp -- what a branch is multiplied by before it joins the residual stream: layer scale and drop path
//
//   layer scale:  y = gamma x, one learned factor a column (Touvron et al., 2021; timm's init_values)      x, y: (N, C), gamma: (C)
//   drop path:    y = keep(b) x, one factor a film, 0 or 1 / (1 - rate) (Huang et al., 2016)               keep: (B)
//
//   LayerScale<float> ls(384, 1e-5);      auto y = ls.forward(be, x, keep, scratch);      // LayerScale ls(384, 0) has no gamma
//
// A branch that has neither costs no pass: its own memory is given back.
#pragma once
#include <afire/core/param.hpp>
#include <afire/op/column_sum.hpp>

namespace afire {

template <class T>
struct ScaleBranch {                       // one row, one worker
  View<const T, 2> x;                      // (N, C)
  View<const Accum<T>, 1> gamma;           // (C) or empty
  View<const Accum<T>, 1> keep;            // (B) or empty
  View<T, 2> y;                            // (N, C), may be the memory of x
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Accum<T> const k = keep ? keep(n * keep.size() / x.rows()) : Accum<T>(1);
    if (gamma) lane.each(x.cols(), [&](Index c) { y(n, c) = T(wide(x(n, c)) * gamma(c) * k); });
    else lane.each(x.cols(), [&](Index c) { y(n, c) = T(wide(x(n, c)) * k); });
  }
};

template <class T>
struct GammaColumn {                       // what row n adds to dgamma(c)
  View<const T, 2> x, dy;                  // (N, C)
  View<const Accum<T>, 1> keep;            // (B) or empty
  AFIRE_HD Accum<T> operator()(Index n, Index c) const {
    return wide(x(n, c)) * wide(dy(n, c)) * (keep ? keep(n * keep.size() / x.rows()) : Accum<T>(1));
  }
};

template <class T>
struct LayerScale {
  Param<T> gamma;                          // (C), or (0) where there is none

  LayerScale(Index width, double start) {
    gamma.shape = {start == 0 ? 0 : width};
    gamma.scale = start;
  }

  explicit operator bool() const { return gamma.size() > 0; }
  void visit(Names<T> const& names) {
    if (*this) names("gamma", gamma);
  }

  // gamma keep x in y, or x itself where there is nothing to multiply by.
  template <class B>
  View<const T, 2> forward(B& be, std::type_identity_t<View<const T, 2>> x,              // (N, C)
                           std::type_identity_t<View<const Accum<T>, 1>> keep,           // (B) or empty
                           View<T, 2> y) const {                                         // (N, C), written; may be the memory of x
    if (!*this && !keep) return x;
    for_each_row(be, x.rows(), ScaleBranch<T>{x, gamma.value, keep, y});
    return y;
  }

  // Forward was y = gamma keep x. So dx = gamma keep dy, dgamma = sum_n keep dy x.
  template <class B>
  View<const T, 2> backward(B& be, std::type_identity_t<View<const T, 2>> x,             // (N, C); not read where there is no gamma
                            std::type_identity_t<View<const Accum<T>, 1>> keep,          // (B) or empty
                            std::type_identity_t<View<const T, 2>> dy,                   // (N, C)
                            View<T, 2> dx,                                               // (N, C), written; may be the memory of dy
                            View<Accum<T>, 2> partial) const {                           // (column_chunks, C or more) scratch
    if (*this) add_column_sums(be, x.rows(), GammaColumn<T>{x, dy, keep}, gamma.grad, partial);
    return forward(be, dy, keep, dx);
  }
};

}  // namespace afire
