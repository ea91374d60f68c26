// afire/op/gelu.hpp -- the Gaussian error linear unit in its exact form (Hendrycks & Gimpel, 2016; timm's default)
//
//   y = x Phi(x),      dx = dy (Phi(x) + x phi(x))
//
//   gelu(be, x, y);
//   gelu_backward(be, x, dy, y, dx);             // dx is written; y = gelu(x) is made again in the same pass, so nobody has to store it
//   gelu_backward(be, x, dy, y, dx, dbias, partial);             // and dbias += sums of dx: of the linear map that x came from
#pragma once
#include <afire/op/column_sum.hpp>
#include <afire/op/math.hpp>

namespace afire {

template <class T>
struct Gelu {                              // y = gelu(x)
  static constexpr bool calculates = true; // worth AVX-512 (backend/wide.hpp)
  View<const T, 1> x;                      // (N)
  View<T, 1> y;                            // (N)
  AFIRE_HD void operator()(Index i) const { y(i) = T(math::gelu(wide(x(i)))); }
};

template <class B, class T>
void gelu(any_tag, B& be, View<const T, 1> x, View<T, 1> y) { for_each(be, x.size(), Gelu<T>{x, y}); }

template <class B, class T>
void gelu(B& be, std::type_identity_t<View<const T, 2>> x,        // (N, C)
          View<T, 2> y) {                                         // (N, C), written
  gelu(typename B::tag{}, be, View<const T, 1>(x.flat()), y.flat());
}

template <class T>
struct GeluBackward {                      // dx = dy gelu'(x); y, which a linear map behind it needs, again
  static constexpr bool calculates = true; // worth AVX-512 (backend/wide.hpp)
  View<const T, 1> x;                      // (N)
  View<const T, 1> dy;                     // (N)
  View<T, 1> y, dx;                        // (N); dx may be the memory of dy
  AFIRE_HD void operator()(Index i) const {
    auto const v = wide(x(i));
    auto const g = wide(dy(i));
    auto const phi = math::normal_cdf(v);
    y(i) = T(v * phi);
    dx(i) = T(g * (phi + v * math::normal_pdf(v)));
  }
};

template <class B, class T>
void gelu_backward(any_tag, B& be, View<const T, 1> x, View<const T, 1> dy, View<T, 1> y, View<T, 1> dx) {
  for_each(be, x.size(), GeluBackward<T>{x, dy, y, dx});
}

template <class B, class T>
void gelu_backward(B& be, std::type_identity_t<View<const T, 2>> x,     // (N, C)
                   std::type_identity_t<View<const T, 2>> dy,           // (N, C)
                   View<T, 2> y,                                        // (N, C), written: gelu(x)
                   View<T, 2> dx) {                                     // (N, C), written
  gelu_backward(typename B::tag{}, be, View<const T, 1>(x.flat()), View<const T, 1>(dy.flat()), y.flat(), dx.flat());
}

template <class B, class T>
void gelu_backward(any_tag, B& be, View<const T, 2> x, View<const T, 2> dy, View<T, 2> y, View<T, 2> dx, View<Accum<T>, 1> dbias,
                   View<Accum<T>, 2> partial) {
  gelu_backward(be, x, dy, y, dx);
  if (dbias) add_column_sums(be, View<const T, 2>(dx), dbias, partial);
}

template <class B, class T>
void gelu_backward(B& be, std::type_identity_t<View<const T, 2>> x,     // (N, C)
                   std::type_identity_t<View<const T, 2>> dy,           // (N, C)
                   View<T, 2> y,                                        // (N, C), written: gelu(x)
                   View<T, 2> dx,                                       // (N, C), written
                   std::type_identity_t<View<Accum<T>, 1>> dbias,       // (C), added to; empty: nothing is
                   std::type_identity_t<View<Accum<T>, 2>> partial) {   // (column_chunks, C or more) scratch
  gelu_backward(typename B::tag{}, be, x, dy, y, dx, dbias, partial);
}

}  // namespace afire
