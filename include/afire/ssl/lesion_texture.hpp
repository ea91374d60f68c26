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

// The part of a film that a texture is, and how it is turned: pixel (r, c) of the texture is film.data[cut.at(r, c)].
struct TextureCut {
  Index top, left, height, width;          // in the film
  Index film_columns;
  int turn;

  AFIRE_HD TextureCut(Index rows, Index columns, TextureSource from, int half, Axes axes) : film_columns(columns), turn(from.turn) {
    Index const x0 = from.x > half ? from.x - half : 0, x1 = from.x + half < columns ? from.x + half : columns;
    Index const y0 = from.y > half ? from.y - half : 0, y1 = from.y + half < rows ? from.y + half : rows;
    bool const crossed = axes == Axes::transposed;
    top = crossed ? x0 : y0, height = crossed ? x1 - x0 : y1 - y0;
    left = crossed ? y0 : x0, width = crossed ? y1 - y0 : x1 - x0;
  }
  AFIRE_HD Index rows() const { return turn & 4 ? width : height; }
  AFIRE_HD Index cols() const { return turn & 4 ? height : width; }
  AFIRE_HD Index at(Index r, Index c) const {
    Index const i = turn & 4 ? c : r, j = turn & 4 ? r : c;
    return (top + (turn & 2 ? height - 1 - i : i)) * film_columns + left + (turn & 1 ? width - 1 - j : j);
  }
};

inline void cut_texture(View<const std::uint8_t, 2> film,   // (H, W)
                        TextureSource from, int half, Axes axes, Tile& tile) {
  expects(axes == Axes::upright || film.rows() == film.cols(), "lesion: transposed texture axes need a square film, this one is ",
          shape_text(film));
  TextureCut const cut(film.rows(), film.cols(), from, half, axes);
  expects(cut.height > 0 && cut.width > 0, "lesion: the texture at x ", from.x, ", y ", from.y, " lies outside the film ",
          shape_text(film));
  tile.resize(cut.rows(), cut.cols());
  for (Index r = 0; r < tile.rows; ++r)
    for (Index c = 0; c < tile.cols; ++c) tile.pixels[static_cast<std::size_t>(r * tile.cols + c)] = film.data[cut.at(r, c)];
}

// exp(-2 u^2) along a side of n pixels: the exponential of a sum is a product.
inline void gaussian_side(Index n, double* g) {             // (n) written
  for (Index i = 0; i < n; ++i) {
    double const u = static_cast<double>(i - n / 2) / (static_cast<double>(n) / 2);
    g[i] = std::exp(-u * u / 0.5);
  }
}
// e of one pixel, of what its row and its column have of gaussian_side and what their first ones have: place n / 2 gives 1, place 0 the
// least (for even n the other end is one step nearer).
AFIRE_HD inline double gaussian_pixel(double down, double across, double first_down, double first_across) {
  double const least = rounded_product(first_down, first_across), range = 1 - least;
  return range > 0 ? (rounded_product(down, across) - least) / range * 0.5 : 0.5;
}

inline void gaussian_window(Index rows, Index cols, std::vector<double>& window) {   // window: (rows, cols) written
  window.resize(static_cast<std::size_t>(rows * cols + rows + cols));
  double* const down = window.data() + rows * cols;
  double* const across = down + rows;
  gaussian_side(rows, down), gaussian_side(cols, across);
  for (Index y = 0; y < rows; ++y)
    for (Index x = 0; x < cols; ++x)
      window[static_cast<std::size_t>(y * cols + x)] = gaussian_pixel(down[y], across[x], down[0], across[0]);
}

// u^2 of place i of a side of n pixels.
AFIRE_HD inline float soft_square(Index i, Index n) {
  float const u = static_cast<float>(2 * i + 1 - n) / static_cast<float>(n);
  return rounded_product(u, u);
}
inline void squares(Index n, std::vector<float>& side) {   // (n) written
  side.resize(static_cast<std::size_t>(n));
  for (Index i = 0; i < n; ++i) side[static_cast<std::size_t>(i)] = soft_square(i, n);
}

}  // namespace afire
