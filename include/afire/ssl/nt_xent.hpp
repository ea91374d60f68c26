// afire/ssl/nt_xent.hpp -- both views of a film find each other among all views of the batch (SimCLR, eq. 1), and the decoupled form
//
//   z = (x; y), 2N rows of unit length; i' the other view of i's film
//   NtXent:  loss = 1 / 2N  sum_i  - log exp(<z_i, z_i'> / t) / sum_{m != i} exp(<z_i, z_m> / t)
//   Dcl:     the same without i' in the sum: a positive no longer weakens its own gradient (Yeh et al., 2022)
//
//   NtXent loss{.temperature = 0.1};   auto room = loss.plan<S>(arena, N, C);   loss(be, x, y, weight, dx, dy, room);
#pragma once
#include <afire/op/contrast.hpp>
#include <afire/op/directions.hpp>
#include <afire/ssl/pair_loss.hpp>

namespace afire {

// The loss of N pairs: NtXent, or Decoupled: Dcl.
template <bool Decoupled>
struct TwoViewContrast {
  double temperature = 0.1;
  void validate() const { expects_positive("two-view contrast: the temperature", temperature); }

  template <class S>
  struct Room {
    Directions<S> both;                    // (2N, C)
    View<S, 2> s;                          // (2N, 2N): cosines, then their gradient
    View<S, 1> losses;                     // (2N)
  };

  template <class S>
  Room<S> plan(Arena& arena, Index rows, Index width) const {
    return {plan_directions<S>(arena, 2 * rows, width), arena.scratch<S>(2 * rows, 2 * rows), arena.scratch<S>(2 * rows)};
  }

  // Every row of ds meets z twice, as one of two factors: dz = (ds + ds^T) z.
  template <class B, class S>
  double operator()(B& be, std::type_identity_t<View<const S, 2>> x,       // (N, C)
                    std::type_identity_t<View<const S, 2>> y,              // (N, C)
                    double weight,
                    View<S, 2> dx,                                         // (N, C), added to
                    std::type_identity_t<View<S, 2>> dy,                   // (N, C), added to; empty: y is a constant
                    Room<S> const& room) const {
    Index const N = x.rows();
    Directions<S> const all = room.both, first = part(all, 0, N), second = part(all, N, N);
    View<const S, 2> const z = all.z, ds = room.s;
    first.forward(be, x), second.forward(be, y);
    gemm(be, matrix(z), transposed(matrix(z)), matrix(room.s), GemmOf<S>{});
    Contrast<S> const how{.shift = N, .period = 2 * N, .leave_own = true, .leave_right = Decoupled};
    double const loss = contrast(be, room.s, how, temperature, weight, room.losses);
    gemm(be, matrix(ds), matrix(z), matrix(all.dz), GemmOf<S>{});
    gemm(be, transposed(matrix(ds)), matrix(z), matrix(all.dz), GemmOf<S>{.add = true});
    first.add_backward(be, dx);
    if (dy) second.add_backward(be, dy);
    return loss;
  }

 private:
  template <class S>
  static Directions<S> part(Directions<S> const& d, Index first, Index count) {
    return {d.z.slice(first, count), d.dz.slice(first, count), d.inverse.slice(first, count)};
  }
};

using NtXent = TwoViewContrast<false>;
using Dcl = TwoViewContrast<true>;

}  // namespace afire
