// The tape: against gradients written by hand, and against differences.
#include <afire/op/tape.hpp>
#include <afire/testing/gradcheck.hpp>
#include <doctest/doctest.h>

#include "tests/support/message.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

TEST_CASE("tape: the cross-entropy of a softmax, as TokenContrast writes it by hand") {
  Index const K = 7;
  double const t = 0.1;
  auto const s = random_tensor<double, 1>(1, K);
  Tensor<double, 1> target(K);
  for (Index k = 0; k < K; ++k) target(k) = static_cast<double>(1 + k) / 28;
  Tensor<TapeNote, 1> notes(100);
  Tape tape(notes);
  for (int again = 0; again < 3; ++again) {
    tape.clear();
    std::vector<Var> x;
    for (Index k = 0; k < K; ++k) x.push_back(tape.variable(s(k)));
    Var top = x[0];
    for (Var v : x) top = max(top, v);
    Var sum = tape.variable(0), expected = tape.variable(0);
    for (Index k = 0; k < K; ++k) {
      Var const scaled = (x[static_cast<std::size_t>(k)] - top) / t;
      sum = sum + exp(scaled);
      expected = expected + target(k) * scaled;
    }
    Var const loss = log(sum) - expected;
    tape.backward(loss);

    double const most = *std::max_element(s.begin(), s.end());
    double total = 0, value = 0;
    for (double v : s) total += std::exp((v - most) / t);
    for (Index k = 0; k < K; ++k) value -= target(k) * ((s(k) - most) / t - std::log(total));
    CHECK(loss.value() == doctest::Approx(value).epsilon(1e-14));
    for (Index k = 0; k < K; ++k) {
      double const by_hand = (std::exp((s(k) - most) / t) / total - target(k)) / t;
      CHECK(x[static_cast<std::size_t>(k)].slope() == doctest::Approx(by_hand).epsilon(1e-12));
    }
  }
}

TEST_CASE("tape: every operation against differences") {
  auto x = random_tensor<double, 1>(3, 3);
  for (double& v : x) v = 1.5 + 0.3 * v;
  Tensor<double, 1> dx(3);
  Tensor<TapeNote, 1> notes(64);
  Tape tape(notes);
  Var a, b, c, y;
  auto const forward = [&] {
    tape.clear();
    a = tape.variable(x(0)), b = tape.variable(x(1)), c = tape.variable(x(2));
    y = exp(a - b) * log(c + 1) / sqrt(a) - square(b) / (2 - c / 4) + 3 / a - (0.5 + -b) * (a - 1) + max(a, 10 * b) * c + (1 - a) * 2;
    return y.value();
  };
  GradCheck check;
  check.input("x", x.view(), dx.view());
  GradReport const r = check(forward, [&] {
    tape.backward(y);
    dx(0) = a.slope(), dx(1) = b.slope(), dx(2) = c.slope();
  });
  CHECK_MESSAGE(r.worst <= 1e-9, r.text());
}

TEST_CASE("tape: a number that is used twice gets both slopes, one that is not used none") {
  Tensor<TapeNote, 1> notes(8);
  Tape tape(notes);
  Var const a = tape.variable(3), unused = tape.variable(4), y = a * a + a;
  tape.backward(y);
  CHECK(a.slope() == 7);
  CHECK(unused.slope() == 0);
  CHECK(tape.count() == 4);
}

TEST_CASE("tape: too many operations are an error that says what to do") {
  Tensor<TapeNote, 1> notes(2);
  Tape tape(notes);
  Var const a = tape.variable(3);
  auto const words = message([&] { return a * a + a; });
  CHECK(words == "tape: more than 2 operations; plan more notes, or clear() after each token");
}
