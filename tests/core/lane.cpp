// The CPU's lane against plain loops, for every length around its width.
#include <afire/core/lane.hpp>
#include <doctest/doctest.h>

#include <vector>

using namespace afire;

namespace {

// Whole numbers, so that every order of adding gives the same sum.
double number(Index c) { return static_cast<double>((c * 37) % 101 - 50); }

}  // namespace

TEST_CASE("each visits every position once") {
  Scalar const lane;
  for (Index n = 0; n <= 3 * Scalar::width + 1; ++n) {
    std::vector<int> visits(static_cast<std::size_t>(n));
    lane.each(n, [&](Index c) { ++visits[static_cast<std::size_t>(c)]; });
    for (int v : visits) CHECK(v == 1);
  }
}

TEST_CASE("map writes every position, also over what it reads") {
  for (bool const blocks : {true, false})
    for (Index n = 0; n <= 3 * Scalar::block + 1; ++n) {
      Scalar const lane{.blocks = blocks};
      std::vector<double> y(static_cast<std::size_t>(n) + 1, -1), over(y);
      for (Index c = 0; c < n; ++c) over[static_cast<std::size_t>(c)] = number(c);
      lane.map(n, y.data(), [](Index c) { return 2 * number(c); });
      lane.map(n, over.data(), [&](Index c) { return 2 * over[static_cast<std::size_t>(c)]; });
      for (Index c = 0; c < n; ++c) CHECK(y[static_cast<std::size_t>(c)] == 2 * number(c));
      CHECK(y.back() == -1);
      CHECK(over == y);
    }
}

TEST_CASE("sum_over and max_over are the sum and the maximum") {
  Scalar const lane;
  for (Index n = 0; n <= 100; ++n) {
    double sum = 0, most = number(0);
    for (Index c = 0; c < n; ++c) sum += number(c), most = number(c) > most ? number(c) : most;
    CHECK(lane.sum_over(n, number) == sum);
    if (n > 0) CHECK(lane.max_over(n, number) == most);
  }
}

TEST_CASE("sum_over of nothing is zero, and its type is that of the numbers") {
  Scalar const lane;
  auto const none = lane.sum_over(0, [](Index) { return 1.f; });
  static_assert(std::is_same_v<decltype(none), float const>);
  CHECK(none == 0.f);
}

TEST_CASE("once runs once") {
  int runs = 0;
  Scalar{}.once([&] { ++runs; });
  CHECK(runs == 1);
}
