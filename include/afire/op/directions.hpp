// afire/op/directions.hpp -- rows by their direction alone: made unit length, and the gradient taken back through that
//
//   z = x / |x|,    dx += (dz - z <z, dz>) / |x|            z, dz: (N, C)
//
//   auto q = plan_directions<S>(arena, N, C);
//   q.forward(be, x);       ... writes q.dz from q.z ...       q.add_backward(be, dx);
#pragma once
#include <afire/core/arena.hpp>
#include <afire/op/cosine.hpp>
#include <afire/op/residual.hpp>

namespace afire {

template <class S>
struct Directions {                        // the unit rows of one x and room for their gradient
  View<S, 2> z, dz;                        // (N, C)
  View<S, 1> inverse;                      // (N): 1 / |x|

  template <class B>
  void forward(B& be, View<const S, 2> x) const { unit_rows(be, x, z, inverse); }

  // dz is used up.
  template <class B>
  void add_backward(B& be, View<S, 2> dx) const {                // (N, C), added to
    unit_rows_backward(be, z, inverse, dz, dz);
    add(be, dx, dz, dx);
  }
};

template <class S>
Directions<S> plan_directions(Arena& arena, Index rows, Index width) {
  return {arena.scratch<S>(rows, width), arena.scratch<S>(rows, width), arena.scratch<S>(rows)};
}

}  // namespace afire
