// afire/nn/linear.hpp -- an affine map of every row
//
//   y = x W^T + b,      x: (N, in), W: (out, in), b: (out) or none, y: (N, out)
//
//   Linear<float> fc(384, 1536);    fc.forward(be, x, y);    fc.backward(be, x, dy, dx, partial);
#pragma once
#include <cmath>

#include <afire/core/arena.hpp>
#include <afire/core/param.hpp>
#include <afire/op/column_sum.hpp>

namespace afire {

template <class T>
struct Linear {
  Param<T> weight;                         // (out, in)
  Param<T> bias;                           // (out)

  Linear(Index in, Index out, bool with_bias = true) {
    weight.shape = {out, in};
    weight.start = Start::uniform;         // Xavier (Glorot & Bengio, 2010)
    weight.scale = std::sqrt(6.0 / static_cast<double>(in + out));
    bias.shape = {with_bias ? out : 0};
  }

  Index in() const { return weight.size() / out(); }
  Index out() const { return weight.shape[0]; }

  void visit(Names<T> const& names) {
    names("weight", weight);
    if (bias.size() > 0) names("bias", bias);
  }

  template <class B>
  void forward(B& be, std::type_identity_t<View<const T, 2>> x,         // (N, in)
               View<T, 2> y) const {                                    // (N, out), written
    gemm(be, matrix(x), transposed(matrix(weight.matrix())), matrix(y), GemmOf<T>{.bias = bias.value});
  }

  // Forward was y = x W^T + b. So dx = dy W, dW = dy^T x, db = sum_n dy.
  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 2>> x,        // (N, in)
                std::type_identity_t<View<const T, 2>> dy,              // (N, out)
                View<T, 2> dx,                                          // (N, in), written, may be the memory of x; empty: not needed
                View<Accum<T>, 2> partial) const {                      // (column_chunks, out or more) scratch
    if (bias.grad) add_column_sums(be, dy, bias.grad, partial);
    backward_but_bias(be, x, dy, dx);
  }

  // The same without db: whoever wrote dy has added it up (op/gelu.hpp).
  template <class B>
  void backward_but_bias(B& be, std::type_identity_t<View<const T, 2>> x,         // (N, in)
                         std::type_identity_t<View<const T, 2>> dy,               // (N, out)
                         View<T, 2> dx) const {                                   // (N, in), written, as above
    gemm(be, transposed(matrix(dy)), matrix(x), matrix(weight.matrix_grad()), GemmOf<T>{.add = true});
    if (dx) gemm(be, matrix(dy), matrix(weight.matrix()), matrix(dx));
  }
};

}  // namespace afire
