// Probe, neighbours and clusters on made-up features: the right answer is known.
#include <doctest/doctest.h>

#include <afire/core/bf16.hpp>
#include <afire/eval/binary.hpp>
#include <afire/eval/kmeans.hpp>
#include <afire/eval/knn.hpp>
#include <afire/eval/probe.hpp>

using namespace afire;

namespace {

Tensor<float, 2> gaussian(Index N, Index C, std::uint64_t seed) {
  Tensor<float, 2> x(N, C);
  Random const random(seed, Purpose::test);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(random.normal(static_cast<std::uint64_t>(i)));
  return x;
}

}  // namespace

TEST_CASE("standardised columns have mean 0 and deviation 1; a constant one becomes 0") {
  auto x = gaussian(200, 3, 1);
  for (Index n = 0; n < 200; ++n) x(n, 0) = x(n, 0) * 100 + 1e4f, x(n, 2) = 0.1f;
  auto const y = Standardise(x.view())(x.view());
  for (Index c = 0; c < 3; ++c) {
    double mean = 0, squares = 0;
    for (Index n = 0; n < 200; ++n) mean += y(n, c) / 200, squares += y(n, c) * y(n, c) / 200;
    CHECK(mean == doctest::Approx(0));
    CHECK(squares == doctest::Approx(c == 2 ? 0 : 1));
  }
}

TEST_CASE("at the probe's answer the gradient of its objective is 0") {
  Index const N = 150, C = 20;
  auto const x = gaussian(N, C, 2);
  auto const features = Standardise(x.view())(x.view());
  std::vector<double> label;
  for (Index n = 0; n < N; ++n) label.push_back(x(n, 3) + 0.5f * x(n, 4) > 0.2f);
  label[7] = std::nan("");
  for (double strength : {1e-4, 1.0, 100.0}) {
    auto const m = fit_logistic(features, label, {.C = strength});
    std::vector<double> gradient = m.weight;
    double bias = 0;
    auto const logit = m(features);
    for (Index n = 0; n < N; ++n) {
      auto const at = static_cast<std::size_t>(n);
      if (std::isnan(label[at])) continue;
      double const miss = strength * (probability(logit[at]) - label[at]);
      bias += miss;
      for (Index c = 0; c < C; ++c) gradient[static_cast<std::size_t>(c)] += miss * features(n, c);
    }
    for (double g : gradient) CHECK(std::fabs(g) < 1e-9 * (1 + strength * N));
    CHECK(std::fabs(bias) < 1e-9 * (1 + strength * N));
    CHECK(m.iterations < 40);
  }
}

TEST_CASE("the probe finds a label that lies in the features, and none in noise") {
  auto const x = gaussian(600, 30, 3);
  std::vector<double> in_features, coin;
  Draws draws(Random(4, Purpose::test));
  for (Index n = 0; n < 600; ++n) in_features.push_back(x(n, 0) - x(n, 1) > 0), coin.push_back(static_cast<double>(draws.below(2)));
  Standardise const s(x.view().slice(0, 400));
  auto const train = s(x.view().slice(0, 400)), test = s(x.view().slice(400, 200));
  auto const first = [](std::vector<double> const& v) { return std::vector<double>(v.begin(), v.begin() + 400); };
  auto const last = [](std::vector<double> const& v) { return std::vector<double>(v.begin() + 400, v.end()); };
  CHECK(auroc(last(in_features), fit_logistic(train, first(in_features))(test)) > 0.98);
  double const nothing = auroc(last(coin), fit_logistic(train, first(coin))(test));
  CHECK(nothing > 0.35);
  CHECK(nothing < 0.65);
}

TEST_CASE("the probe stays finite where classes are perfectly apart, and where one feature is a thousand times the others") {
  auto x = gaussian(80, 4, 5);
  std::vector<double> label;
  for (Index n = 0; n < 80; ++n) label.push_back(n % 2 ? 1 : 0), x(n, 0) = n % 2 ? 3000.f : -3000.f;
  Tensor<double, 2> raw(80, 4);
  std::copy(x.begin(), x.end(), raw.begin());
  auto const m = fit_logistic(raw, label, {.C = 1e4});
  CHECK(std::isfinite(m.objective));
  CHECK(auroc(label, m(raw)) == 1);
}

TEST_CASE("the probe says what it cannot learn") {
  Tensor<double, 2> x(3, 2);
  CHECK_THROWS_WITH_AS(fit_logistic(x, std::vector<double>{1, 1, 1}), "probe: all labels are the same; there is nothing to learn", error);
  CHECK_THROWS_WITH_AS(fit_logistic(x, std::vector<double>{1, 0}), "probe: 3 rows, but 2 labels", error);
}

TEST_CASE("the nearest row to a row is itself; others only where they are allowed") {
  auto const x = gaussian(50, 8, 6);
  auto const self = nearest(x.view(), x.view(), 2);
  for (Index n = 0; n < 50; ++n) {
    CHECK(self.row(n, 0) == n);
    CHECK(self.cosine(n, 0) == doctest::Approx(1));
  }
  auto const other = nearest(x.view(), x.view(), 2, [](Index m, Index n) { return m != n; });
  for (Index n = 0; n < 50; ++n) CHECK(other.row(n, 0) == self.row(n, 1));
  auto const none = nearest(x.view(), x.view(), 2, [](Index, Index n) { return n == 3; });
  CHECK(none.row(0, 0) == 3);
  CHECK(none.row(0, 1) == -1);
  std::vector<Index> const label(50);
  CHECK(knn_vote(none, label, 1)(0, 0) == doctest::Approx(std::exp(none.cosine(0, 0) / 0.07)));
}

TEST_CASE("neighbours in bfloat16 are those in float but for rounding") {
  auto const x = gaussian(40, 64, 7);
  Tensor<bf16, 2> h(40, 64);
  std::transform(x.begin(), x.end(), h.begin(), [](float v) { return bf16(v); });
  auto const a = nearest(x.view(), x.view(), 1, [](Index m, Index n) { return m != n; });
  auto const b = nearest(h.view(), h.view(), 1, [](Index m, Index n) { return m != n; });
  for (Index n = 0; n < 40; ++n) CHECK(b.cosine(n, 0) == doctest::Approx(a.cosine(n, 0)).epsilon(0.01));
}

TEST_CASE("k-means finds well separated clusters, the same each time") {
  auto x = gaussian(300, 5, 8);
  std::vector<Index> truth;
  for (Index n = 0; n < 300; ++n) truth.push_back(n % 3), x(n, n % 3) += 30;
  auto const k = kmeans(x.view(), 3, Random(1, Purpose::cluster));
  CHECK(agreement(k.label, truth).adjusted_rand == 1);
  CHECK(agreement(k.label, truth).nmi == doctest::Approx(1));
  CHECK(kmeans(x.view(), 3, Random(1, Purpose::cluster)).label == k.label);
  CHECK(silhouette(x.view(), k.label) > 0.8);
  CHECK(davies_bouldin(x.view(), k.label) < 0.2);
}

TEST_CASE("k-means with as many clusters as points, with equal points, and from far away centres") {
  auto const x = gaussian(6, 2, 9);
  CHECK(kmeans(x.view(), 6, Random(1, Purpose::cluster)).inertia == doctest::Approx(0));
  Tensor<float, 2> equal(5, 2);
  CHECK(kmeans(equal.view(), 3, Random(1, Purpose::cluster)).inertia == 0);
  Tensor<double, 2> far_away(3, 2);
  for (double& c : far_away) c = 1e6;
  far_away(0, 0) = 0;
  auto const k = kmeans_from(x.view(), far_away, 50);          // two centres get no point at first
  std::vector<int> size(3);
  for (Index l : k.label) ++size[static_cast<std::size_t>(l)];
  for (int s : size) CHECK(s > 0);
}

TEST_CASE("clusters are refused where a metric is not defined") {
  auto const x = gaussian(4, 2, 10);
  CHECK_THROWS_WITH_AS(silhouette(x.view(), std::vector<Index>(4)),
                       "silhouette: 1 clusters of 4 points; it takes 2 clusters at least, and fewer than points", error);
  CHECK_THROWS_AS(davies_bouldin(x.view(), std::vector<Index>{0, 1, 2, 3}), error);
}

TEST_CASE("agreement does not care for names, and chance gives 0") {
  std::vector<Index> a, b, coin;
  Draws draws(Random(11, Purpose::test));
  for (Index i = 0; i < 2000; ++i) a.push_back(i % 5), b.push_back(100 - 7 * (i % 5)), coin.push_back(draws.below(5));
  CHECK(agreement(a, b).adjusted_rand == 1);
  CHECK(agreement(a, b).adjusted_information == 1);
  CHECK(std::fabs(agreement(a, coin).adjusted_rand) < 0.01);
  CHECK(std::fabs(agreement(a, coin).adjusted_information) < 0.01);
}
