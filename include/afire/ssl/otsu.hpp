// afire/ssl/otsu.hpp -- the grey value that best splits a film into dark and bright (Otsu, 1979)
//
//   q1, q2 : shares of the pixels at or below t, and above it;     m1, m2 : their mean grey values
//   t      : the smallest value at which q1 q2 (m1 - m2)^2, the variance between the two classes, is largest
//
//   int const t = otsu_threshold(film);          // foreground: film(y, x) > t
//
// The sums run in the order in which OpenCV runs them, each product rounded on its own, so that ties fall the same way.
#pragma once
#include <array>
#include <cstdint>

#include <afire/core/exact.hpp>
#include <afire/core/view.hpp>

namespace afire {

// Number of pixels with each grey value. Four tables in turn: a long run of one value does not wait for its own counter.
inline std::array<std::uint32_t, 256> grey_histogram(View<const std::uint8_t, 2> film) {   // (H, W)
  std::uint32_t table[4][256] = {};
  std::uint8_t const* p = film.begin();
  std::uint8_t const* const end = film.end();
  for (; end - p >= 4; p += 4) ++table[0][p[0]], ++table[1][p[1]], ++table[2][p[2]], ++table[3][p[3]];
  for (; p != end; ++p) ++table[0][*p];
  std::array<std::uint32_t, 256> count;
  for (std::size_t i = 0; i < 256; ++i) count[i] = table[0][i] + table[1][i] + table[2][i] + table[3][i];
  return count;
}

inline int otsu_threshold(std::array<std::uint32_t, 256> const& count) {
  double pixels = 0, sum = 0;
  for (int i = 0; i < 256; ++i) {
    double const n = count[static_cast<std::size_t>(i)];
    pixels += n, sum += i * n;
  }
  double const each = 1 / pixels, mean = sum * each, least = 0x1p-23;      // the two sums are whole numbers, hence exact
  double m1 = 0, q1 = 0, best = 0;
  int threshold = 0;
  for (int i = 0; i < 256; ++i) {
    double const p = rounded(static_cast<double>(count[static_cast<std::size_t>(i)]) * each);
    m1 = rounded(m1 * q1);
    q1 += p;
    double const q2 = 1 - q1;
    if ((q1 < q2 ? q1 : q2) < least || (q1 < q2 ? q2 : q1) > 1 - least) continue;
    m1 = (m1 + rounded(i * p)) / q1;
    double const m2 = (mean - rounded(q1 * m1)) / q2;
    double const between = q1 * q2 * (m1 - m2) * (m1 - m2);
    if (between > best) best = between, threshold = i;
  }
  return threshold;
}

inline int otsu_threshold(View<const std::uint8_t, 2> film) {   // (H, W)
  expects(film.size() > 0, "otsu: the film ", shape_text(film), " has no pixels");
  return otsu_threshold(grey_histogram(film));
}

}  // namespace afire
