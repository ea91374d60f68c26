// afire/nn/block.hpp -- one pre-norm transformer block (timm's Block)
//
//   u = x + attention(norm1(x)),             y = u + fc2(gelu(fc1(norm2(u))));      x, u, y: (B L, C)
//   u = x + keep1 gamma1 attention(...),     y = u + keep2 gamma2 fc2(...)          with layer scale (gamma) and drop path (keep)
//
//   Block<float> block(384, 6, 4, 1e-6);    auto saved = block.plan(arena, batch, tokens);    block.forward(be, x, y, saved);
//   Block<float> block(384, 6, 4, 1e-6, 1e-5);                     // layer scale that starts at 1e-5; 0: none
//   saved.keep1 = ..., saved.keep2 = ...                           // a factor a film, from drop_path.hpp; empty: every branch is kept
//
// Kept for the backward pass: x (by the caller), u, q k v, o and the input of GELU; with layer scale both branches before their factors.
// Norm and GELU outputs are made again. Planned under arena.recompute(), nothing but x is kept: the way back begins with the way forward.
#pragma once
#include <afire/nn/attention.hpp>
#include <afire/nn/layer_norm.hpp>
#include <afire/nn/layer_scale.hpp>
#include <afire/op/gelu.hpp>
#include <afire/op/residual.hpp>

namespace afire {

template <class T>
struct Block {
  LayerNorm<T> norm1, norm2;
  Attention<T> attn;
  Linear<T> fc1, fc2;
  LayerScale<T> ls1, ls2;

  Block(Index width, Index heads, Index mlp_ratio, double eps, double layer_scale = 0, bool qkv_bias = true)
      : norm1(width, eps), norm2(width, eps), attn(width, heads, qkv_bias), fc1(width, mlp_ratio * width), fc2(mlp_ratio * width, width),
        ls1(width, layer_scale), ls2(width, layer_scale) {}

  struct Saved {
    View<T, 2> u;                          // (B L, C)
    View<T, 2> h;                          // (B L, 4 C): fc1's output, before GELU
    View<Accum<T>, 2> stats1, stats2;      // (B L, 2)
    View<T, 2> attended, mapped;           // (B L, C): the branches before their factors; the scratch `branch` without layer scale
    View<const Accum<T>, 1> keep1, keep2;  // (B): drop path, set by the caller; empty: every branch is kept
    typename Attention<T>::Saved attention;
    View<T, 2> normed;                     // (B L, C) scratch
    View<T, 2> branch;                     // (B L, C) scratch: a branch's output, or its gradient
    View<T, 2> d_u;                        // (B L, C) scratch
    View<T, 2> wide, d_wide;               // (B L, 4 C) scratch
    View<Accum<T>, 2> partial;             // (column_chunks, 4 C) scratch
    bool recompute = false;                // all of the above is scratch: backward makes it again from x
  };

  void visit(Names<T> const& names) {
    norm1.visit(names.under("norm1."));
    attn.visit(names.under("attn."));
    norm2.visit(names.under("norm2."));
    fc1.visit(names.under("mlp.fc1."));
    fc2.visit(names.under("mlp.fc2."));
    ls1.visit(names.under("ls1."));
    ls2.visit(names.under("ls2."));
  }

  Saved plan(Arena& arena, Index batch, Index tokens) const {
    Index const N = batch * tokens, C = fc1.in(), hidden = fc1.out();
    Saved s;
    s.recompute = arena.recomputing();
    auto const lent = arena.lend(s.recompute);
    s.u = arena.keep<T>(N, C);
    s.h = arena.keep<T>(N, hidden);
    s.stats1 = arena.keep<Accum<T>>(N, Index{2});
    s.stats2 = arena.keep<Accum<T>>(N, Index{2});
    if (ls1) {
      s.attended = arena.keep<T>(N, C);
      s.mapped = arena.keep<T>(N, C);
    }
    auto scope = arena.scope();
    s.normed = arena.scratch<T>(N, C);
    s.branch = arena.scratch<T>(N, C);
    if (!ls1) s.attended = s.mapped = s.branch;
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
    hidden(be, x, s);
    map(be, s);
    add(be, s.u, ls2.forward(be, s.mapped, s.keep2, s.branch), y);
  }

  // Forward was y = u + mlp(norm2(u)), u = x + attn(norm1(x)). So d_u = dy + (through mlp), dx = d_u + (through attention).
  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 2>> x,        // (B L, C)
                std::type_identity_t<View<const T, 2>> dy,              // (B L, C)
                View<T, 2> dx,                                          // (B L, C), written; may be the memory of dy
                Saved& s) const {
    if (s.recompute) {
      hidden(be, x, s);
      if (ls2) map(be, s);
    }
    auto const d_mapped = ls2.backward(be, s.mapped, s.keep2, dy, s.branch, s.partial);
    gemm(be, matrix(d_mapped), matrix(fc2.weight.matrix()), matrix(s.d_wide));
    gelu_backward(be, s.h, s.d_wide, s.wide, s.d_wide, fc1.bias.grad, s.partial);
    fc2.backward(be, s.wide, d_mapped, {}, s.partial);
    norm2.forward(be, s.u, s.normed, s.stats2);
    fc1.backward_but_bias(be, s.normed, s.d_wide, s.branch);
    norm2.backward(be, s.u, s.stats2, s.branch, dy, s.d_u, s.partial);
    norm1.forward(be, x, s.normed, s.stats1);
    auto const d_attended = ls1.backward(be, s.attended, s.keep1, s.d_u, s.branch, s.partial);
    attn.backward(be, s.normed, d_attended, s.branch, s.attention);
    norm1.backward(be, x, s.stats1, s.branch, s.d_u, dx, s.partial);
  }

 private:
  // From x to h, the input of GELU: attention, and half of the MLP.
  template <class B>
  void hidden(B& be, View<const T, 2> x, Saved& s) const {              // (B L, C)
    norm1.forward(be, x, s.normed, s.stats1);
    attn.forward(be, s.normed, s.attended, s.attention);
    auto const branch = ls1.forward(be, s.attended, s.keep1, s.branch);
    add_layer_norm(be, x, branch, norm2.weight.value, norm2.bias.value, norm2.eps, s.u, s.normed, s.stats2);
    fc1.forward(be, s.normed, s.h);
  }
  // And from h to what joins u.
  template <class B>
  void map(B& be, Saved& s) const {
    gelu(be, s.h, s.wide);
    fc2.forward(be, s.wide, s.mapped);
  }
};

}  // namespace afire
