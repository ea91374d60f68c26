// afire/nn/position.hpp -- the fixed two-dimensional sine-cosine position table (MAE's; spec: columns first)
//
//   row l of a grid at (r, c):  [ sin(c w), cos(c w), sin(r w), cos(r w) ],   w_q = 10000^(-q / (D/4)),   q = 0 ... D/4 - 1
//   a class token has the zero row in front
//
//   auto table = sine_cosine_table(192, 14, 14);        // (1 + 14 * 14, 192), row-major
#pragma once
#include <cmath>
#include <vector>

#include <afire/core/error.hpp>

namespace afire {

inline std::vector<double> sine_cosine_table(Index width, Index rows, Index cols) {
  expects(width % 4 == 0, "position table: width ", width, " is not a multiple of 4");
  Index const quarter = width / 4;
  std::vector<double> table(static_cast<std::size_t>((1 + rows * cols) * width), 0.0);
  auto at = table.begin() + width;
  for (Index r = 0; r < rows; ++r)
    for (Index c = 0; c < cols; ++c)
      for (Index position : {c, r})
        for (int cosine = 0; cosine < 2; ++cosine)
          for (Index q = 0; q < quarter; ++q) {
            double const angle =
                static_cast<double>(position) * std::pow(10000.0, -static_cast<double>(q) / static_cast<double>(quarter));
            *at++ = static_cast<double>(static_cast<float>(cosine ? std::cos(angle) : std::sin(angle)));
          }
  return table;
}

// The same with a row of zeros for each of the `front` tokens (0, 1, ...) that stand before the patches.
inline std::vector<double> position_table(Index width, Index rows, Index cols, Index front) {
  auto table = sine_cosine_table(width, rows, cols);
  if (front == 0) table.erase(table.begin(), table.begin() + width);
  else table.insert(table.begin(), static_cast<std::size_t>((front - 1) * width), 0.0);
  return table;
}

}  // namespace afire
