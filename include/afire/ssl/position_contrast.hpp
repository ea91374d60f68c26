// afire/ssl/position_contrast.hpp -- InfoNCE over positions: a token finds its own position's centre among all (spec 1, reading H1)
//
//   loss = 1/N+  sum over counted tokens (b, j)  - log exp(<q_bj, c_j> / t) / sum_m exp(<q_bj, c_m> / t)
//   q: (B L, C) student tokens, c: (L, C) centres (teacher means or learned), both made unit length inside
//
//   PositionContrast loss;   auto room = loss.plan<S>(arena, B, L, C);
//   loss(be, q, centre, counted, N+, weight, dq, dcentre, room);             // an empty dcentre: centres are constants
//
// It starts at log L for tokens that know nothing of their position, and falls to 0 for a position code alone: watch the films apart.
#pragma once
#include <afire/op/contrast.hpp>
#include <afire/op/directions.hpp>

namespace afire {

struct PositionContrast {
  double temperature = 0.1;
  void validate() const { expects_positive("position contrast: the temperature", temperature); }

  template <class S>
  struct Room {
    Directions<S> q, centre;
    View<S, 2> s;                          // (B L, L): cosines, then their gradient
    View<S, 1> losses;                     // (B L)
  };

  template <class S>
  Room<S> plan(Arena& arena, Index batch, Index tokens, Index width) const {
    Index const N = batch * tokens;
    return {plan_directions<S>(arena, N, width), plan_directions<S>(arena, tokens, width), arena.scratch<S>(N, tokens),
            arena.scratch<S>(N)};
  }

  template <class B, class S>
  double operator()(B& be, std::type_identity_t<View<const S, 2>> q,                     // (B L, C)
                    std::type_identity_t<View<const S, 2>> centre,                       // (L, C)
                    std::type_identity_t<View<const unsigned char, 1>> counted,          // (B L): 0: left out; empty: all count
                    Index total,                                                         // N+, counted tokens of the whole step
                    double weight,
                    View<S, 2> dq,                                                       // (B L, C), added to
                    std::type_identity_t<View<S, 2>> dcentre,                            // (L, C), added to; or empty
                    Room<S> const& room) const {
    if (total == 0) return 0;
    Index const L = centre.rows();
    View<const S, 2> const z = room.q.z, c = room.centre.z, ds = room.s;
    room.q.forward(be, q), room.centre.forward(be, centre);
    gemm(be, matrix(z), transposed(matrix(c)), matrix(room.s), GemmOf<S>{});
    double const loss = contrast(be, room.s, {.period = L, .rows = counted, .count = total}, temperature, weight, room.losses);
    gemm(be, matrix(ds), matrix(c), matrix(room.q.dz), GemmOf<S>{});
    room.q.add_backward(be, dq);
    if (dcentre) {
      gemm(be, transposed(matrix(ds)), matrix(z), matrix(room.centre.dz), GemmOf<S>{});
      room.centre.add_backward(be, dcentre);
    }
    return loss;
  }
};

}  // namespace afire
