// afire/ssl/contour.hpp -- the outlines of the bright regions of a film, and the area inside them (Suzuki and Abe, 1985)
//
//   Foreground is what lies above the threshold; regions hang together over sides and corners; only outer outlines count,
//   of regions that do not lie in another one's hole. An outline is the list of points at which its direction changes.
//   area = |sum over points of x_prev y - y_prev x| / 2, through the centres of the pixels
//
//   Contours contours;                                                        // keeps its memory from film to film
//   contours.each(film, otsu_threshold(film), [](std::vector<Pixel> const& points) { ... });
//   std::vector<Pixel> const& body = contours.largest(film, threshold);       // empty where nothing is above the threshold
//
// Outlines come in the order of their first pixels, row by row from the top. (OpenCV lists them the other way round.)
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include <afire/core/view.hpp>

namespace afire {

struct Pixel {
  int x = 0, y = 0;                          // column, row
  friend bool operator==(Pixel, Pixel) = default;
};

// The area inside a closed contour in pixels, by the shoelace formula (OpenCV's contourArea); 0 for fewer than three points.
inline double contour_area(std::vector<Pixel> const& points) {
  std::int64_t twice = 0;
  Pixel before = points.empty() ? Pixel{} : points.back();
  for (Pixel const p : points) twice += std::int64_t{before.x} * p.y - std::int64_t{before.y} * p.x, before = p;
  return static_cast<double>(twice < 0 ? -twice : twice) / 2;
}

class Contours {
 public:
  template <class Found>
  void each(View<const std::uint8_t, 2> film,   // (H, W)
            int threshold, Found&& found) {
    spread(film, threshold);
    for (Index y = 1; y <= film.rows(); ++y) {
      std::int8_t* const row = marks_.data() + y * stride_;
      std::int8_t before = empty, last = empty;            // `last`: the mark met last in this row; inner means we are inside an outline
      for (Index x = 1; x <= film.cols(); ++x) {
        x = skip(row, x, film.cols(), before);
        if (x > film.cols()) break;
        if (row[x] == fresh && before == empty && last != inner) {
          follow({static_cast<int>(x), static_cast<int>(y)});
          found(static_cast<std::vector<Pixel> const&>(points_));
        }
        before = row[x];
        if (before == inner || before == outer) last = before;
      }
    }
  }

  // The outline of largest area; among equals the one that begins lowest, which is the first in OpenCV's list.
  std::vector<Pixel> const& largest(View<const std::uint8_t, 2> film,   // (H, W)
                                    int threshold) {
    double area = -1;
    largest_.clear();
    each(film, threshold, [&](std::vector<Pixel> const& points) {
      double const here = contour_area(points);
      if (here >= area) area = here, largest_.swap(points_);
    });
    return largest_;
  }

 private:
  // Pixels not on an outline so far are `empty` or `fresh`; on it, `outer` where the pixel to the right is outside, else `inner`.
  static constexpr std::int8_t empty = 0, fresh = 1, inner = 2, outer = 3;

  // The film as zeros and ones within a frame of zeros.
  void spread(View<const std::uint8_t, 2> film, int threshold) {
    stride_ = film.cols() + 2;
    marks_.assign(static_cast<std::size_t>((film.rows() + 2) * stride_), empty);
    for (Index y = 0; y < film.rows(); ++y) {
      std::uint8_t const* const from = film.data + y * film.cols();
      std::int8_t* const to = marks_.data() + (y + 1) * stride_ + 1;
      for (Index x = 0; x < film.cols(); ++x) to[x] = from[x] > threshold ? fresh : empty;
    }
  }

  // The first column from x on whose mark differs from `before` (eight at a time; past the last column when there is none).
  static Index skip(std::int8_t const* row, Index x, Index columns, std::int8_t before) {
    std::uint64_t const same = static_cast<std::uint64_t>(before) * 0x0101010101010101u;
    for (std::uint64_t eight; x + 7 <= columns; x += 8) {
      std::memcpy(&eight, row + x, 8);
      if (eight != same) break;
    }
    while (x <= columns && row[x] == before) ++x;
    return x;
  }

  // Walks once round the region that begins at `start`, outside on the left hand, and leaves its corners in points_.
  void follow(Pixel start) {
    static constexpr int dx[8] = {1, 1, 0, -1, -1, -1, 0, 1}, dy[8] = {0, -1, -1, -1, 0, 1, 1, 1};   // E NE N NW W SW S SE
    Index const step[8] = {1, 1 - stride_, -stride_, -1 - stride_, -1, stride_ - 1, stride_, stride_ + 1};
    std::int8_t* const first = marks_.data() + start.y * stride_ + start.x;
    points_.clear();
    int s = 3;                                             // clockwise from the west, which is empty
    while (s != 4 && first[step[s]] == empty) s = (s + 7) & 7;
    if (s == 4) {
      *first = outer;
      points_.push_back({start.x - 1, start.y - 1});
      return;
    }
    std::int8_t* const stop = first + step[s];
    int came = s ^ 4;
    Pixel at{start.x - 1, start.y - 1};
    for (std::int8_t* p = first;;) {
      int const from = s;
      do s = (s + 1) & 7;
      while (p[step[s]] == empty);
      // Between `from` and s the walker looked east and found nothing: the outside lies to the right of this pixel.
      if (static_cast<unsigned>(s - 1) < static_cast<unsigned>(from)) *p = outer;
      else if (*p == fresh) *p = inner;
      if (s != came) points_.push_back(at), came = s;
      std::int8_t* const next = p + step[s];
      if (next == first && p == stop) return;
      at.x += dx[s], at.y += dy[s];
      p = next;
      s ^= 4;
    }
  }

  std::vector<std::int8_t> marks_;           // (H + 2, W + 2)
  Index stride_ = 0;
  std::vector<Pixel> points_, largest_;
};

}  // namespace afire
