// afire/ssl/lesion_texture.hpp -- where a lesion's texture comes from, and the window under which it fades out
//
//   Circle const c = body_circle(film, order, work);           // round the largest bright region: Otsu, outline, circle
//   cut_texture(film, source, axes, tile);                     // the square round source.x, source.y, cut off at the film's border
//   gaussian_window(rows, cols, window);                       // the released window: 1/2 in the middle, 0 only in the farthest corner
//   squares(n, side);                                          // u^2 of each pixel along a side, for the soft window
//
// The released window, with u and v the distances from the middle in half sides:
//   g = exp(-2 (u^2 + v^2)),   e = (g - min g) / (max g - min g) / 2
// keeps 0.06 in the middle of its edges, so that the lesion's rectangle stays visible. The soft window
//   e = max(0, 1 - u^2 - v^2)^2 / 2
// is nearly the same Gaussian less its value on the ellipse (half way out 0.56 of the middle against 0.55), ends there without a step
// or a kink, and needs no exp.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <afire/ssl/circle.hpp>
#include <afire/ssl/contour.hpp>
#include <afire/ssl/otsu.hpp>

namespace afire {

// How a texture is taken from the film.
enum class Axes { transposed, upright };     // Q1: the released code takes its rows from x and its columns from y

// All eight symmetries of a square are `turn` 0 ... 7: bit 0 mirrors left and right, bit 1 top and bottom, bit 2 swaps rows and columns.
struct TextureSource {
  int x = 0, y = 0, turn = 0;
};

struct Tile {                              // a texture of grey levels
  Index rows = 0, cols = 0;
  std::vector<std::uint8_t> pixels;          // (rows, cols)

  void resize(Index r, Index c) { rows = r, cols = c, pixels.resize(static_cast<std::size_t>(r * c)); }
  View<std::uint8_t, 2> view() { return View<std::uint8_t, 2>(pixels.data(), rows, cols); }
  View<const std::uint8_t, 2> view() const { return View<const std::uint8_t, 2>(pixels.data(), rows, cols); }
};

// A film in which nothing is above the threshold (all black) has no outline; its circle is the one inside the film.
inline Circle body_circle(View<const std::uint8_t, 2> film,   // (H, W)
                          PointOrder order, Contours& contours, std::vector<PointF>& room) {
  std::vector<Pixel> const& outline = contours.largest(film, otsu_threshold(film));
  if (!outline.empty()) return enclosing_circle(outline, order, room);
  auto const half = [](Index n) { return static_cast<float>(n / 2); };
  return {half(film.cols()), half(film.rows()), half(std::min(film.rows(), film.cols()))};
}

inline void cut_texture(View<const std::uint8_t, 2> film,   // (H, W)
                        TextureSource from, int half, Axes axes, Tile& tile) {
  Index const rows = film.rows(), cols = film.cols(), left = std::max(from.x - half, 0), top = std::max(from.y - half, 0),
              right = std::min<Index>(from.x + half, cols), bottom = std::min<Index>(from.y + half, rows);
  bool const crossed = axes == Axes::transposed;
  expects(!crossed || rows == cols, "lesion: transposed texture axes need a square film, this one is ", shape_text(film));
  Index const y0 = crossed ? left : top, x0 = crossed ? top : left;
  Index const h = crossed ? right - left : bottom - top, w = crossed ? bottom - top : right - left;
  expects(h > 0 && w > 0, "lesion: the texture at x ", from.x, ", y ", from.y, " lies outside the film ", shape_text(film));
  bool const mirror = from.turn & 1, flip = from.turn & 2, swap = from.turn & 4;
  tile.resize(swap ? w : h, swap ? h : w);
  for (Index r = 0; r < tile.rows; ++r)
    for (Index c = 0; c < tile.cols; ++c) {
      Index const i = swap ? c : r, j = swap ? r : c;
      Index const y = y0 + (flip ? h - 1 - i : i), x = x0 + (mirror ? w - 1 - j : j);
      tile.pixels[static_cast<std::size_t>(r * tile.cols + c)] = film.data[y * cols + x];
    }
}

// exp(-2 u^2) along each axis once: the exponential of a sum is a product.
inline void gaussian_window(Index rows, Index cols, std::vector<double>& window) {   // window: (rows, cols) written
  window.resize(static_cast<std::size_t>(rows * cols + rows + cols));
  double* const down = window.data() + rows * cols;
  double* const across = down + rows;
  auto const axis = [](Index n, double* g) {
    for (Index i = 0; i < n; ++i) {
      double const u = static_cast<double>(i - n / 2) / (static_cast<double>(n) / 2);
      g[i] = std::exp(-u * u / 0.5);
    }
  };
  axis(rows, down), axis(cols, across);
  // Nearest to and farthest from the middle: place n / 2 gives 1, place 0 the least (for even n the other end is one step nearer).
  double const least = down[0] * across[0], range = 1 - least;
  for (Index y = 0; y < rows; ++y)
    for (Index x = 0; x < cols; ++x)
      window[static_cast<std::size_t>(y * cols + x)] = range > 0 ? (down[y] * across[x] - least) / range * 0.5 : 0.5;
}

inline void squares(Index n, std::vector<float>& side) {   // (n) written
  side.resize(static_cast<std::size_t>(n));
  for (Index i = 0; i < n; ++i) {
    float const u = static_cast<float>(2 * i + 1 - n) / static_cast<float>(n);
    side[static_cast<std::size_t>(i)] = rounded(u * u);
  }
}

}  // namespace afire
