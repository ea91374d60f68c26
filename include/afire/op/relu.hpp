// afire/op/relu.hpp -- the rectifier
//
//   y = max(x, 0),      dx = dy where x > 0, else 0
//
//   relu(be, x, y);   relu_backward(be, x, dy, dx);             // y may lie over x, dx over dy
#pragma once
#include <afire/core/backend.hpp>

namespace afire {

template <class T>
struct Relu {                              // y = max(x, 0)
  View<const T, 1> x;                      // (N)
  View<T, 1> y;                            // (N)
  AFIRE_HD void operator()(Index i) const { y(i) = wide(x(i)) > 0 ? x(i) : T(0.0f); }
};

template <class B, class T>
void relu(B& be, std::type_identity_t<View<const T, 2>> x,        // (N, C)
          View<T, 2> y) {                                         // (N, C), written
  for_each(be, y.size(), Relu<T>{x.flat(), y.flat()});
}

template <class T>
struct ReluBackward {                      // dx = dy where x > 0
  View<const T, 1> x, dy;                  // (N)
  View<T, 1> dx;                           // (N)
  AFIRE_HD void operator()(Index i) const { dx(i) = wide(x(i)) > 0 ? dy(i) : T(0.0f); }
};

template <class B, class T>
void relu_backward(B& be, std::type_identity_t<View<const T, 2>> x,     // (N, C)
                   std::type_identity_t<View<const T, 2>> dy,           // (N, C)
                   View<T, 2> dx) {                                     // (N, C), written
  for_each(be, dx.size(), ReluBackward<T>{x.flat(), dy.flat(), dx.flat()});
}

}  // namespace afire
