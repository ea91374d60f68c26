#pragma once
#include <algorithm>

#include <afire/core/tensor.hpp>
#include <afire/ssl/masking.hpp>

#include "laws.hpp"

template <class PatchMap>
int law(PatchMap patch_map) {
  using namespace afire;
  Index const S = 64, P = 16, L = 16;
  Tensor<std::uint8_t, 2> mask(S, S);
  Tensor<std::uint8_t, 1> map(L), wanted(L);
  Laws laws;
  mask(0, 0) = 1;
  for (Index x = 16; x < 31; ++x) mask(0, x) = 200;
  for (float const share : {0.f, 1 / 32.f, 15 / 256.f}) {
    patch_map(mask.view(), P, share, map.view());
    lesion_patches(mask.view(), P, wanted.view(), share);
    for (Index j = 0; j < L; ++j)
      laws.hold(map(j) == wanted(j), "patch ", j, " with ", j == 0 ? 1 : j == 1 ? 15 : 0, " of 256 pixels changed is ",
                wanted(j) ? "spoilt" : "normal", " when more than a share of ", static_cast<int>(share * 256), " / 256 is needed");
  }
  return laws.end();
}
