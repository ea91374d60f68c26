// afire/nn/layer_norm.hpp -- the layer norm with its two parameters
//
//   y = (x - mean) * rstd * weight + bias;      x, y: (N, C), weight, bias: (C)
//
//   LayerNorm<float> norm(384, 1e-6);    norm.forward(be, x, y, stats);
#pragma once
#include <afire/core/param.hpp>
#include <afire/op/layer_norm.hpp>

namespace afire {

template <class T>
struct LayerNorm {
  Param<T> weight, bias;                   // (C)
  Accum<T> eps;

  LayerNorm(Index width, double eps_) : eps(static_cast<Accum<T>>(eps_)) {
    weight.shape = bias.shape = {width};
    weight.scale = 1;
  }

  void visit(Names<T> const& names) {
    names("weight", weight);
    names("bias", bias);
  }

  template <class B>
  void forward(B& be, std::type_identity_t<View<const T, 2>> x,         // (N, C)
               View<T, 2> y,                                            // (N, C), written
               View<Accum<T>, 2> stats) const {                         // (N, 2), written
    layer_norm(be, x, weight.value, bias.value, eps, y, stats);
  }

  // dx = addend + the gradient through the norm.
  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 2>> x,        // (N, C)
                View<Accum<T>, 2> stats,                                // (N, 2)
                std::type_identity_t<View<const T, 2>> dy,              // (N, C)
                std::type_identity_t<View<const T, 2>> addend,          // (N, C) or empty
                View<T, 2> dx,                                          // (N, C), written
                View<Accum<T>, 2> partial) const {                      // (column_chunks, C or more) scratch
    layer_norm_backward(be, x, weight.value, stats, dy, addend, dx, weight.grad, bias.grad, partial);
  }
};

}  // namespace afire
