// exp, erf and GELU in float over dense grids, against the standard library in double: what op/math.hpp promises.
#include <afire/op/math.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

#include <afire/core/config.hpp>

using namespace afire;

namespace {

template <class F>
void grid(double from, double to, Index n, F f) {
  for (Index i = 0; i <= n; ++i) f(static_cast<float>(from + (to - from) * static_cast<double>(i) / static_cast<double>(n)));
}

}  // namespace

TEST_CASE("exp in float: relative error below 2.5e-7") {
  double worst = 0;
  auto const look = [&](float x) {
    double const want = std::exp(static_cast<double>(x));
    worst = std::fmax(worst, std::fabs(static_cast<double>(math::exp(x)) - want) / want);
  };
  grid(-87, 88, 2'000'000, look);
  grid(-1, 1, 500'000, look);
  grid(-1e-3, 1e-3, 100'000, look);
  CHECK(worst < 2.5e-7);
}

TEST_CASE("exp in float: beyond its range it is 0 or large, never NaN or negative") {
  CHECK(math::exp(0.0f) == 1.0f);
  CHECK(math::exp(-100.0f) == 0.0f);
  CHECK(math::exp(-INFINITY) == 0.0f);
  CHECK(math::exp(-3e38f) == 0.0f);
  CHECK(math::exp(200.0f) == math::exp(88.0f));
  CHECK(std::isnan(math::exp(NAN)));
}

TEST_CASE("exp in float grows") {
  float before = 0;
  grid(-20, 20, 1'000'000, [&](float x) {
    float const now = math::exp(x);
    REQUIRE(now >= before * (1 - 3e-7f));
    before = now;
  });
}

TEST_CASE("erf in float: error below 7e-7, odd, within -1 ... 1") {
  double worst = 0;
  grid(-6, 6, 2'000'000, [&](float x) {
    float const y = math::erf(x);
    worst = std::fmax(worst, std::fabs(static_cast<double>(y) - std::erf(static_cast<double>(x))));
    REQUIRE(std::fabs(y) <= 1.0f);
    REQUIRE(math::erf(-x) == -y);
  });
  CHECK(worst < 7e-7);
  CHECK(math::erf(INFINITY) == doctest::Approx(1).epsilon(7e-7));
  CHECK(std::isnan(math::erf(NAN)));
}

TEST_CASE("GELU and its slope in float against double") {
  double value = 0, slope = 0;
  grid(-8, 8, 1'000'000, [&](float x) {
    double const wide = static_cast<double>(x);
    value = std::fmax(value, std::fabs(static_cast<double>(math::gelu(x)) - math::gelu(wide)));
    slope = std::fmax(slope, std::fabs(static_cast<double>(math::gelu_slope(x)) - math::gelu_slope(wide)));
  });
  CHECK(value < 2e-6);
  CHECK(slope < 2e-6);
}

TEST_CASE("the square root of many numbers, at every size") {
  double worst = 0;
  for (float x = 1e-37f; x < 3e38f; x *= 1.0037f) {
    double const root = std::sqrt(static_cast<double>(x));
    worst = std::max(worst, std::fabs(static_cast<double>(math::fast_sqrt(x)) - root) / root);
  }
  CHECK(worst < 4e-7);
  CHECK(math::fast_sqrt(0.0f) == 0);
  for (float const small : {1e-45f, 1e-40f, 1e-38f}) {
    CHECK(math::fast_sqrt(small) >= 0);
    CHECK(math::fast_sqrt(small) <= std::sqrt(small) * 1.000001f);
  }
  CHECK(std::isnan(math::fast_sqrt(std::numeric_limits<float>::quiet_NaN())));
  CHECK(math::fast_sqrt(2.0) == std::sqrt(2.0));
}

TEST_CASE("the slope of GELU is its derivative") {
  for (double x = -6; x <= 6; x += 0.125) {
    double const h = 1e-5, differences = (math::gelu(x + h) - math::gelu(x - h)) / (2 * h);
    CHECK(math::gelu_slope(x) == doctest::Approx(differences).epsilon(1e-8));
  }
}
