// afire/nn/head.hpp -- the projection head: an MLP, unit length, and weight-normalised directions for every position
//
//   x -> fc0 -> GELU -> fc2 -> GELU -> fc4 -> z = unit length -> s(b, j, k) = g(j, k) <z(b, j), v(j, k)> / |v(j, k)|
//   x: (B, L, width);  z: (B, L, out);  s: (B, L, K), cosines while g = 1;  v: (L, K, out), or (1, K, out) shared by all positions
//
//   ProjectionHead<float> head(PerPositionHead{.prototypes = 256}, 384, 196);
//
// Spec 2.4: hidden 1024, out 256, K = 256, g = 1 and fixed. In a checkpoint position j is last_layers.j.weight_{v,g}.
#pragma once
#include <afire/nn/linear.hpp>
#include <afire/op/cosine.hpp>
#include <afire/op/gelu.hpp>

namespace afire {

template <class T>
struct ProjectionHead;

struct PerPositionHead {
  template <class T>
  using Module = ProjectionHead<T>;
  Index hidden = 1024, out = 256, prototypes = 256;
  bool train_gain = false;                 // g
};

struct SharedHead {                        // one set of directions for all positions
  template <class T>
  using Module = ProjectionHead<T>;
  Index hidden = 1024, out = 256, prototypes = 256;
  bool train_gain = false;
};

template <class T>
struct ProjectionHead {
  Linear<T> fc0, fc2, fc4;
  Param<T> v, g;                           // (P, K, out), (P, K, 1)

  ProjectionHead(PerPositionHead const& c, Index width, Index tokens)
      : ProjectionHead(c.hidden, c.out, c.prototypes, c.train_gain, width, tokens) {}
  ProjectionHead(SharedHead const& c, Index width, Index) : ProjectionHead(c.hidden, c.out, c.prototypes, c.train_gain, width, 1) {}

  Index prototypes() const { return v.shape[1]; }                       // K
  Index out() const { return v.shape[2]; }

  struct Saved {
    View<T, 2> h0, h2;                     // (B L, hidden), before GELU
    View<T, 2> mlp;                        // (B L, out), before unit length
    View<T, 3> z;                          // (B, L, out)
    View<Accum<T>, 1> inverse;             // (B L)
    View<Accum<T>, 2> r;                   // (P, K): g / |v|
    View<Accum<T>, 3> scores;              // (B, L, K): the output
    View<T, 2> wide, d_wide;               // (B L, hidden) scratch
    View<T, 3> dz, scaled;                 // (B, L, out), (B, L, K) scratch
    View<Accum<T>, 2> partial;             // (column_chunks, hidden or out) scratch
  };

  void visit(Names<T> const& names) {
    fc0.visit(names.under("mlp.0."));
    fc2.visit(names.under("mlp.2."));
    fc4.visit(names.under("mlp.4."));
    names("last_layers.*.weight_g", g);
    names("last_layers.*.weight_v", v);
  }

  Saved plan(Arena& arena, Index batch, Index tokens) const {
    Index const N = batch * tokens, hidden = fc0.out(), K = prototypes();
    Saved s;
    s.scores = arena.keep<Accum<T>>(batch, tokens, K);
    s.h0 = arena.keep<T>(N, hidden);
    s.h2 = arena.keep<T>(N, hidden);
    s.mlp = arena.keep<T>(N, out());
    s.z = arena.keep<T>(batch, tokens, out());
    s.inverse = arena.keep<Accum<T>>(N);
    s.r = arena.keep<Accum<T>>(v.shape[0], K);
    auto scope = arena.scope();
    s.wide = arena.scratch<T>(N, hidden);
    if (!arena.forgetting()) {
      s.d_wide = arena.scratch<T>(N, hidden);
      s.dz = arena.scratch<T>(batch, tokens, out());
      s.scaled = arena.scratch<T>(batch, tokens, K);
      s.partial = arena.scratch<Accum<T>>(column_chunks, hidden > out() ? hidden : out());
    }
    return s;
  }

  template <class B>
  void forward(B& be, std::type_identity_t<View<const T, 2>> x,         // (B L, width)
               Saved& s) const {
    fc0.forward(be, x, s.h0);
    gelu(be, s.h0, s.wide);
    fc2.forward(be, s.wide, s.h2);
    gelu(be, s.h2, s.wide);
    fc4.forward(be, s.wide, s.mlp);
    unit_rows(be, s.mlp, s.z.as(x.rows(), out()), s.inverse);
    inverse_norms(be, directions(), g.value, s.r);
    cosine_scores(be, View<const T, 3>(s.z), directions(), s.r, s.scores);
  }

  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 2>> x,                         // (B L, width)
                std::type_identity_t<View<const Accum<T>, 3>> d_scores,                  // (B, L, K)
                View<T, 2> dx,                                                           // (B L, width), written
                Saved& s) const {
    View<T, 2> const d_out = s.dz.as(x.rows(), out());
    cosine_scores_backward(be, View<const T, 3>(s.z), directions(), g.value, s.r, s.scores, d_scores, s.dz,
                           v.grad.as(v.shape[0], v.shape[1], v.shape[2]), g.trainable ? g.grad : View<Accum<T>, 1>{}, s.scaled);
    unit_rows_backward(be, s.z.as(x.rows(), out()), s.inverse, d_out, d_out);
    gemm(be, matrix(View<const T, 2>(d_out)), matrix(fc4.weight.matrix()), matrix(s.d_wide));
    gelu_backward(be, s.h2, s.d_wide, s.wide, s.d_wide, fc2.bias.grad, s.partial);
    fc4.backward(be, s.wide, d_out, {}, s.partial);
    gelu(be, s.h0, s.wide);
    fc2.backward_but_bias(be, s.wide, s.d_wide, s.wide);
    gelu_backward(be, s.h0, s.wide, s.d_wide, s.wide, fc0.bias.grad, s.partial);
    fc0.backward_but_bias(be, x, s.wide, dx);
  }

 private:
  ProjectionHead(Index hidden, Index out_, Index K, bool train_gain, Index width, Index positions)
      : fc0(width, hidden), fc2(hidden, hidden), fc4(hidden, out_) {
    expects(hidden > 0 && out_ > 0 && K > 0, "head: hidden ", hidden, ", out ", out_, ", prototypes ", K, "; each must be at least 1");
    for (Linear<T>* fc : {&fc0, &fc2, &fc4}) fc->weight.start = Start::truncated_normal, fc->weight.scale = 0.02;
    v.shape = {positions, K, out_};
    v.start = Start::uniform, v.scale = 1 / std::sqrt(static_cast<double>(out_));
    v.tensors = g.tensors = positions;
    g.shape = {positions, K, 1};
    g.scale = 1;
    g.trainable = train_gain;
  }

  View<const T, 3> directions() const { return View<const T, 3>(v.work.data, v.shape[0], v.shape[1], v.shape[2]); }
};

}  // namespace afire
