// The probe of several classes: with two it is the probe of two, its gradient is zero at the end, and what it refuses.
#include <afire/eval/softmax_probe.hpp>
#include <doctest/doctest.h>

#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

TEST_CASE("with two classes it is logistic regression with twice the weight of the data") {
  Index const N = 60, C = 4;
  auto const x = random_tensor<double, 2>(1, N, C);
  std::vector<int> label;
  std::vector<double> same;
  for (Index n = 0; n < N; ++n) {
    label.push_back(n % 7 == 3 ? -1 : x(n, 0) + 0.8 * x(n, 2) + 0.3 * static_cast<double>(n % 5) > 0.5);
    same.push_back(label.back() < 0 ? std::nan("") : label.back());
  }
  auto const two = fit_logistic(x, same, {.C = 2});
  auto const several = fit_softmax(x, label, 2, {.C = 1});
  for (Index c = 0; c < C; ++c) {
    auto const w = two.weight[static_cast<std::size_t>(c)];
    CHECK(several.weight(1, c) == doctest::Approx(w / 2).epsilon(1e-8));
    CHECK(several.weight(0, c) == doctest::Approx(-w / 2).epsilon(1e-8));
  }
  CHECK(several.bias[1] - several.bias[0] == doctest::Approx(two.bias).epsilon(1e-8));
  CHECK(several.objective == doctest::Approx(two.objective / 2).epsilon(1e-10));
  auto const p = several.probabilities(x);
  auto const logit = two(x);
  for (Index n = 0; n < N; ++n) CHECK(p(n, 1) == doctest::Approx(probability(logit[static_cast<std::size_t>(n)])).epsilon(1e-8));
}

TEST_CASE("a class whose features lie apart is found; scores of hundreds do not overflow") {
  Index const N = 30;
  Tensor<double, 2> x(N, 2);
  std::vector<int> label;
  for (Index n = 0; n < N; ++n) {
    label.push_back(static_cast<int>(n % 3));
    x(n, 0) = 100 * std::cos(2.1 * static_cast<double>(n % 3)) + 0.01 * static_cast<double>(n);
    x(n, 1) = 100 * std::sin(2.1 * static_cast<double>(n % 3));
  }
  auto const p = fit_softmax(x, label, 3, {.C = 100}).probabilities(x);
  for (Index n = 0; n < N; ++n) CHECK(p(n, n % 3) > 0.999);
  CHECK_THROWS_WITH(fit_softmax(x, label, 2), "probe: a label is 2 of 2 classes");
  label.pop_back();
  CHECK_THROWS_WITH(fit_softmax(x, label, 3), "probe: 30 rows, but 29 labels");
}
