// afire/nn/swiglu.hpp -- a gated MLP in place of fc2(gelu(fc1 x)) (Shazeer, 2020; DINOv2's large models, which say w12 and w3)
//
//   [a | b] = fc1 x,      y = fc2(silu(a) b);      x: (N, in), a, b: (N, H), y: (N, out), fc1: 2 H rows
//
//   SwiGlu<float> mlp(384, 1024, 384);    auto saved = mlp.plan(arena, N);    mlp.forward(be, x, y, saved);
//
// Kept for the backward pass: fc1's output. The gated product is made again.
#pragma once
#include <afire/nn/linear.hpp>
#include <afire/op/activation.hpp>

namespace afire {

template <class T>
struct GateRow {                           // h = silu(a) b
  static constexpr bool calculates = true; // worth AVX-512 (backend/wide.hpp)
  View<const T, 2> ab;                     // (N, 2 H)
  View<T, 2> h;                            // (N, H)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const H = h.cols();
    lane.each(H, [&](Index c) { h(n, c) = T(Silu::value(wide(ab(n, c))) * wide(ab(n, H + c))); });
  }
};

template <class T>
struct GateRowBackward {                   // da = dh b silu'(a),  db = dh silu(a),  and h again
  static constexpr bool calculates = true; // worth AVX-512 (backend/wide.hpp)
  View<const T, 2> ab;                     // (N, 2 H)
  View<const T, 2> dh;                     // (N, H)
  View<T, 2> h;                            // (N, H), written
  View<T, 2> d_ab;                         // (N, 2 H), written
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const H = h.cols();
    lane.each(H, [&](Index c) {
      auto const a = wide(ab(n, c)), b = wide(ab(n, H + c)), g = wide(dh(n, c)), gate = Silu::value(a);
      h(n, c) = T(gate * b);
      d_ab(n, c) = T(g * b * Silu::slope(a));
      d_ab(n, H + c) = T(g * gate);
    });
  }
};

template <class T>
struct SwiGlu {
  Linear<T> fc1, fc2;

  SwiGlu(Index in, Index hidden, Index out) : fc1(in, 2 * hidden), fc2(hidden, out) {}

  struct Saved {
    View<T, 2> ab;                         // (N, 2 H)
    View<T, 2> h, dh;                      // (N, H) scratch
    View<T, 2> d_ab;                       // (N, 2 H) scratch
    View<Accum<T>, 2> partial;             // (column_chunks, 2 H or out) scratch
  };

  void visit(Names<T> const& names) {
    fc1.visit(names.under("fc1."));
    fc2.visit(names.under("fc2."));
  }

  Saved plan(Arena& arena, Index N) const {
    Index const H = fc2.in();
    Saved s;
    s.ab = arena.keep<T>(N, 2 * H);
    auto scope = arena.scope();
    s.h = arena.scratch<T>(N, H);
    if (!arena.forgetting()) {
      s.dh = arena.scratch<T>(N, H);
      s.d_ab = arena.scratch<T>(N, 2 * H);
      s.partial = arena.scratch<Accum<T>>(column_chunks, 2 * H > fc2.out() ? 2 * H : fc2.out());
    }
    return s;
  }

  template <class B>
  void forward(B& be, std::type_identity_t<View<const T, 2>> x,         // (N, in)
               View<T, 2> y,                                            // (N, out), written
               Saved& s) const {
    fc1.forward(be, x, s.ab);
    for_each_row(be, x.rows(), GateRow<T>{s.ab, s.h});
    fc2.forward(be, s.h, y);
  }

  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 2>> x,        // (N, in)
                std::type_identity_t<View<const T, 2>> dy,              // (N, out)
                View<T, 2> dx,                                          // (N, in), written
                Saved& s) const {
    gemm(be, matrix(dy), matrix(fc2.weight.matrix()), matrix(s.dh));
    for_each_row(be, x.rows(), GateRowBackward<T>{s.ab, s.dh, s.h, s.d_ab});
    fc2.backward(be, s.h, dy, {}, s.partial);
    fc1.backward(be, x, s.d_ab, dx, s.partial);
  }
};

}  // namespace afire
