// afire/nn/scaled_block.hpp -- layer scale (Touvron et al., 2021), and the transformer block that has it (timm's Block with init_values)
//
//   layer scale:   y = gamma x, one factor a column                                       x, y: (N, C), gamma: (C)
//   block:         u = x + gamma1 attention(norm1(x)),   y = u + gamma2 mlp(norm2(u))      x, u, y: (B L, C)
//
//   ScaledBlock<float> block(384, 6, 4, 1e-6, 1e-5);    auto saved = block.plan(arena, batch, tokens);    block.forward(be, x, y, saved);
//
// Kept beside what a Block keeps: both branches before their factors. A Block pays nothing for this.
#pragma once
#include <afire/nn/block.hpp>

namespace afire {

template <class T>
struct ScaleColumns {
  View<const T, 2> x;                      // (N, C)
  View<const Accum<T>, 1> gamma;           // (C)
  View<T, 2> y;                            // (N, C), may be the memory of x
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    lane.each(x.cols(), [&](Index c) { y(n, c) = T(wide(x(n, c)) * gamma(c)); });
  }
};

template <class T>
struct ProductOf {
  View<const T, 2> a, b;                   // (N, C)
  AFIRE_HD Accum<T> operator()(Index n, Index c) const { return wide(a(n, c)) * wide(b(n, c)); }
};

template <class T>
struct LayerScale {
  Param<T> gamma;                          // (C)

  LayerScale(Index width, double start) {
    gamma.shape = {width};
    gamma.scale = start;
  }

  void visit(Names<T> const& names) { names("gamma", gamma); }

  template <class B>
  void forward(B& be, std::type_identity_t<View<const T, 2>> x,         // (N, C)
               View<T, 2> y) const {                                    // (N, C), written, may be the memory of x
    for_each_row(be, x.rows(), ScaleColumns<T>{x, gamma.value, y});
  }

  // Forward was y = gamma x. So dx = gamma dy, dgamma = sum_n dy x.
  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 2>> x,        // (N, C)
                std::type_identity_t<View<const T, 2>> dy,              // (N, C)
                View<T, 2> dx,                                          // (N, C), written, may be the memory of dy
                View<Accum<T>, 2> partial) const {                      // (column_chunks, C or more) scratch
    add_column_sums(be, x.rows(), ProductOf<T>{x, dy}, gamma.grad, partial);
    forward(be, dy, dx);
  }
};

template <class T>
struct ScaledBlock {
  Block<T> block;
  LayerScale<T> ls1, ls2;

  ScaledBlock(Index width, Index heads, Index mlp_ratio, double eps, double start)
      : block(width, heads, mlp_ratio, eps), ls1(width, start), ls2(width, start) {}

  struct Saved {
    typename Block<T>::Saved block;
    View<T, 2> attention, mlp;             // (B L, C): the branches before their factors
  };

  void visit(Names<T> const& names) {
    block.visit(names);
    ls1.visit(names.under("ls1."));
    ls2.visit(names.under("ls2."));
  }

  Saved plan(Arena& arena, Index batch, Index tokens) const {
    Saved s;
    s.attention = arena.keep<T>(batch * tokens, block.fc1.in());
    s.mlp = arena.keep<T>(batch * tokens, block.fc1.in());
    s.block = block.plan(arena, batch, tokens);
    return s;
  }

  template <class B>
  void forward(B& be, std::type_identity_t<View<const T, 2>> x,         // (B L, C)
               View<T, 2> y,                                            // (B L, C), written
               Saved& saved) const {
    auto& s = saved.block;
    auto& norm2 = block.norm2;
    block.norm1.forward(be, x, s.normed, s.stats1);
    block.attn.forward(be, s.normed, saved.attention, s.attention);
    ls1.forward(be, saved.attention, s.branch);
    add_layer_norm(be, x, s.branch, norm2.weight.value, norm2.bias.value, norm2.eps, s.u, s.normed, s.stats2);
    block.fc1.forward(be, s.normed, s.h);
    gelu(be, s.h, s.wide);
    block.fc2.forward(be, s.wide, saved.mlp);
    ls2.forward(be, saved.mlp, s.branch);
    add(be, s.u, s.branch, y);
  }

  // As in Block, with the gradient of each branch taken through its factors first.
  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 2>> x,        // (B L, C)
                std::type_identity_t<View<const T, 2>> dy,              // (B L, C)
                View<T, 2> dx,                                          // (B L, C), written; may be the memory of dy
                Saved& saved) const {
    auto& s = saved.block;
    ls2.backward(be, saved.mlp, dy, s.branch, s.partial);
    gemm(be, matrix(View<const T, 2>(s.branch)), matrix(block.fc2.weight.matrix()), matrix(s.d_wide));
    gelu_backward(be, s.h, s.d_wide, s.wide, s.d_wide);
    block.fc2.backward(be, s.wide, s.branch, {}, s.partial);
    block.norm2.forward(be, s.u, s.normed, s.stats2);
    block.fc1.backward(be, s.normed, s.d_wide, s.branch, s.partial);
    block.norm2.backward(be, s.u, s.stats2, s.branch, dy, s.d_u, s.partial);
    block.norm1.forward(be, x, s.normed, s.stats1);
    ls1.backward(be, saved.attention, s.d_u, s.branch, s.partial);
    block.attn.backward(be, s.normed, s.branch, s.branch, s.attention);
    block.norm1.backward(be, x, s.stats1, s.branch, s.d_u, dx, s.partial);
  }
};

}  // namespace afire
