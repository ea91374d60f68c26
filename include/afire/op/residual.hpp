// afire/op/residual.hpp -- sums of two tensors, alone and together with the norm that follows
//
//   y = a + b                                     add(be, a, b, y);
//   x = a + b,  y = layer norm of x               add_layer_norm(be, a, b, gain, shift, eps, x, y, stats);    one pass over the row
//
// Backward of a sum: both branches receive dy. No pass is spent on that; see `addend` in layer_norm_backward.
#pragma once
#include <afire/op/layer_norm.hpp>

namespace afire {

template <class T>
struct Add {                               // y = a + b
  View<const T, 1> a, b;                   // (N)
  View<T, 1> y;                            // (N), may be the memory of a or b
  AFIRE_HD void operator()(Index i) const { y(i) = T(wide(a(i)) + wide(b(i))); }
};

template <class B, class T>
void add(any_tag, B& be, View<const T, 1> a, View<const T, 1> b, View<T, 1> y) { for_each(be, y.size(), Add<T>{a, b, y}); }

template <class B, class T>
void add(B& be, std::type_identity_t<View<const T, 2>> a,         // (N, C)
         std::type_identity_t<View<const T, 2>> b,                // (N, C)
         View<T, 2> y) {                                          // (N, C), written
  add(typename B::tag{}, be, View<const T, 1>(a.flat()), View<const T, 1>(b.flat()), y.flat());
}

template <class T>
struct AddLayerNormRow {                   // x = a + b and its layer norm, one row, one worker
  static constexpr bool calculates = true; // worth AVX-512 (backend/wide.hpp)
  View<const T, 2> a, b;                   // (N, C)
  View<T, 2> x;                            // (N, C)
  LayerNormRow<T> norm;                    // reads x
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    lane.each(x.cols(), [&](Index c) { x(n, c) = T(wide(a(n, c)) + wide(b(n, c))); });
    norm(lane, n);
  }
};

template <class B, class T>
void add_layer_norm(any_tag, B& be, View<const T, 2> a, View<const T, 2> b, View<const Accum<T>, 1> gain, View<const Accum<T>, 1> shift,
                    Accum<T> eps, View<T, 2> x, View<T, 2> y, View<Accum<T>, 2> stats) {
  for_each_row(be, x.rows(), AddLayerNormRow<T>{a, b, x, LayerNormRow<T>{x, gain, shift, y, stats, eps}});
}

template <class B, class T>
void add_layer_norm(B& be, std::type_identity_t<View<const T, 2>> a,           // (N, C)
                    std::type_identity_t<View<const T, 2>> b,                  // (N, C)
                    std::type_identity_t<View<const Accum<T>, 1>> gain,        // (C)
                    std::type_identity_t<View<const Accum<T>, 1>> shift,       // (C)
                    Accum<T> eps,
                    View<T, 2> x,                                              // (N, C), written: a + b
                    View<T, 2> y,                                              // (N, C), written: its norm
                    View<Accum<T>, 2> stats) {                                 // (N, 2), written
  add_layer_norm(typename B::tag{}, be, a, b, gain, shift, eps, x, y, stats);
}

}  // namespace afire
