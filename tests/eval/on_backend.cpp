// Neighbours, clusters and probes on a backend are the host's: the same rows where cosines tie, the same labels, the same weights but for
// rounding. Guarded has memory that the host cannot touch, as a GPU.
#include <afire/eval/few_labels_on.hpp>
#include <afire/eval/kmeans_on.hpp>
#include <doctest/doctest.h>

#include "tests/support/guarded.hpp"
#include "tests/support/message.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

struct Every {                             // keeps(i)
  Index step;
  bool operator()(Index i) const { return step > 0 && i % step == 0; }
};

template <class B>
void compacted(B be, Index n, Index step) {
  CAPTURE(n);
  CAPTURE(step);
  std::vector<Index> want;
  for (Index i = 0; i < n; ++i)
    if (Every{step}(i)) want.push_back(i);
  std::vector<Index> got(want.size() + 1);
  auto const at = allocate<Index>(be, static_cast<Index>(got.size()));
  CHECK(compact(be, n, Every{step}, at.view()) == static_cast<Index>(want.size()));
  download(be, at.view(), got.data());
  got.pop_back();
  CHECK(got == want);
}

template <class B>
void grouped(B be, std::vector<Index> const& label, Index groups) {
  auto const N = static_cast<Index>(label.size());
  auto const of = allocate<Index>(be, N), order = allocate<Index>(be, N), begin = allocate<Index>(be, groups + 1);
  upload(be, label.data(), of.view());
  group(be, of.view(), order.view(), begin.view());
  std::vector<Index> by(label.size()), from(static_cast<std::size_t>(groups) + 1), want;
  download(be, order.view(), by.data());
  download(be, begin.view(), from.data());
  for (Index k = 0; k < groups; ++k) {
    CHECK(from[static_cast<std::size_t>(k)] == static_cast<Index>(want.size()));
    for (Index n = 0; n < N; ++n)
      if (label[static_cast<std::size_t>(n)] == k) want.push_back(n);
  }
  CHECK(from.back() == N);
  CHECK(by == want);
}

template <class B, class T, class U>
void same_neighbours(B be, Tensor<T, 2> const& train, Tensor<U, 2> const& query, Index k, Index at_once) {
  CAPTURE(k);
  auto const want = nearest(train.view(), query.view(), k), got = nearest(be, train.view(), query.view(), k, at_once);
  CHECK(std::equal(want.row.begin(), want.row.end(), got.row.begin()));
  CHECK(std::equal(want.cosine.begin(), want.cosine.end(), got.cosine.begin()));
}

// Points of few different places, so that much is equally far.
Tensor<float, 2> on_a_grid(Index N, Index C, std::uint64_t seed) {
  Tensor<float, 2> x(N, C);
  Draws draw(Random(seed, Purpose::test));
  for (float& v : x) v = static_cast<float>(draw.below(3)) - 1;
  return x;
}

void same_clusters(KMeans const& want, KMeans const& got) {
  CHECK(got.label == want.label);
  CHECK(got.iterations == want.iterations);
  CHECK(std::equal(want.centre.begin(), want.centre.end(), got.centre.begin(),
                   [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }));       // NaN: a cluster that stays empty
  CHECK(got.inertia == doctest::Approx(want.inertia).epsilon(1e-12));
}

}  // namespace

TEST_CASE("what is kept, in its order") {
  for (Index const n : {0, 1, 255, 256, 257, 5000})
    for (Index const step : {0, 1, 2, 7, 300}) compacted(Reference{.threads = 2}, n, step), compacted(Guarded{}, n, step);
}

TEST_CASE("rows in the order of their groups") {
  std::vector<Index> label(777);
  Draws draw(Random(1, Purpose::test));
  for (Index& l : label) l = draw.below(9);
  for (Index& l : label) l += l == 4;                      // nobody is in group 4, nor in 9
  grouped(Reference{}, label, 10), grouped(Guarded{}, label, 10), grouped(Guarded{}, {0}, 1);
}

TEST_CASE_TEMPLATE("neighbours on a backend are the host's, bit by bit", T, double, float, bf16) {
  auto const train = random_tensor<T, 2>(1, 300, 24), query = random_tensor<T, 2>(2, 71, 24);
  for (Index const k : {1, 5, 20, 140, 300})
    for (Index const at_once : {Index{1}, Index{300 * 9}, Index{1} << 20}) {
      same_neighbours(Reference{.threads = 2}, train, query, k, at_once);
      same_neighbours(Guarded{}, train, query, k, at_once);
    }
}

TEST_CASE("where cosines tie the lower row comes first, on a backend too") {
  auto const grid = on_a_grid(400, 3, 3), more = on_a_grid(60, 3, 4);          // 27 places, (0, 0, 0) among them: ties beyond all bounds
  auto const wide = on_a_grid(200, 12, 5), wide_too = on_a_grid(40, 12, 6);
  Tensor<float, 2> same(100, 8);
  std::fill(same.begin(), same.end(), 0.3f);
  auto near_to_same = random_tensor<double, 2>(7, 200, 8);                     // cosines that differ in the last bits only
  for (double& v : near_to_same) v = 1 + 1e-8 * v;
  for (Index const k : {1, 2, 7, 50}) {
    same_neighbours(Guarded{}, grid, more, k, 1 << 20), same_neighbours(Guarded{}, wide, wide_too, k, 1 << 20);
    same_neighbours(Guarded{}, same, same, k, 1 << 20), same_neighbours(Guarded{}, near_to_same, near_to_same, k, 1 << 20);
  }
}

TEST_CASE("what is left to the host is little: candidates are few where cosines differ") {
  auto const train = random_tensor<double, 2>(1, 2000, 16), query = random_tensor<double, 2>(2, 8, 16);
  Tensor<double, 2> score(8, 2000);
  Tensor<double, 1> floor(8);
  knn_parts::Cosines<double const, double const> cosine(train.view(), query.view());
  for (Index m = 0; m < 8; ++m) {
    cosine.ask(m);
    for (Index n = 0; n < 2000; ++n) score(m, n) = cosine(n);
  }
  Reference be;
  for_each_row(be, 8, knn_parts::CandidateFloor{score, floor, 20, 96, 1e-13});
  for (Index m = 0; m < 8; ++m) {
    auto const row = score.view().row(m);
    auto const candidates = std::count_if(row.begin(), row.end(), [&](double s) { return s >= floor(m); });
    CHECK(candidates >= 20);
    CHECK(candidates <= 40);
  }
}

TEST_CASE("neighbours on a backend refuse what the host refuses, in the same words") {
  Guarded be;
  auto train = random_tensor<float, 2>(1, 9, 4);
  auto const query = random_tensor<float, 2>(2, 3, 4), narrow = random_tensor<float, 2>(2, 3, 3);
  auto const both = [&](Tensor<float, 2> const& x, Tensor<float, 2> const& q, Index k) {
    auto const host = message([&] { nearest(x.view(), q.view(), k); });
    CHECK(message([&] { nearest(be, x.view(), q.view(), k); }) == host);
    return host;
  };
  CHECK(both(train, query, 10) == "nearest: 10 neighbours among 9 rows");
  CHECK(both(train, narrow, 1) == "nearest: training rows have 4 columns, queries 3");
  train(5, 2) = std::nanf("");
  CHECK(both(train, query, 1) == "nearest: training row 5 is not finite");
  CHECK(both(query, train, 1) == "nearest: query 5 is not finite");
}

TEST_CASE("clusters on a backend are the host's") {
  auto clustered = random_tensor<float, 2>(8, 600, 20);
  for (Index n = 0; n < 600; ++n) clustered(n, n % 5) += 3;
  auto const grid = on_a_grid(500, 4, 9);
  Tensor<float, 2> equal(30, 3);
  Random const random(1, Purpose::cluster);
  auto const on = [&](auto be) {
    for (View<const float, 2> const points : {View<const float, 2>(clustered), grid.view(), View<const float, 2>(equal)})
      for (Index const K : {1, 2, 5, 17}) {
        CAPTURE(K);
        same_clusters(kmeans(points, K, random), kmeans(be, points, K, random));
        Tensor<double, 2> far_away(K, points.cols());                         // all but one get no point at first
        for (Index k = 1; k < K; ++k) far_away(k, 0) = 1e6;
        for (Index const iterations : {1, 100})
          same_clusters(kmeans_from(points, far_away, iterations), kmeans_from(be, points, far_away, iterations));
      }
  };
  on(Reference{.threads = 2}), on(Guarded{});
  Guarded be;
  CHECK(message([&] { kmeans(be, equal.view(), 31, random); }) == message([&] { kmeans(equal.view(), 31, random); }));
}

TEST_CASE("the probe on a backend is the host's but for rounding, and the same bits each time") {
  Index const N = 300, C = 17;
  auto const x = random_tensor<double, 2>(2, N, C);
  std::vector<double> label;
  for (Index n = 0; n < N; ++n) label.push_back(x(n, 3) + 0.5 * x(n, 4) > 0.2);
  label[7] = label[250] = std::nan("");
  auto const on = [&](auto be) {
    for (double const strength : {1e-4, 1.0, 100.0}) {
      CAPTURE(strength);
      LogisticHow const how{.C = strength};
      auto const want = fit_logistic(x, label, how), got = fit_logistic(be, x, label, how), again = fit_logistic(be, x, label, how);
      double largest = std::fabs(want.bias);
      for (double const w : want.weight) largest = std::max(largest, std::fabs(w));
      for (std::size_t c = 0; c < want.weight.size(); ++c) CHECK(std::fabs(got.weight[c] - want.weight[c]) < 1e-9 * largest);
      CHECK(std::fabs(got.bias - want.bias) < 1e-9 * largest);
      CHECK(got.objective == doctest::Approx(want.objective).epsilon(1e-12));
      CHECK(got.weight == again.weight);
      CHECK(got.bias == again.bias);
    }
  };
  on(Reference{.threads = 2}), on(Guarded{});
  Guarded be;
  label.pop_back();
  CHECK(message([&] { fit_logistic(be, x, label); }) == "probe: 300 rows, but 299 labels");
}

TEST_CASE("few labels on a backend: the host's choice and its scores") {
  Index const N = 160;
  auto const x = random_tensor<float, 2>(3, N, 6), query = random_tensor<float, 2>(4, 50, 6);
  std::vector<double> label;
  std::vector<std::string> patient;
  for (Index n = 0; n < N; ++n) label.push_back(x(n, 1) > 0.5f), patient.push_back("patient " + std::to_string(n / 2));
  LabelledFeatures const train{x, label, patient};
  Random const random(5, Purpose::probe);
  auto const rows = rows_of_patients(label, patient, 0.5, random);
  Guarded be;
  auto const want = few_labels(train, rows, query, random, 9), got = few_labels(train, rows, query, random, 9, OnBackend{be});
  CHECK(got.C == want.C);
  CHECK(got.voters == 9);
  CHECK(got.neighbours == want.neighbours);
  REQUIRE(got.linear.size() == want.linear.size());
  for (std::size_t m = 0; m < want.linear.size(); ++m) CHECK(got.linear[m] == doctest::Approx(want.linear[m]).epsilon(1e-8));
}
