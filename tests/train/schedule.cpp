// Learning rate, weight decay and momentum over the steps.
#include <afire/train/schedule.hpp>
#include <doctest/doctest.h>

using namespace afire;

TEST_CASE("a warm-up goes from 0 to the base, both included, and the cosine begins there") {
  Cosine const lr{.base = 2.0, .end = 0.5, .warmup = 5, .steps = 25};
  CHECK(lr(0) == 0);
  CHECK(lr(2) == 1);
  CHECK(lr(4) == 2);
  CHECK(lr(5) == 2);
  CHECK(lr(15) == doctest::Approx(1.25));
  CHECK(lr(24) > 0.5);
  CHECK(lr(24) < 0.52);
  for (Index s = 5; s < 24; ++s) CHECK(lr(s + 1) < lr(s));
}

TEST_CASE("without a warm-up it starts at the base; a warm-up of one step is its start") {
  CHECK(Cosine{.base = 0.04, .end = 0.4, .steps = 100}(0) == doctest::Approx(0.04).epsilon(1e-15));
  CHECK(Cosine{.base = 0.04, .end = 0.4, .steps = 100}(50) == doctest::Approx(0.22));
  CHECK(Cosine{.base = 1, .end = 0, .warmup = 1, .steps = 3}(0) == 0);
  CHECK(Cosine{.base = 1, .end = 0, .warmup = 1, .steps = 3}(1) == 1);
}

TEST_CASE("a schedule that is all warm-up, or of one step, is finite") {
  Cosine const all{.base = 1, .end = 0, .warmup = 4, .steps = 4};
  for (Index s = 0; s < 4; ++s) CHECK(all(s) == doctest::Approx(static_cast<double>(s) / 3));
  CHECK(Cosine{.base = 1, .end = 0, .steps = 1}(0) == 1);
}

TEST_CASE("the linear scaling rule") {
  CHECK(scaled_rate(5e-4, 1024) == doctest::Approx(2e-3));
  CHECK(scaled_rate(5e-4, 256) == 5e-4);
}

TEST_CASE("a rise that doesn't begin at 0, a half cosine that reaches its end, a line") {
  Cosine const temperature{.base = 0.07, .end = 0.07, .warmup = 4, .steps = 10, .start = 0.04};
  CHECK(temperature(0) == 0.04);
  CHECK(temperature(1) == doctest::Approx(0.05));
  for (Index s = 3; s < 10; ++s) CHECK(temperature(s) == doctest::Approx(0.07).epsilon(1e-15));
  CHECK(Cosine{.base = 1, .end = 0, .warmup = 1, .steps = 3, .start = 0.25}(0) == 0.25);
  HalfCosine const half{.base = 2, .end = 1, .warmup = 5, .steps = 15};
  CHECK(half(0) == 0);
  CHECK(half(4) == doctest::Approx(1.6));
  CHECK(half(5) == 2);
  CHECK(half(10) == doctest::Approx(1.5));
  CHECK(half(15) == doctest::Approx(1));
  Polynomial const line{.base = 3, .end = 1, .steps = 4};
  CHECK(line(0) == 3);
  CHECK(line(1) == doctest::Approx(2.5));
  CHECK(line(4) == 1);
}
