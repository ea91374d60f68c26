// Balanced assignment: marginals, what it does not depend on, and scores that break the plain form.
#include <afire/ssl/assignment.hpp>
#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/backends.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

template <class S, class Assignment = Sinkhorn>
Tensor<S, 2> share_out(Tensor<S, 2> const& scores, Assignment assign = {}) {
  Reference be;
  Tensor<S, 2> targets(scores.extent(0), scores.extent(1));
  Tensor<S, 1> f(scores.extent(1)), g(scores.extent(0));
  assign(be, View<const S, 2>(scores), targets.view(), f.view(), g.view());
  return targets;
}

template <class S>
double row_sum(Tensor<S, 2> const& t, Index j) {
  double sum = 0;
  for (Index k = 0; k < t.extent(1); ++k) sum += static_cast<double>(t(j, k));
  return sum;
}
template <class S>
double column_sum(Tensor<S, 2> const& t, Index k) {
  double sum = 0;
  for (Index j = 0; j < t.extent(0); ++j) sum += static_cast<double>(t(j, k));
  return sum;
}

}  // namespace

TEST_CASE_TEMPLATE("rows sum to 1, columns with more iterations to L / K", S, float, double) {
  auto scores = random_tensor<S, 2>(1, 30, 12);
  for (S& s : scores) s = std::tanh(s);
  double before = 1e9;
  for (int const iterations : {1, 3, 10, 100}) {
    auto const t = share_out(scores, Sinkhorn{.temperature = 0.2, .iterations = iterations});
    for (Index j = 0; j < 30; ++j) CHECK(row_sum(t, j) == doctest::Approx(1).epsilon(1e-5));
    double off = 0;
    for (Index k = 0; k < 12; ++k) off = std::max(off, std::fabs(column_sum(t, k) - 30.0 / 12));
    CHECK(off < before);
    before = off;
  }
  CHECK(before < 1e-4);
}

TEST_CASE("a shift of all scores, of one sample's or of one cluster's changes nothing in the balance") {
  auto const scores = random_tensor<double, 2>(1, 20, 8);
  Sinkhorn const many{.temperature = 0.5, .iterations = 300};
  auto const want = share_out(scores, many);
  Tensor<double, 2> shifted(20, 8);
  for (Index j = 0; j < 20; ++j)
    for (Index k = 0; k < 8; ++k) shifted(j, k) = scores(j, k) + 5 + 0.3 * static_cast<double>(j) - 0.4 * static_cast<double>(k);
  auto const got = share_out(shifted, many);
  for (Index i = 0; i < want.size(); ++i) CHECK(got.data()[i] == doctest::Approx(want.data()[i]).epsilon(1e-9));
}

TEST_CASE_TEMPLATE("scores of any size give shares, in float too", S, float, double) {
  for (double const scale : {0.0, 1.0, 1e2, 1e4, 1e6}) {
    auto scores = random_tensor<S, 2>(3, 24, 9);
    for (S& s : scores) s *= static_cast<S>(scale);
    for (Index k = 0; k < 9; ++k) scores(5, k) -= static_cast<S>(3 * scale);               // a row far below all others
    auto const t = share_out(scores);
    for (S const v : t) REQUIRE((v >= 0 && v <= S(1.000001)));
    for (Index j = 0; j < 24; ++j) CHECK(row_sum(t, j) == doctest::Approx(1).epsilon(1e-5));
    if (scale == 0)
      for (S const v : t) CHECK(static_cast<double>(v) == doctest::Approx(1.0 / 9).epsilon(1e-6));
  }
}

TEST_CASE("no iteration is a softmax") {
  auto const scores = random_tensor<double, 2>(1, 6, 5);
  auto const t = share_out(scores, Softmax{.temperature = 0.3});
  for (Index j = 0; j < 6; ++j) {
    double sum = 0;
    for (Index k = 0; k < 5; ++k) sum += std::exp(scores(j, k) / 0.3);
    for (Index k = 0; k < 5; ++k) CHECK(t(j, k) == doctest::Approx(std::exp(scores(j, k) / 0.3) / sum).epsilon(1e-12));
  }
}

TEST_CASE("one sample or one cluster alone") {
  Tensor<double, 2> one(1, 4), single(4, 1);
  one(0, 2) = 1;
  for (double const v : share_out(one)) CHECK(v == doctest::Approx(0.25));                 // balance beats preference
  for (double const v : share_out(single)) CHECK(v == 1);
}
