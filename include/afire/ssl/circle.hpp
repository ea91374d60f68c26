// afire/ssl/circle.hpp -- the smallest circle round a set of points (Welzl's incremental method, without the recursion)
//
//   Points are taken one after the other; a point outside the circle so far must lie on the rim of the next one, which is
//   found among the points before it. In random order this takes linear time.
//
//   Circle const c = enclosing_circle(points, PointOrder::as_listed, room);     // `room`: memory kept by the caller
//
// Arithmetic in float with a slack of 1e-4, step by step as OpenCV does it, because its centre is cut to whole pixels:
// `shuffled` are the bits of OpenCV 4.14 and later, `as_listed` those of 4.13 and earlier.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include <afire/core/exact.hpp>
#include <afire/ssl/contour.hpp>

namespace afire {

enum class PointOrder { as_listed, shuffled };

struct Circle {
  float x = 0, y = 0, radius = 0;
};

struct PointF {                            // in pixels
  float x = 0, y = 0;
};

namespace circle {

inline constexpr float slack = 1e-4f;

// The products of float differences are exact in double, so nothing here depends on how they are added.
inline double distance(float x, float y, PointF p) {
  double const dx = x - p.x, dy = y - p.y;
  return std::sqrt(dx * dx + dy * dy);
}
// Whether p lies inside c; on the rim it does not.
inline bool holds(Circle c, PointF p) { return distance(c.x, c.y, p) < static_cast<double>(c.radius); }

// The smallest circle through two points: they are ends of a diameter.
inline Circle through(PointF a, PointF b) {
  return {(a.x + b.x) / 2, (a.y + b.y) / 2, static_cast<float>(distance(a.x, a.y, b)) / 2 + slack};
}

// a b + c d, each product rounded to float first, so that no compiler fuses them.
inline float sum_of_products(float a, float b, float c, float d) { return rounded(a * b) + rounded(c * d); }

// The circle on which three points lie; `so_far` (4.14 and later) or the longest side (earlier) when they are on one line.
inline Circle through(PointF a, PointF b, PointF c, Circle so_far, PointOrder order) {
  float const v1x = b.x - a.x, v1y = b.y - a.y, v2x = c.x - a.x, v2y = c.y - a.y;
  float const c1 = sum_of_products((a.x + b.x) / 2, v1x, (a.y + b.y) / 2, v1y);
  float const c2 = sum_of_products((a.x + c.x) / 2, v2x, (a.y + c.y) / 2, v2y);
  float const det = sum_of_products(v1x, v2y, -v1y, v2x);
  if (std::fabs(det) <= slack) {
    if (order == PointOrder::shuffled) return so_far;
    float const ab = sum_of_products(v1x, v1x, v1y, v1y), ac = sum_of_products(v2x, v2x, v2y, v2y),
                bc = sum_of_products(b.x - c.x, b.x - c.x, b.y - c.y, b.y - c.y);
    if (ac > ab && ac >= bc) std::swap(b, c);
    else if (bc > ab && bc > ac) std::swap(a, c);
    return {(a.x + b.x) / 2, (a.y + b.y) / 2,
            std::sqrt(sum_of_products(a.x - b.x, a.x - b.x, a.y - b.y, a.y - b.y)) / 2 + slack};
  }
  float const x = sum_of_products(c1, v2y, -c2, v1y) / det, y = sum_of_products(v1x, c2, -v2x, c1) / det;
  return {x, y, std::sqrt(sum_of_products(x - a.x, x - a.x, y - a.y, y - a.y)) + slack};
}

// The shuffle of OpenCV 4.14: a multiply-with-carry generator seeded by the number of points and the first and last of them.
inline void shuffle(std::vector<PointF>& p) {
  auto const bits = [](float f) {
    std::uint32_t u;
    std::memcpy(&u, &f, sizeof u);
    return u;
  };
  std::uint32_t const seed = static_cast<std::uint32_t>(p.size()) ^ bits(p.front().x) ^ bits(p.front().y) << 8 ^ bits(p.back().x) << 16 ^
                             bits(p.back().y) << 24;
  std::uint64_t state = seed ? seed : 0xffffffffu;
  for (std::size_t i = 1; i < p.size(); ++i) {
    state = std::uint64_t{static_cast<std::uint32_t>(state)} * 4164903690u + (state >> 32);
    std::swap(p[i], p[static_cast<std::uint32_t>(state) % (i + 1)]);
  }
}

}  // namespace circle

inline Circle enclosing_circle(std::vector<Pixel> const& points, PointOrder order, std::vector<PointF>& room) {
  using namespace circle;
  expects(!points.empty(), "enclosing circle: there are no points");
  room.clear();
  for (Pixel const p : points) room.push_back({static_cast<float>(p.x), static_cast<float>(p.y)});
  if (room.size() == 1) return {room[0].x, room[0].y, slack};
  if (order == PointOrder::shuffled && room.size() > 10) shuffle(room);
  Circle c = through(room[0], room[1]);
  for (std::size_t i = 2; i < room.size(); ++i) {
    if (static_cast<float>(distance(c.x, c.y, room[i])) < c.radius) continue;
    c = through(room[0], room[i]);
    for (std::size_t j = 1; j < i; ++j) {
      if (holds(c, room[j])) continue;
      c = through(room[j], room[i]);
      for (std::size_t k = 0; k < j; ++k)
        if (!holds(c, room[k])) c = through(room[i], room[j], room[k], c, order);
    }
  }
  return c;
}

}  // namespace afire
