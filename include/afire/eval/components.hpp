// afire/eval/components.hpp -- connected regions of a mask
//
//   Components c = components(mask, Connectivity::eight);   // c.count; c.label(y, x): 0 outside, else 1 ... count in raster order
//
// With 8 neighbours regions that touch at a corner are one, with 4 they are two.
#pragma once
#include <cstdint>
#include <vector>

#include <afire/core/tensor.hpp>

namespace afire {

enum class Connectivity { four, eight };

struct Components {
  Tensor<int, 2> label;                                    // (H, W)
  int count = 0;
};

inline Components components(View<const std::uint8_t, 2> mask,       // (H, W), not 0: inside
                             Connectivity connectivity = Connectivity::eight) {
  Components c{Tensor<int, 2>(mask.rows(), mask.cols())};
  struct Place {
    Index y, x;
  };
  std::vector<Place> todo;
  for (Index y0 = 0; y0 < mask.rows(); ++y0)
    for (Index x0 = 0; x0 < mask.cols(); ++x0) {
      if (!mask(y0, x0) || c.label(y0, x0)) continue;
      c.label(y0, x0) = ++c.count;
      todo.push_back({y0, x0});
      while (!todo.empty()) {
        Place const p = todo.back();
        todo.pop_back();
        for (Index dy = -1; dy <= 1; ++dy)
          for (Index dx = -1; dx <= 1; ++dx) {
            if (connectivity == Connectivity::four && dy != 0 && dx != 0) continue;
            Index const y = p.y + dy, x = p.x + dx;
            if (y < 0 || x < 0 || y >= mask.rows() || x >= mask.cols() || !mask(y, x) || c.label(y, x)) continue;
            c.label(y, x) = c.count;
            todo.push_back({y, x});
          }
      }
    }
  return c;
}

}  // namespace afire
