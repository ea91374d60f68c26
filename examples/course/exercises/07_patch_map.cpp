// Exercise 07: which patches does a mask of pixels spoil? Those of which more than `share` of the pixels were touched.
//
// says at first:
//   not yet: patch 0 with 1 of 256 pixels changed is spoilt when more than a share of 0 / 256 is needed
#include "07_patch_map_law.hpp"
using namespace afire;

void patch_map(View<const std::uint8_t, 2> mask,         // (S, S): 0 where nothing was touched
               Index P, float share,
               View<std::uint8_t, 1> map) {              // (L), written: 0 or 1, row by row
  // Yours.
  (void)mask, (void)P, (void)share;
  for (auto& spoilt : map) spoilt = 0;
}

int main() { return law([](auto mask, Index P, float share, auto map) { patch_map(mask, P, share, map); }); }
