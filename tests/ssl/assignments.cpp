// Assignments: rows of targets sum to 1, what balances, what a memory does, and that micro-batches change nothing.
#include <afire/ssl/centre_sharpen.hpp>
#include <afire/ssl/sinkhorn_queue.hpp>
#include <doctest/doctest.h>

#include <afire/backend/reference.hpp>

#include "tests/support/memory.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

Reference be{.threads = 1};

template <class A>
auto planned_state(A const& a, Index N, Index K) {
  auto run = planned([&](Arena& arena) { return a.template plan<double>(arena, N, K); });
  if constexpr (requires { a.start(be, run.saved); }) a.start(be, run.saved);
  return run;
}

double worst_row_sum(View<const double, 2> t) {
  double worst = 0;
  for (Index n = 0; n < t.rows(); ++n) {
    double sum = 0;
    for (double const x : t.row(n)) sum += x;
    worst = std::max(worst, std::fabs(sum - 1));
  }
  return worst;
}

double spread_of_columns(View<const double, 2> t) {                    // largest less smallest column sum
  double least = HUGE_VAL, most = 0;
  for (Index k = 0; k < t.cols(); ++k) {
    double sum = 0;
    for (Index n = 0; n < t.rows(); ++n) sum += t(n, k);
    least = std::min(least, sum), most = std::max(most, sum);
  }
  return most - least;
}

}  // namespace

TEST_CASE_TEMPLATE("targets are positive and rows of them sum to 1; a constant added to all scores changes nothing", A, Sinkhorn, Softmax,
                   SinkhornQueue, CentreSharpen, Centred) {
  A const a{};
  auto const run = planned_state(a, 20, 6);
  auto scores = random_tensor<double, 2>(1, 20, 6);
  Tensor<double, 2> targets(20, 6), again(20, 6);
  a.assign(be, run.saved, scores, targets.view());
  CHECK(worst_row_sum(targets) < 1e-13);
  for (double const t : targets) CHECK(t >= 0);
  for (double& s : scores) s += 30;
  a.assign(be, run.saved, scores, again.view());
  for (Index i = 0; i < targets.size(); ++i) CHECK(again.data()[i] == doctest::Approx(targets.data()[i]).epsilon(1e-9));
}

TEST_CASE("centred targets do not see what all rows prefer; a softmax of rows without a mean, else") {
  Centred const centred{.temperature = 0.2};
  auto scores = random_tensor<double, 2>(1, 12, 5);
  Tensor<double, 2> before(12, 5), after(12, 5), plain(12, 5);
  auto const state = planned_state(centred, 12, 5);
  centred.assign(be, state.saved, scores, before.view());
  for (Index n = 0; n < 12; ++n) scores(n, 2) += 3, scores(n, 4) -= 1;
  centred.assign(be, state.saved, scores, after.view());
  for (Index i = 0; i < 60; ++i) CHECK(after.data()[i] == doctest::Approx(before.data()[i]).epsilon(1e-12));
  for (Index k = 0; k < 5; ++k) {
    double mean = 0;
    for (Index n = 0; n < 12; ++n) mean += scores(n, k) / 12;
    for (Index n = 0; n < 12; ++n) scores(n, k) -= mean;
  }
  Softmax const softmax{.temperature = 0.2};
  softmax.assign(be, planned_state(softmax, 12, 5).saved, scores, plain.view());
  for (Index i = 0; i < 60; ++i) CHECK(after.data()[i] == doctest::Approx(plain.data()[i]).epsilon(1e-12));
}

TEST_CASE("Sinkhorn balances whatever its rows are, softmax does not") {
  auto scores = random_tensor<double, 2>(1, 40, 5);
  for (Index n = 0; n < 40; ++n) scores(n, 2) += 1;                    // a prototype that everyone likes
  Tensor<double, 2> balanced(40, 5), plain(40, 5);
  Sinkhorn const sinkhorn_{.temperature = 0.5, .iterations = 50};
  Softmax const softmax{.temperature = 0.5};
  sinkhorn_.assign(be, planned_state(sinkhorn_, 40, 5).saved, scores, balanced.view());
  softmax.assign(be, planned_state(softmax, 40, 5).saved, scores, plain.view());
  CHECK(spread_of_columns(balanced) < 1e-6);
  CHECK(spread_of_columns(plain) > 5);
}

TEST_CASE("Sinkhorn with a queue: alone until the queue is full, then balanced together with it") {
  SinkhornQueue const a{.temperature = 0.5, .iterations = 60, .length = 12};
  auto const run = planned_state(a, 6, 4);
  auto const scores = random_tensor<double, 2>(9, 6, 4);
  Tensor<double, 2> targets(6, 4), alone(6, 4), both(18, 4), all(18, 4);
  Tensor<double, 1> f(4), g(18);
  sinkhorn(be, scores, 0.5, 60, alone.view(), f.view(), g.view().slice(0, 6));
  auto const same = [&](View<const double, 2> want) {
    a.assign(be, run.saved, scores, targets.view());
    for (Index i = 0; i < targets.size(); ++i) CHECK(targets.data()[i] == want.data[i]);
  };
  same(alone);
  copy(be, scores.view().flat(), all.view().slice(0, 6).flat());
  for (std::uint64_t step = 0; step < 2; ++step) {
    auto const old = random_tensor<double, 2>(step, 6, 4);
    copy(be, old.view().flat(), all.view().slice(6 + 6 * static_cast<Index>(step), 6).flat());
    a.remember(be, run.saved, old);
    if (step == 0) same(alone);
  }
  sinkhorn(be, all, 0.5, 60, both.view(), f.view(), g.view());
  same(View<const double, 2>(both.view().slice(0, 6)));
  CHECK(spread_of_columns(both) < 1e-9);
}

TEST_CASE("the centre is the running mean of the rows that count, whether they come at once or in micro-batches") {
  CentreSharpen const a{.temperature = 0.1, .momentum = 0.8};
  auto const whole = planned_state(a, 6, 4), parts = planned_state(a, 3, 4);
  double want = 0;
  for (std::uint64_t step = 0; step < 3; ++step) {
    auto const scores = random_tensor<double, 2>(step, 6, 4);
    Tensor<unsigned char, 1> mask(6);
    double sum = 0, rows = 0;
    for (Index n = 0; n < 6; ++n)
      if ((mask(n) = (n + static_cast<Index>(step)) % 2 == 1)) sum += scores(n, 3), ++rows;
    want = 0.8 * want + 0.2 * sum / rows;
    a.remember(be, whole.saved, scores, mask);
    a.remember(be, parts.saved, scores.view().slice(0, 3), View<const unsigned char, 1>(mask.view().slice(0, 3)));
    a.remember(be, parts.saved, scores.view().slice(3, 3), View<const unsigned char, 1>(mask.view().slice(3, 3)));
    a.conclude(be, whole.saved), a.conclude(be, parts.saved);
    CHECK(whole.saved.centre(0, 3) == doctest::Approx(want).epsilon(1e-13));
    for (Index k = 0; k < 4; ++k) CHECK(parts.saved.centre(0, k) == doctest::Approx(whole.saved.centre(0, k)).epsilon(1e-13));
  }
  a.conclude(be, whole.saved);                             // a step without a counted row moves nothing
  CHECK(whole.saved.centre(0, 3) == doctest::Approx(want).epsilon(1e-13));
}

TEST_CASE("scores that all share their mean are centred to even targets; the temperature warms up along a line") {
  CentreSharpen const a{.temperature = 0.07, .warm_temperature = 0.04, .warm_epochs = 3, .momentum = 0};
  auto const run = planned_state(a, 4, 3);
  Tensor<double, 2> scores(4, 3), targets(4, 3);
  for (Index n = 0; n < 4; ++n)
    for (Index k = 0; k < 3; ++k) scores(n, k) = static_cast<double>(k);
  a.remember(be, run.saved, scores), a.conclude(be, run.saved);
  a.assign(be, run.saved, scores, targets.view());
  for (double const t : targets) CHECK(t == doctest::Approx(1.0 / 3));
  double const want[] = {0.04, 0.055, 0.07, 0.07};
  for (Index epoch = 0; epoch < 4; ++epoch) CHECK(a.temperature_at(epoch) == doctest::Approx(want[epoch]).epsilon(1e-14));
  CHECK(CentreSharpen{}.temperature_at(0) == 0.04);
}
