// prints:
//   solved: 4 laws hold
#include <algorithm>

#include "06_block_law.hpp"
using namespace afire;

struct HideBlock {
  static constexpr float patch_share = 0;
  struct Room {};
  Index patch = 8;

  void operator()(Random random,
                  View<const std::uint8_t, 2> clean,     // (S, S)
                  View<std::uint8_t, 2> seen,            // (S, S), written
                  View<std::uint8_t, 2> mask,            // (S, S), written: 0 where nothing was touched
                  Room&) const {
    std::copy(clean.begin(), clean.end(), seen.begin());
    std::fill(mask.begin(), mask.end(), std::uint8_t{0});
    Draws draws(random);
    auto const places = static_cast<std::uint32_t>(clean.rows() / patch - 1);
    Index const top = draws.below(places) * patch, left = draws.below(places) * patch;
    for (Index y = top; y < top + 2 * patch; ++y)
      for (Index x = left; x < left + 2 * patch; ++x) seen(y, x) = 128, mask(y, x) = 1;
  }
};

int main() { return law(HideBlock{}); }
