// afire/nn/attention.hpp -- multi-head self-attention with its two linear maps (Vaswani et al., 2017; timm's Attention)
//
//   [q | k | v] = x Wqkv^T + b,   o = softmax(q k^T / sqrt(D)) v for each of H heads,   y = o Wproj^T + b;    C = H D
//
//   Attention<float> attn(384, 6);    auto saved = attn.plan(arena, batch, tokens);    attn.forward(be, x, y, saved);
#pragma once
#include <afire/nn/linear.hpp>
#include <afire/op/attention.hpp>

namespace afire {

template <class T>
struct Attention {
  Linear<T> qkv, proj;
  Index heads;

  Attention(Index width, Index heads_, bool qkv_bias = true) : qkv(width, 3 * width, qkv_bias), proj(width, width), heads(heads_) {
    expects(heads > 0 && width % heads == 0, "attention: width ", width, " is not a multiple of ", heads, " heads");
  }

  struct Saved {
    View<T, 4> packed;                     // (3, B H, L, D)
    View<T, 3> o;                          // (B, L, C)
    View<Accum<T>, 2> log_sum;             // (B H, L)
    View<T, 2> d_qkv;                      // (B L, 3 C) scratch: q, k, v as the product gives them, then their gradient
    View<T, 2> d_o;                        // (B L, C) scratch
    View<Accum<T>, 2> partial;             // (column_chunks, 3 C) scratch
    AttentionWork<T> work;
  };

  void visit(Names<T> const& names) {
    qkv.visit(names.under("qkv."));
    proj.visit(names.under("proj."));
  }

  Saved plan(Arena& arena, Index batch, Index tokens) const {
    Index const C = proj.in(), D = C / heads;
    Saved s;
    s.packed = arena.keep<T>(Index{3}, batch * heads, tokens, D);
    s.o = arena.keep<T>(batch, tokens, C);
    s.log_sum = arena.keep<Accum<T>>(batch * heads, tokens);
    auto scope = arena.scope();
    s.d_qkv = arena.scratch<T>(batch * tokens, 3 * C);
    if (!arena.forgetting()) {
      s.d_o = arena.scratch<T>(batch * tokens, C);
      s.partial = arena.scratch<Accum<T>>(column_chunks, 3 * C);
    }
    s.work = plan_attention<T>(arena, batch, heads, tokens, D);
    return s;
  }

  template <class B>
  void forward(B& be, std::type_identity_t<View<const T, 2>> x,         // (B L, C)
               View<T, 2> y,                                            // (B L, C), written
               Saved& s) const {
    bool const in_place = reads_heads_in_place<T>(typename B::tag{}, s.packed.extent[3]);
    auto const product = in_place ? s.packed.as(x.rows(), qkv.out()) : s.d_qkv;
    qkv.forward(be, x, product);
    pack_heads(be, product, s.packed, heads);
    attention(be, s.packed, s.o, s.log_sum, s.work);
    proj.forward(be, s.o.as(x.rows(), x.cols()), y);
  }

  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 2>> x,        // (B L, C)
                std::type_identity_t<View<const T, 2>> dy,              // (B L, C)
                View<T, 2> dx,                                          // (B L, C), written
                Saved& s) const {
    proj.backward(be, s.o.as(dy.rows(), dy.cols()), dy, s.d_o, s.partial);
    attention_backward(be, s.packed, s.o, s.log_sum, s.d_o.as(s.o.extent[0], s.o.extent[1], s.o.extent[2]), s.d_qkv, s.work);
    qkv.backward(be, x, s.d_qkv, dx, s.partial);
  }
};

}  // namespace afire
