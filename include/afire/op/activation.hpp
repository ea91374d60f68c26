// afire/op/activation.hpp -- element-wise functions beside the exact GELU and the rectifier: a policy each, with value and slope
//
//   Silu:      x s(x),  s(x) = 1 / (1 + exp(-x))                      (Elfwing et al., 2018; "swish")
//   GeluTanh:  x (1 + tanh(u)) / 2,  u = sqrt(2/pi) (x + 0.044715 x^3)           (Hendrycks & Gimpel, 2016: the approximate form)
//
//   activate<Silu>(be, x, y);          activate_backward<Silu>(be, x, dy, dx);           // dx = dy slope(x)
#pragma once
#include <afire/core/backend.hpp>
#include <afire/op/math.hpp>

namespace afire {

struct Silu {
  template <class S> AFIRE_HD static S value(S x) { return x * math::sigmoid(x); }
  template <class S> AFIRE_HD static S slope(S x) {
    S const s = math::sigmoid(x);
    return s + x * s * (1 - s);
  }
};

struct GeluTanh {                          // (1 + tanh u) / 2 = s(2 u)
  template <class S> AFIRE_HD static S twice_u(S x) { return S(1.5957691216057308) * (x + S(0.044715) * x * x * x); }
  template <class S> AFIRE_HD static S value(S x) { return x * math::sigmoid(twice_u(x)); }
  template <class S> AFIRE_HD static S slope(S x) {
    S const s = math::sigmoid(twice_u(x));
    return s + x * s * (1 - s) * S(1.5957691216057308) * (1 + S(3 * 0.044715) * x * x);
  }
};

template <class F, class T>
struct Activate {                          // y = F::value(x)
  View<const T, 1> x;                      // (N)
  View<T, 1> y;                            // (N), may be the memory of x
  AFIRE_HD void operator()(Index i) const { y(i) = T(F::value(wide(x(i)))); }
};

template <class F, class T>
struct ActivateBackward {                  // dx = dy F::slope(x)
  View<const T, 1> x, dy;                  // (N)
  View<T, 1> dx;                           // (N), may be the memory of x or dy
  AFIRE_HD void operator()(Index i) const { dx(i) = T(wide(dy(i)) * F::slope(wide(x(i)))); }
};

template <class F, class B, class T>
void activate(B& be, std::type_identity_t<View<const T, 2>> x,             // (N, C)
              View<T, 2> y) {                                              // (N, C), written
  for_each(be, x.size(), Activate<F, T>{x.flat(), y.flat()});
}

template <class F, class B, class T>
void activate_backward(B& be, std::type_identity_t<View<const T, 2>> x,    // (N, C)
                       std::type_identity_t<View<const T, 2>> dy,          // (N, C)
                       View<T, 2> dx) {                                    // (N, C), written
  for_each(be, x.size(), ActivateBackward<F, T>{x.flat(), dy.flat(), dx.flat()});
}

}  // namespace afire
