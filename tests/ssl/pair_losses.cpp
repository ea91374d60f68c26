// Losses of two views: gradients against differences, values against the formulas written out, and what each must not see.
#include <afire/ssl/barlow_twins.hpp>
#include <afire/ssl/info_nce.hpp>
#include <afire/ssl/negative_cosine.hpp>
#include <afire/ssl/nt_xent.hpp>
#include <afire/ssl/vicreg.hpp>
#include <afire/testing/gradcheck.hpp>
#include <doctest/doctest.h>

#include <afire/backend/reference.hpp>

#include "tests/support/memory.hpp"
#include "tests/support/message.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

Reference be{.threads = 1};

// A loss on two random views.
template <class Loss>
struct Pair {
  Loss loss;
  Index N, C;
  Tensor<double, 2> x, y, dx, dy;
  Planned<typename Loss::template Room<double>> run;

  explicit Pair(Loss l, Index n = 6, Index c = 5)
      : loss(l), N(n), C(c), x(random_tensor<double, 2>(1, n, c)), y(random_tensor<double, 2>(2, n, c)), dx(n, c), dy(n, c),
        run(planned([&](Arena& a) { return l.template plan<double>(a, n, c); })) {}
  double operator()(double weight = 1, bool both = true) {
    return loss(be, x, y, weight, dx.view(), both ? dy.view() : View<double, 2>{}, run.saved);
  }
  // The value alone.
  double value() {
    Tensor<double, 2> ignored(N, C);
    return loss(be, x, y, 0, ignored.view(), {}, run.saved);
  }
};

double cosine(View<double, 1> a, View<double, 1> b) { return dot(a, b) / std::sqrt(dot(a, a) * dot(b, b)); }

}  // namespace

TEST_CASE_TEMPLATE("gradients of both views, added, times the weight; without dy the other view is a constant", Loss, InfoNce, NtXent, Dcl,
                   NegativeCosine, VicReg, BarlowTwins) {
  for (double const weight : {1.0, 0.3}) {
    Pair<Loss> pair(Loss{}, 7, 5);
    GradCheck check;
    check.parameter("x", pair.x.view().flat(), pair.dx.view().flat());
    check.parameter("y", pair.y.view().flat(), pair.dy.view().flat());
    auto const r = check([&] { return weight * pair.value(); }, [&] { pair(weight); });
    CHECK_MESSAGE(r.worst < 1e-8, r.text());
  }
  Pair<Loss> pair(Loss{}), alone(Loss{});
  CHECK(pair() == alone(1, false));
  CHECK(std::equal(pair.dx.begin(), pair.dx.end(), alone.dx.begin()));
  for (double const d : alone.dy) CHECK(d == 0);
}

TEST_CASE_TEMPLATE("losses of directions do not see lengths, and films may come in any order", Loss, InfoNce, NtXent, Dcl, NegativeCosine) {
  Pair<Loss> pair(Loss{});
  double const before = pair.value();
  for (Index n = 0; n < 6; ++n)
    for (Index c = 0; c < 5; ++c) pair.x(n, c) *= static_cast<double>(n + 1);
  CHECK(pair.value() == doctest::Approx(before).epsilon(1e-13));
  for (Index c = 0; c < 5; ++c) std::swap(pair.x(1, c), pair.x(4, c)), std::swap(pair.y(1, c), pair.y(4, c));
  CHECK(pair.value() == doctest::Approx(before).epsilon(1e-13));
  pair();
  for (Index n = 0; n < 6; ++n) CHECK(dot(pair.dx.view().row(n), pair.x.view().row(n)) == doctest::Approx(0));
}

TEST_CASE("InfoNCE written out; it is log N where all rows are the same, and 2 t times itself for MoCo v3") {
  Pair<InfoNce> pair(InfoNce{.temperature = 0.3});
  double want = 0;
  for (Index n = 0; n < 6; ++n) {
    double sum = 0;
    for (Index m = 0; m < 6; ++m) sum += std::exp(cosine(pair.x.view().row(n), pair.y.view().row(m)) / 0.3);
    want -= std::log(std::exp(cosine(pair.x.view().row(n), pair.y.view().row(n)) / 0.3) / sum) / 6;
  }
  CHECK(pair.value() == doctest::Approx(want).epsilon(1e-13));
  CHECK(Pair<InfoNce>(moco_v3_contrast(0.3)).value() == doctest::Approx(0.6 * want).epsilon(1e-13));
  fill(be, pair.x.view().flat(), 1), fill(be, pair.y.view().flat(), 2);
  CHECK(pair.value() == doctest::Approx(std::log(6.0)).epsilon(1e-13));
}

TEST_CASE("NT-Xent and DCL written out; untrained they start at log(2N - 1) and log(2N - 2)") {
  Pair<NtXent> pair(NtXent{.temperature = 0.4}, 4, 5);
  Pair<Dcl> decoupled(Dcl{.temperature = 0.4}, 4, 5);
  auto const row = [&](Index i) { return i < 4 ? pair.x.view().row(i) : pair.y.view().row(i - 4); };
  double plain = 0, without = 0;
  for (Index i = 0; i < 8; ++i) {
    Index const other = (i + 4) % 8;
    double all = 0, negatives = 0;
    for (Index m = 0; m < 8; ++m) {
      double const e = std::exp(cosine(row(i), row(m)) / 0.4);
      if (m != i) all += e;
      if (m != i && m != other) negatives += e;
    }
    double const positive = cosine(row(i), row(other)) / 0.4;
    plain += (std::log(all) - positive) / 8, without += (std::log(negatives) - positive) / 8;
  }
  CHECK(pair.value() == doctest::Approx(plain).epsilon(1e-13));
  CHECK(decoupled.value() == doctest::Approx(without).epsilon(1e-13));
  for (auto* t : {&pair.x, &pair.y, &decoupled.x, &decoupled.y}) fill(be, t->view().flat(), 1);
  CHECK(pair.value() == doctest::Approx(std::log(7.0)).epsilon(1e-13));
  CHECK(decoupled.value() == doctest::Approx(std::log(6.0)).epsilon(1e-13));
  Pair<Dcl> single(Dcl{}, 1, 5);
  CHECK(message([&] { single(); }) == "contrast: 2 columns leave no negative; it needs a batch of at least 2 films");
}

TEST_CASE("cosines: equal directions cost the least, and BYOL's form is a squared distance") {
  Pair<NegativeCosine> byol(byol_cosine);
  double squares = 0;
  for (Index n = 0; n < 6; ++n) squares += 2 - 2 * cosine(byol.x.view().row(n), byol.y.view().row(n));
  CHECK(byol.value() == doctest::Approx(squares / 6).epsilon(1e-13));
  copy(be, byol.x.view().flat(), byol.y.view().flat());
  CHECK(std::fabs(byol.value()) < 1e-14);
  Pair<NegativeCosine> simsiam(simsiam_cosine);
  copy(be, simsiam.x.view().flat(), simsiam.y.view().flat());
  CHECK(symmetric(be, simsiam.loss, simsiam.x, simsiam.y, simsiam.x, simsiam.y, 1, simsiam.dx.view(), simsiam.dy.view(), {}, {},
                  simsiam.run.saved) == doctest::Approx(-1).epsilon(1e-13));
}

TEST_CASE("VICReg: shifted views spread as before, collapsed ones pay the whole hinge, wide independent ones nothing") {
  Pair<VicReg> pair(VicReg{}, 9, 4);
  auto const terms = [&] {
    Tensor<double, 2> ignored(pair.N, pair.C);
    return pair.loss.terms(be, pair.x, pair.y, 0, ignored.view(), {}, pair.run.saved);
  };
  auto const before = terms();
  for (double& v : pair.x) v += 3;
  auto const after = terms();
  CHECK(after.variance == doctest::Approx(before.variance).epsilon(1e-12));
  CHECK(after.covariance == doctest::Approx(before.covariance).epsilon(1e-12));
  CHECK(after.invariance != doctest::Approx(before.invariance));
  fill(be, pair.x.view().flat(), 2), fill(be, pair.y.view().flat(), 2);
  auto const collapsed = terms();
  CHECK(collapsed.invariance == 0);
  CHECK(collapsed.covariance == 0);
  CHECK(collapsed.variance == doctest::Approx(1 - std::sqrt(1e-4)).epsilon(1e-12));
  Pair<VicReg> wide(VicReg{}, 4, 2);                       // two dimensions, at right angles, of deviation above 1
  for (Index n = 0; n < 4; ++n) wide.x(n, 0) = wide.y(n, 0) = n < 2 ? 2 : -2, wide.x(n, 1) = wide.y(n, 1) = n % 2 ? 2 : -2;
  CHECK(wide() == 0);
  for (double const d : wide.dx) CHECK(d == 0);
}

TEST_CASE("Barlow Twins: the same film twice pays for its own correlations only, whatever its scale") {
  Pair<BarlowTwins> pair(BarlowTwins{.eps = 0}, 4, 2);
  for (Index n = 0; n < 4; ++n) pair.x(n, 0) = pair.y(n, 0) = n < 2 ? 5 : 1, pair.x(n, 1) = pair.y(n, 1) = n % 2 ? 2 : -2;
  CHECK(std::fabs(pair.value()) < 1e-14);
  for (Index n = 0; n < 4; ++n) pair.x(n, 1) = pair.y(n, 1) = pair.x(n, 0);              // one dimension repeats the other
  CHECK(pair.value() == doctest::Approx(2 * 0.005).epsilon(1e-12));
}
