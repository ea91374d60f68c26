// prints:
//   solved: 48 laws hold
#include "07_patch_map_law.hpp"
using namespace afire;

void patch_map(View<const std::uint8_t, 2> mask,         // (S, S): 0 where nothing was touched
               Index P, float share,
               View<std::uint8_t, 1> map) {              // (L), written: 0 or 1, row by row
  Index const across = mask.cols() / P;
  for (Index j = 0; j < map.size(); ++j) {
    Index touched = 0;
    for (Index y = 0; y < P; ++y)
      for (Index x = 0; x < P; ++x) touched += mask(j / across * P + y, j % across * P + x) != 0;
    map(j) = static_cast<float>(touched) > share * static_cast<float>(P * P);
  }
}

int main() { return law([](auto mask, Index P, float share, auto map) { patch_map(mask, P, share, map); }); }
