// Cheap films for a training loop: a bright disc on dark ground, each in another place.
#pragma once
#include <cstdint>
#include <string>

#include <afire/core/error.hpp>
#include <afire/core/view.hpp>

namespace afire_test {

struct Discs {
  afire::Index count = 10;
  afire::Index bad = -1;                   // this row cannot be read
  afire::Index brightness = 150;           // of the first disc; each next is brighter by 5, up to 255
  afire::Index size() const { return count; }
  std::string name(afire::Index row) const { return afire::text("disc-", row); }
  void load(afire::Index row, afire::View<std::uint8_t, 2> film) const {
    afire::expects(row != bad, "disc ", row, " is broken");
    for (afire::Index y = 0; y < film.rows(); ++y)
      for (afire::Index x = 0; x < film.cols(); ++x) {
        afire::Index const dy = y - 12 - row % 3, dx = x - 12 + row % 4;
        film(y, x) = static_cast<std::uint8_t>(dy * dy + dx * dx < 60 ? brightness + 5 * row + (x * y) % 7 : 30);
      }
  }
};

}  // namespace afire_test
