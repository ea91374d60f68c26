// afire/ssl/info_nce.hpp -- InfoNCE: each query finds its key among those of the batch (van den Oord et al., 2018; MoCo v3, algorithm 1)
//
//   loss = factor / N  sum_n  - log exp(<q_n, k_n> / t) / sum_m exp(<q_n, k_m> / t),       q, k: (N, C), made unit length inside
//
//   InfoNce loss;   auto room = loss.plan<S>(arena, N, C);   loss(be, q, k, weight, dq, dk, room);                // ssl/pair_loss.hpp
//   symmetric(be, moco_v3_contrast(), q1, q2, k1, k2, weight, dq1, dq2, {}, {}, room);                          // (q1, k2) + (q2, k1)
//
// The mean is over the rows given: negatives of another micro-batch are not seen.
#pragma once
#include <afire/op/contrast.hpp>
#include <afire/op/directions.hpp>
#include <afire/ssl/pair_loss.hpp>

namespace afire {

struct InfoNce {
  double temperature = 0.2;
  double factor = 1;
  void validate() const { expects_positive("info nce: the temperature", temperature), expects_positive("info nce: the factor", factor); }

  template <class S>
  struct Room {
    Directions<S> x, y;
    View<S, 2> s;                          // (N, N): cosines, then their gradient
    View<S, 1> losses;                     // (N)
  };

  template <class S>
  Room<S> plan(Arena& arena, Index rows, Index width) const {
    return {plan_directions<S>(arena, rows, width), plan_directions<S>(arena, rows, width), arena.scratch<S>(rows, rows),
            arena.scratch<S>(rows)};
  }

  template <class B, class S>
  double operator()(B& be, std::type_identity_t<View<const S, 2>> x,       // (N, C): queries
                    std::type_identity_t<View<const S, 2>> y,              // (N, C): keys
                    double weight,
                    View<S, 2> dx,                                         // (N, C), added to
                    std::type_identity_t<View<S, 2>> dy,                   // (N, C), added to; empty: y is a constant
                    Room<S> const& room) const {
    View<const S, 2> const zx = room.x.z, zy = room.y.z, ds = room.s;
    room.x.forward(be, x), room.y.forward(be, y);
    gemm(be, matrix(zx), transposed(matrix(zy)), matrix(room.s), GemmOf<S>{});
    double const loss = contrast(be, room.s, {.period = x.rows()}, temperature, weight * factor, room.losses);
    gemm(be, matrix(ds), matrix(zy), matrix(room.x.dz), GemmOf<S>{});
    room.x.add_backward(be, dx);
    if (dy) {
      gemm(be, transposed(matrix(ds)), matrix(zx), matrix(room.y.dz), GemmOf<S>{});
      room.y.add_backward(be, dy);
    }
    return factor * loss;
  }
};

// MoCo v3 multiplies by 2 t, so that the size of the gradient does not depend on t.
inline InfoNce moco_v3_contrast(double temperature = 0.2) { return {.temperature = temperature, .factor = 2 * temperature}; }

}  // namespace afire
