// afire/nn/block.hpp -- one pre-norm transformer block (timm's Block)
//
//   u = x + attention(norm1(x)),      y = u + fc2(gelu(fc1(norm2(u))));      x, u, y: (B L, C)
//
//   Block<float> block(384, 6, 4, 1e-6);    auto saved = block.plan(arena, batch, tokens);    block.forward(be, x, y, saved);
//
// Kept for the backward pass: x (by the caller), u, q k v, o and the input of GELU. Norm and GELU outputs are made again.
#pragma once
#include <afire/nn/attention.hpp>
#include <afire/nn/layer_norm.hpp>
#include <afire/op/gelu.hpp>
#include <afire/op/residual.hpp>

namespace afire {

template <class T>
struct Block {
  LayerNorm<T> norm1, norm2;
  Attention<T> attn;
  Linear<T> fc1, fc2;

  Block(Index width, Index heads, Index mlp_ratio, double eps)
      : norm1(width, eps), norm2(width, eps), attn(width, heads), fc1(width, mlp_ratio * width), fc2(mlp_ratio * width, width) {}

  struct Saved {
    View<T, 2> u;                          // (B L, C)
    View<T, 2> h;                          // (B L, 4 C): fc1's output, before GELU
    View<Accum<T>, 2> stats1, stats2;      // (B L, 2)
    typename Attention<T>::Saved attention;
    View<T, 2> normed;                     // (B L, C) scratch
    View<T, 2> branch;                     // (B L, C) scratch: a branch's output, or its gradient
    View<T, 2> d_u;                        // (B L, C) scratch
    View<T, 2> wide, d_wide;               // (B L, 4 C) scratch
    View<Accum<T>, 2> partial;             // (column_chunks, 4 C) scratch
  };

  void visit(Names<T> const& names) {
    norm1.visit(names.under("norm1."));
    attn.visit(names.under("attn."));
    norm2.visit(names.under("norm2."));
    fc1.visit(names.under("mlp.fc1."));
    fc2.visit(names.under("mlp.fc2."));
  }

  Saved plan(Arena& arena, Index batch, Index tokens) const {
    Index const N = batch * tokens, C = fc1.in(), hidden = fc1.out();
    Saved s;
    s.u = arena.keep<T>(N, C);
    s.h = arena.keep<T>(N, hidden);
    s.stats1 = arena.keep<Accum<T>>(N, Index{2});
    s.stats2 = arena.keep<Accum<T>>(N, Index{2});
    auto scope = arena.scope();
    s.normed = arena.scratch<T>(N, C);
    s.branch = arena.scratch<T>(N, C);
    s.wide = arena.scratch<T>(N, hidden);
    if (!arena.forgetting()) {
      s.d_u = arena.scratch<T>(N, C);
      s.d_wide = arena.scratch<T>(N, hidden);
      s.partial = arena.scratch<Accum<T>>(column_chunks, hidden);
    }
    s.attention = attn.plan(arena, batch, tokens);
    return s;
  }


  template <class B>
  void forward(B& be, std::type_identity_t<View<const T, 2>> x,         // (B L, C)
               View<T, 2> y,                                            // (B L, C), written
               Saved& s) const {
    norm1.forward(be, x, s.normed, s.stats1);
    attn.forward(be, s.normed, s.branch, s.attention);
    add_layer_norm(be, x, s.branch, norm2.weight.value, norm2.bias.value, norm2.eps, s.u, s.normed, s.stats2);
    fc1.forward(be, s.normed, s.h);
    gelu(be, s.h, s.wide);
    fc2.forward(be, s.wide, s.branch);
    add(be, s.u, s.branch, y);
  }

  // Forward was y = u + mlp(norm2(u)), u = x + attn(norm1(x)). So d_u = dy + (through mlp), dx = d_u + (through attention).
  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 2>> x,        // (B L, C)
                std::type_identity_t<View<const T, 2>> dy,              // (B L, C)
                View<T, 2> dx,                                          // (B L, C), written; may be the memory of dy
                Saved& s) const {
    gemm(be, matrix(dy), matrix(fc2.weight.matrix()), matrix(s.d_wide));
    gelu_backward(be, s.h, s.d_wide, s.wide, s.d_wide);
    fc2.backward(be, s.wide, dy, {}, s.partial);
    norm2.forward(be, s.u, s.normed, s.stats2);
    fc1.backward(be, s.normed, s.d_wide, s.branch, s.partial);
    norm2.backward(be, s.u, s.stats2, s.branch, dy, s.d_u, s.partial);
    norm1.forward(be, x, s.normed, s.stats1);
    attn.backward(be, s.normed, s.d_u, s.branch, s.attention);
    norm1.backward(be, x, s.stats1, s.branch, s.d_u, dx, s.partial);
  }
};

}  // namespace afire
