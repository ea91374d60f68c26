// Exercise 06: a masking that hides one square block of 2 x 2 patches, at a place of its own in each film (BEiT hides blocks).
//
// says at first:
//   not yet: 4 patches are hidden in every film, not 0
#include <algorithm>

#include "06_block_law.hpp"
using namespace afire;

struct HideBlock {
  static constexpr float patch_share = 0;
  struct Room {};
  Index patch = 8;

  void operator()(Random,
                  View<const std::uint8_t, 2> clean,     // (S, S)
                  View<std::uint8_t, 2> seen,            // (S, S), written
                  View<std::uint8_t, 2> mask,            // (S, S), written: 0 where nothing was touched
                  Room&) const {
    std::copy(clean.begin(), clean.end(), seen.begin());
    std::fill(mask.begin(), mask.end(), std::uint8_t{0});
    // Yours: Draws draws(random); draws.below(n) is 0 ... n - 1.
  }
};

int main() { return law(HideBlock{}); }
