// The monitors see what they are for: a code without films in it, a code of few directions, prototypes nobody uses.
#include <vector>

#include <doctest/doctest.h>

#include <afire/core/rng.hpp>
#include <afire/eval/collapse.hpp>
#include <afire/eval/pca.hpp>

using namespace afire;

namespace {

template <class F>
Tensor<float, 3> tokens(Index B, Index L, Index C, F value) {
  Tensor<float, 3> x(B, L, C);
  for (Index b = 0; b < B; ++b)
    for (Index j = 0; j < L; ++j)
      for (Index c = 0; c < C; ++c) x(b, j, c) = static_cast<float>(value(b, j, c));
  return x;
}

double noise(Index b, Index j, Index c) {
  return Random(1, Purpose::test, static_cast<std::uint64_t>(b)).normal(static_cast<std::uint64_t>(j * 1000 + c));
}

TokenMonitor monitor(Tensor<float, 3>& x, Index sample = 0) {
  TokenMonitor m(x.extent(1), x.extent(2), sample);
  m.add(x.view());
  return m;
}

}  // namespace

TEST_CASE("a code that depends on position alone has a between-image share of exactly 0, whatever its size") {
  auto x = tokens(7, 9, 5, [](Index, Index j, Index c) { return 1e4 * noise(0, j, c); });
  CHECK(monitor(x).between_image_share() == 0);
}

TEST_CASE("a code that position says nothing about has a share near 1, and a mixture its own") {
  auto films = tokens(400, 9, 6, [](Index b, Index, Index c) { return noise(b, 0, c); });
  CHECK(monitor(films).between_image_share() == doctest::Approx(1).epsilon(1e-6));
  auto mixed = tokens(2000, 20, 3, [](Index b, Index j, Index c) { return 3 * noise(100000, j, c) + noise(b, j, c); });
  auto const m = monitor(mixed);
  double const positions = m.between_position_variance();
  CHECK(m.between_image_variance() == doctest::Approx(3).epsilon(0.02));                   // 3 channels of variance 1
  CHECK(m.between_image_share() == doctest::Approx(3 / (3 + positions)).epsilon(0.02));
}

TEST_CASE("the variances add up to the variance of all tokens") {
  auto x = tokens(11, 13, 4, [](Index b, Index j, Index c) { return 50 + noise(b, j, c) + 0.3 * static_cast<double>(j); });
  Covariance all(4);
  all.add(x.view().as(11 * 13, 4));
  double trace = 0;
  for (Index c = 0; c < 4; ++c) trace += all.scatter()(c, c) / (11 * 13);
  CHECK(monitor(x).total_variance() == doctest::Approx(trace).epsilon(1e-10));
}

TEST_CASE("batches one after the other give what one batch gives") {
  auto x = tokens(12, 10, 8, [](Index b, Index j, Index c) { return 100 + noise(b, j, c); });
  auto const whole = monitor(x);
  TokenMonitor parts(10, 8, 0);
  for (Index first : {0, 1, 6}) parts.add(x.view().slice(first, first == 0 ? 1 : first == 1 ? 5 : 6));
  CHECK(parts.films() == 12);
  CHECK(parts.effective_rank() == doctest::Approx(whole.effective_rank()).epsilon(1e-9));
  CHECK(parts.between_image_share() == doctest::Approx(whole.between_image_share()).epsilon(1e-12));
}

TEST_CASE("the effective rank counts directions") {
  auto line = tokens(40, 5, 16, [](Index b, Index j, Index c) { return 7 + noise(b, j, 0) * static_cast<double>(c + 1); });
  CHECK(monitor(line).effective_rank() == doctest::Approx(1).epsilon(1e-4));
  auto full = tokens(500, 20, 16, [](Index b, Index j, Index c) { return noise(b, j, c); });
  CHECK(monitor(full).effective_rank() == doctest::Approx(16).epsilon(0.01));
  CHECK(monitor(full, 2000).effective_rank() == doctest::Approx(16).epsilon(0.02));        // 2000 of the 10000 tokens
  auto equal = tokens(4, 3, 5, [](Index, Index, Index) { return 2; });
  CHECK(std::isnan(monitor(equal).effective_rank()));
  CHECK(std::isnan(monitor(equal).between_image_share()));
  CHECK(std::isnan(TokenMonitor(3, 5).effective_rank()));
}

TEST_CASE("a NaN in the tokens is a NaN in the monitors, and does not stop the run") {
  auto x = tokens(4, 3, 5, [](Index b, Index j, Index c) { return noise(b, j, c); });
  x(1, 1, 1) = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isnan(monitor(x).effective_rank()));
}

TEST_CASE("tokens of another shape are refused with both shapes") {
  Tensor<float, 3> x(2, 4, 5);
  TokenMonitor m(3, 5);
  CHECK_THROWS_WITH_AS(m.add(x.view()), "token monitor: tokens of shape (2, 4, 5), where (B, 3, 5) was announced", error);
}

TEST_CASE("the sample of tokens is without repeats and from everywhere") {
  for (Index n : {1, 2, 7, 196, 4 * 196, 9800}) {
    std::vector<int> seen(static_cast<std::size_t>(n));
    for (Index i = 0; i < n; ++i) ++seen[static_cast<std::size_t>(spread(i, n))];
    for (int s : seen) REQUIRE(s == 1);
  }
  std::vector<int> columns(14);
  for (Index i = 0; i < 1400; ++i) ++columns[static_cast<std::size_t>(spread(i, 64 * 196) % 14)];
  for (int c : columns) CHECK(std::abs(c - 100) < 20);
}

TEST_CASE("prototypes: used, perplexity, and perplexity at one position") {
  Index const B = 30, L = 6, K = 8;
  PrototypeMonitor positional(L, K), free(L, K);
  Tensor<float, 3> p(B, L, K), f(B, L, K);
  for (Index b = 0; b < B; ++b)
    for (Index j = 0; j < L; ++j) p(b, j, j) = 1, f(b, j, b % 3) = 1;
  positional.add(p.view()), free.add(f.view());
  CHECK(positional.used() == 6.0 / 8);
  CHECK(positional.perplexity() == doctest::Approx(6));
  CHECK(positional.perplexity_here() == doctest::Approx(1));                               // position alone decides
  CHECK(free.used() == 3.0 / 8);
  CHECK(free.perplexity() == doctest::Approx(3));
  CHECK(free.perplexity_here() == doctest::Approx(3));                                     // position says nothing
}

TEST_CASE("the mean entropy of targets lies between 0 and ln K") {
  Tensor<float, 2> p(2, 4);
  p(0, 2) = 1;
  for (Index k = 0; k < 4; ++k) p(1, k) = 0.25f;
  CHECK(mean_entropy(p.view()) == doctest::Approx(std::log(4) / 2));
}

TEST_CASE("eigenvectors: A v = value v, of length 1, at right angles; zero, diagonal and repeated values too") {
  for (Index n : {1, 2, 3, 10, 65}) {
    for (int kind = 0; kind < 4; ++kind) {
      CAPTURE(n);
      CAPTURE(kind);
      Tensor<double, 2> a(n, n);
      for (Index i = 0; i < n; ++i)
        for (Index j = 0; j <= i; ++j) {
          double const x = kind == 0 ? noise(i, j, 0) : kind == 1 ? (i == j ? static_cast<double>(i % 3) : 0) : kind == 2 ? 0 : 1;
          a(i, j) = a(j, i) = x;
        }
      auto const e = eigen_symmetric(a);
      auto const only_values = eigenvalues_symmetric(a);
      for (Index i = 0; i < n; ++i) {
        double const value = e.values[static_cast<std::size_t>(i)];
        CHECK(only_values[static_cast<std::size_t>(i)] == doctest::Approx(value).epsilon(1e-12));
        if (i > 0) CHECK(value <= e.values[static_cast<std::size_t>(i - 1)]);
        for (Index r = 0; r < n; ++r) {
          double sum = 0, dot = 0;
          for (Index c = 0; c < n; ++c) sum += a(r, c) * e.vectors(i, c), dot += e.vectors(i, c) * e.vectors(r, c);
          REQUIRE(std::fabs(sum - value * e.vectors(i, r)) < 1e-12 * static_cast<double>(n));
          REQUIRE(std::fabs(dot - (r == i)) < 1e-13 * static_cast<double>(n));
        }
      }
    }
  }
  Tensor<double, 2> bad(2, 2);
  bad(1, 0) = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(eigen_symmetric(bad), error);
}

TEST_CASE("principal components of stretched noise are the axes it was stretched along") {
  auto x = tokens(3000, 1, 6, [](Index b, Index, Index c) { return 1000 + noise(b, 0, c) * (c == 4 ? 5 : c == 1 ? 3 : 1); });
  auto const p = pca(x.view().as(3000, 6), 2);
  CHECK(p.components(0, 4) > 0.99);
  CHECK(p.components(1, 1) > 0.99);
  CHECK(p.variance[0] == doctest::Approx(25).epsilon(0.1));
  CHECK(p.ratio[0] == doctest::Approx(25.0 / 38).epsilon(0.1));
}
