// bench/support/chest.hpp -- a grainy body with two lungs; outlines as long as those of real films (about 400 corners at 224 pixels)
//
//   Tensor<std::uint8_t, 2> const film = chest(row);      chest(row, 256)      // another row, another grain
#pragma once
#include <afire/core/rng.hpp>
#include <afire/core/tensor.hpp>

namespace afire::bench {

inline Tensor<std::uint8_t, 2> chest(std::uint64_t row, Index side = 224) {
  Random const grain(row, Purpose::test);
  Tensor<std::uint8_t, 2> film(side, side);
  double const unit = 224.0 / static_cast<double>(side);
  auto const inside = [&](Index y, Index x, double cy, double cx, double ry, double rx) {
    double const v = (static_cast<double>(y) * unit - cy) / ry, u = (static_cast<double>(x) * unit - cx) / rx;
    return u * u + v * v < 1;
  };
  for (Index y = 0; y < side; ++y)
    for (Index x = 0; x < side; ++x) {
      bool const lung = inside(y, x, 100, 70, 65, 30) || inside(y, x, 100, 154, 65, 30);
      std::uint32_t const noise = grain.bits(static_cast<std::uint64_t>(y * side + x)) % 40;
      film(y, x) = static_cast<std::uint8_t>((lung ? 85u : inside(y, x, 134, 112, 123, 101) ? 160u : 5u) + noise);
    }
  return film;
}

}  // namespace afire::bench
