// VICRegL: gradients of embeddings and cells, which cells are chosen, and what the weights of its halves do.
#include <afire/ssl/vicregl.hpp>
#include <afire/testing/gradcheck.hpp>
#include <doctest/doctest.h>

#include <afire/backend/reference.hpp>

#include "tests/support/memory.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

Reference be{.threads = 1};

struct TwoViews {
  Index B = 5, C = 4, S = 6, D = 3;
  Tensor<double, 2> g[2] = {random_tensor<double, 2>(1, B, C), random_tensor<double, 2>(2, B, C)}, dg[2] = {zeros2(), zeros2()};
  Tensor<double, 3> m[2] = {random_tensor<double, 3>(3, B, S, D), random_tensor<double, 3>(4, B, S, D)}, dm[2] = {zeros3(), zeros3()};
  Tensor<double, 3> place[2] = {random_tensor<double, 3>(5, B, S, Index{2}), random_tensor<double, 3>(6, B, S, Index{2})};

  Tensor<double, 2> zeros2() const { return Tensor<double, 2>(B, C); }
  Tensor<double, 3> zeros3() const { return Tensor<double, 3>(B, S, D); }
  double operator()(VicRegL const& loss, double weight, bool learn = true) {
    Tensor<double, 2> g0(B, C), g1(B, C);
    Tensor<double, 3> m0(B, S, D), m1(B, S, D);
    auto const run = planned([&](Arena& a) { return loss.plan<double>(a, B, C, S, D); });
    LocalViews<double> const ignored{{g0, g1}, {m0, m1}, {}}, into{{dg[0], dg[1]}, {dm[0], dm[1]}, {}};
    return loss(be, LocalViews<const double>{{g[0], g[1]}, {m[0], m[1]}, {place[0], place[1]}}, weight, learn ? into : ignored, run.saved);
  }
};

}  // namespace

TEST_CASE("gradients of embeddings and cells, in both orders of slots") {
  for (SlotOrder const order : {SlotOrder::by_cell, SlotOrder::by_distance}) {
    TwoViews v;
    VicRegL const loss{.many = 4, .few = 2, .order = order};
    GradCheck check;
    check.steps[0] = 2e-4, check.steps[1] = 2e-5;          // so that no cell's nearest changes
    for (int i = 0; i < 2; ++i) {
      check.parameter("global", v.g[i].view().flat(), v.dg[i].view().flat());
      check.parameter("cells", v.m[i].view().flat(), v.dm[i].view().flat());
    }
    auto const r = check([&] { return 0.5 * v(loss, 0, false); }, [&] { v(loss, 0.5); });
    CHECK_MESSAGE(r.worst < 1e-6, r.text());
  }
}

TEST_CASE("the cells with the smallest distances are chosen, the first of equals, in order of distance or of place") {
  Tensor<double, 2> distance(1, 6);
  double const given[] = {5, 2, 9, 2, 0, 7};
  std::copy(std::begin(given), std::end(given), distance.begin());
  Tensor<Index, 2> chosen(1, 3);
  for_each_row(be, 1, ChooseCells<double>{distance, chosen, false});
  CHECK(std::vector<Index>(chosen.begin(), chosen.end()) == std::vector<Index>{4, 1, 3});
  for_each_row(be, 1, ChooseCells<double>{distance, chosen, true});
  CHECK(std::vector<Index>(chosen.begin(), chosen.end()) == std::vector<Index>{1, 3, 4});
  auto const a = random_tensor<double, 3>(1, 2, 5, 3);
  Tensor<double, 3> b(2, 5, 3);
  for (Index f = 0; f < 2; ++f)
    for (Index i = 0; i < 5; ++i)
      for (Index c = 0; c < 3; ++c) b(f, (i + 2) % 5, c) = a(f, i, c) + 1e-3;
  Tensor<Index, 2> nearest(2, 5);
  Tensor<double, 2> apart(2, 5);
  for_each_row(be, 10, NearestCell<double>{a, b, nearest, apart});
  for (Index n = 0; n < 10; ++n) {
    CHECK(nearest(n / 5, n % 5) == (n % 5 + 2) % 5);
    CHECK(apart(n / 5, n % 5) == doctest::Approx(3e-6).epsilon(1e-6));
  }
}

TEST_CASE("alpha 1 is VICReg of the whole views, alpha 0 never looks at them") {
  TwoViews v;
  VicReg const whole{.covariance = 0.5};
  auto const run = planned([&](Arena& a) { return whole.plan<double>(a, v.B, v.C); });
  Tensor<double, 2> ignored(v.B, v.C);
  CHECK(v({.alpha = 1}, 1) == doctest::Approx(whole(be, v.g[0], v.g[1], 0, ignored.view(), {}, run.saved)).epsilon(1e-13));
  for (double const d : v.dm[0]) CHECK(d == 0);
  TwoViews other;
  double const before = other({.alpha = 0}, 1);
  for (double const d : other.dg[0]) CHECK(d == 0);
  randomise(other.g[0].view(), 77);
  CHECK(other({.alpha = 0}, 1) == before);
}
