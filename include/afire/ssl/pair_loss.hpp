// afire/ssl/pair_loss.hpp -- losses of two views: row n of one belongs to row n of the other
//
//   InfoNce, NtXent, Dcl, NegativeCosine, VicReg, BarlowTwins have all one shape, so that a method can take any of them:
//
//   auto room = loss.template plan<S>(arena, N, C);                      // scratch for x, y: (N, C)
//   double value = loss(be, x, y, weight, dx, dy, room);                 // dx and dy are added to: weight times the gradient of the value
//
//   An empty dy leaves y a constant: a key, a target.      symmetric(be, loss, p0, p1, z0, z1, ...) is loss(p0, z1) + loss(p1, z0).
#pragma once
#include <type_traits>

#include <afire/core/view.hpp>

namespace afire {

// Each view's prediction meets the other view: MoCo v3, SimSiam, BYOL.
template <class B, class Loss, class S>
double symmetric(B& be, Loss const& loss,
                 std::type_identity_t<View<const S, 2>> p0, std::type_identity_t<View<const S, 2>> p1,         // (N, C)
                 std::type_identity_t<View<const S, 2>> z0, std::type_identity_t<View<const S, 2>> z1,         // (N, C)
                 double weight,
                 View<S, 2> dp0, View<S, 2> dp1,                                                               // (N, C), added to
                 std::type_identity_t<View<S, 2>> dz0, std::type_identity_t<View<S, 2>> dz1,                   // (N, C), added to; or empty
                 typename Loss::template Room<S> const& room) {
  return loss(be, p0, z1, weight, dp0, dz1, room) + loss(be, p1, z0, weight, dp1, dz0, room);
}

}  // namespace afire
