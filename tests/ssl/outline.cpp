// Otsu's threshold, outlines, circles and the 8-bit resize against their definitions.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <afire/core/rng.hpp>
#include <afire/core/tensor.hpp>
#include <afire/ssl/bilinear8.hpp>
#include <afire/ssl/circle.hpp>
#include <afire/ssl/otsu.hpp>

using namespace afire;

namespace {

using Grey = Tensor<std::uint8_t, 2>;

// '#' is foreground.
Grey drawn(std::vector<std::string> const& rows) {
  Grey film(rows.size(), rows[0].size());
  for (std::size_t y = 0; y < rows.size(); ++y)
    for (std::size_t x = 0; x < rows[y].size(); ++x) film(y, x) = rows[y][x] == '#' ? 255 : 0;
  return film;
}

std::vector<std::vector<Pixel>> outlines(Grey const& film) {
  Contours contours;
  std::vector<std::vector<Pixel>> all;
  contours.each(film, 0, [&](std::vector<Pixel> const& points) { all.push_back(points); });
  return all;
}

Grey noise(Index rows, Index cols, std::uint64_t seed) {
  Random const random(seed, Purpose::test);
  Grey film(rows, cols);
  for (Index i = 0; i < film.size(); ++i) film.data()[i] = static_cast<std::uint8_t>(random.bits(static_cast<std::uint64_t>(i)) >> 24);
  return film;
}

}  // namespace

TEST_CASE("Otsu's threshold has the largest variance between the classes") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Grey const film = noise(9, 13, seed);
    double best = -1;
    int expected = 0;
    for (int t = 0; t < 256; ++t) {
      double n1 = 0, s1 = 0, n2 = 0, s2 = 0;
      for (int const p : film) (p > t ? n2 : n1) += 1, (p > t ? s2 : s1) += p;
      if (n1 == 0 || n2 == 0) continue;
      double const between = n1 * n2 * (s1 / n1 - s2 / n2) * (s1 / n1 - s2 / n2);
      if (between > best * (1 + 1e-12)) best = between, expected = t;
    }
    CHECK(otsu_threshold(film) == expected);
  }
  CHECK(otsu_threshold(drawn({"##.", "..."})) == 0);
  CHECK(otsu_threshold(drawn({"..", ".."})) == 0);
  CHECK_THROWS_WITH_AS(otsu_threshold(Grey(0, 3)), "otsu: the film (0, 3) has no pixels", error);
}

TEST_CASE("an outline is the outer one, through the corners, in one piece over diagonals") {
  auto const ring = outlines(drawn({"######", "#....#", "#.##.#", "#....#", "######"}));      // a ring, and an island in its hole
  REQUIRE(ring.size() == 1);
  CHECK(ring[0] == std::vector<Pixel>{{0, 0}, {0, 4}, {5, 4}, {5, 0}});
  CHECK(contour_area(ring[0]) == 20);

  auto const diagonal = outlines(drawn({"#..", ".#.", "..#"}));
  REQUIRE(diagonal.size() == 1);
  CHECK(contour_area(diagonal[0]) == 0);

  auto const two = outlines(drawn({"#...", "...#"}));
  REQUIRE(two.size() == 2);
  CHECK(two[0] == std::vector<Pixel>{{0, 0}});
  CHECK(two[1] == std::vector<Pixel>{{3, 1}});

  CHECK(outlines(drawn({"....", "...."})).empty());
}

TEST_CASE("the largest outline is the one of largest area, the lowest of equals, none of a black film") {
  Contours contours;
  auto const& largest = contours.largest(drawn({"###....", "###.###", "###.###", "....###"}), 0);
  CHECK(contour_area(largest) == 4);
  CHECK(largest[0] == Pixel{4, 1});
  CHECK(contours.largest(drawn({"...", "..."}), 0).empty());
}

TEST_CASE("the enclosing circle holds every point and is the smallest that does") {
  std::vector<PointF> room;
  Draws draws(Random(7, Purpose::test));
  for (int trial = 0; trial < 60; ++trial) {
    std::vector<Pixel> points;
    for (int n = draws.between(2, 14); n > 0; --n) points.push_back({draws.between(0, 40), draws.between(0, 40)});
    auto const reach = [&](double x, double y) {
      double far = 0;
      for (Pixel const p : points) far = std::max(far, std::hypot(p.x - x, p.y - y));
      return far;
    };
    // The smallest circle has two or three of the points on its rim: try them all.
    double smallest = points.size() == 1 ? 0 : 1e9;
    for (Pixel const a : points)
      for (Pixel const b : points) {
        smallest = std::min(smallest, reach((a.x + b.x) / 2.0, (a.y + b.y) / 2.0));
        for (Pixel const c : points) {
          double const bx = b.x - a.x, by = b.y - a.y, cx = c.x - a.x, cy = c.y - a.y, det = 2 * (bx * cy - by * cx);
          if (det == 0) continue;
          double const b2 = bx * bx + by * by, c2 = cx * cx + cy * cy;
          smallest = std::min(smallest, reach(a.x + (b2 * cy - c2 * by) / det, a.y + (c2 * bx - b2 * cx) / det));
        }
      }
    for (PointOrder const order : {PointOrder::as_listed, PointOrder::shuffled}) {
      Circle const c = enclosing_circle(points, order, room);
      CHECK(reach(c.x, c.y) <= c.radius + 1e-4);
      CHECK(std::abs(c.radius - smallest) < 2e-3);
    }
  }
  CHECK_THROWS_WITH_AS(enclosing_circle({}, PointOrder::shuffled, room), "enclosing circle: there are no points", error);
}

TEST_CASE("the 8-bit resize is bilinear interpolation, and leaves equal sizes and constants alone") {
  Bilinear8 resize;
  Grey const film = noise(17, 23, 1);
  Grey same(17, 23);
  resize(film, same);
  CHECK(std::equal(film.begin(), film.end(), same.begin()));

  for (auto const& [rows, cols] : {std::pair{40, 31}, std::pair{9, 50}, std::pair{5, 4}, std::pair{1, 1}}) {
    Grey out(rows, cols);
    resize(film, out);
    double worst = 0;
    for (Index y = 0; y < rows; ++y)
      for (Index x = 0; x < cols; ++x) {
        double const v = std::clamp((static_cast<double>(y) + 0.5) * 17 / rows - 0.5, 0.0, 16.0);
        double const u = std::clamp((static_cast<double>(x) + 0.5) * 23 / cols - 0.5, 0.0, 22.0);
        Index const y0 = std::min<Index>(static_cast<Index>(v), 15), x0 = std::min<Index>(static_cast<Index>(u), 21);
        double const b = v - static_cast<double>(y0), a = u - static_cast<double>(x0);
        double const exact = (1 - b) * ((1 - a) * film(y0, x0) + a * film(y0, x0 + 1)) +
                             b * ((1 - a) * film(y0 + 1, x0) + a * film(y0 + 1, x0 + 1));
        worst = std::max(worst, std::abs(out(y, x) - exact));
      }
    CHECK(worst < 1.3);                        // half a grey level for each of the two shifts, and the weights' 11 bits
  }
  Grey flat(3, 5);
  std::fill(flat.begin(), flat.end(), std::uint8_t{201});
  Grey large(30, 31);
  resize(flat, large);
  CHECK(std::all_of(large.begin(), large.end(), [](int p) { return p == 201; }));
  CHECK_THROWS_WITH_AS(resize(Grey(0, 4), large), "resize: cannot make (30, 31) of (0, 4)", error);
}
