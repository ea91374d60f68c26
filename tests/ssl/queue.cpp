// The queue, InfoNCE against it, dense matching and the contrast of positions.
#include <afire/ssl/dense_match.hpp>
#include <afire/ssl/position_contrast.hpp>
#include <afire/ssl/queue_contrast.hpp>
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

Planned<Queue<double>> queue_of(Index length, Index width) {
  auto run = planned([&](Arena& a) { return plan_queue<double>(a, length, width); });
  start_queue(be, run.saved);
  return run;
}

Tensor<double, 2> unit_tensor(std::uint64_t seed, Index n, Index c) {
  auto x = random_tensor<double, 2>(seed, n, c);
  Tensor<double, 1> inverse(n);
  unit_rows(be, x, x.view(), inverse.view());
  return x;
}

}  // namespace

TEST_CASE("a queue keeps the last rows in the order in which they came, around its end") {
  auto const run = queue_of(7, 2);
  Queue<double> const& queue = run.saved;
  double next = 0;
  for (Index const count : {3, 3, 3, 7, 1}) {
    Tensor<double, 2> rows(count, 2);
    for (Index n = 0; n < count; ++n) rows(n, 0) = ++next, rows(n, 1) = -next;
    push(be, queue, rows);
    CHECK(queue.filled()(0) == std::min(next, 7.0));
    CHECK(static_cast<Index>(queue.place(0, 0)) == static_cast<Index>(next) % 7);
    for (Index m = 0; m < 7; ++m) {                        // the newest row k that lies at m: k = m + 1 modulo 7
      double newest = static_cast<double>(m + 1);
      while (newest + 7 <= next) newest += 7;
      CHECK(queue.rows(m, 0) == (newest <= next ? newest : 0));
      CHECK(queue.rows(m, 1) == -queue.rows(m, 0));
    }
  }
  CHECK(message([&] { push(be, queue, Tensor<double, 2>(8, 2)); }) ==
        "queue: rows of shape (8, 2) do not fit a queue of shape (7, 2); its length must be at least a batch");
  std::vector<std::string> saved;
  Queue<double> copy = queue;
  copy.visit([&](std::string const& name, View<double, 2>) { saved.push_back(name); }, "negatives");
  CHECK(saved == std::vector<std::string>{"negatives", "negatives_place"});
}

TEST_CASE("queue contrast: gradient, written out, and rows not filled yet do not count") {
  QueueContrast const loss{.temperature = 0.3};
  auto q = random_tensor<double, 2>(1, 4, 5);
  auto const k = random_tensor<double, 2>(2, 4, 5);
  Tensor<double, 2> dq(4, 5);
  auto const queue = queue_of(6, 5);
  auto const room = planned([&](Arena& a) { return loss.plan<double>(a, 4, 5, 6); });
  auto const value = [&](double weight) { return loss(be, q, k, queue.saved, weight, dq.view(), room.saved); };
  CHECK(std::fabs(value(1)) < 1e-15);                      // an empty queue: the only key is the right one
  for (double const d : dq) CHECK(std::fabs(d) < 1e-15);
  auto const old = unit_tensor(3, 3, 5);
  push(be, queue.saved, old);
  fill(be, queue.saved.rows.slice(3, 3).flat(), 0.7);      // unfilled rows may hold anything
  double want = 0;
  for (Index n = 0; n < 4; ++n) {
    auto const cosine = [&](View<const double, 1> b) {
      View<const double, 1> const a = q.view().row(n);
      return dot(a, b) / std::sqrt(dot(a, a) * dot(b, b));
    };
    double const positive = std::exp(cosine(k.view().row(n)) / 0.3);
    double sum = positive;
    for (Index m = 0; m < 3; ++m) sum += std::exp(cosine(old.view().row(m)) / 0.3);
    want -= std::log(positive / sum) / 4;
  }
  CHECK(value(0) == doctest::Approx(want).epsilon(1e-13));
  GradCheck check;
  check.parameter("q", q.view().flat(), dq.view().flat());
  Tensor<double, 2> ignored(4, 5);
  auto const r = check([&] { return 0.6 * loss(be, q, k, queue.saved, 0, ignored.view(), room.saved); }, [&] { value(0.6); });
  CHECK_MESSAGE(r.worst < 1e-8, r.text());
}

TEST_CASE("dense match finds the cell that was moved, and takes and averages cells") {
  Index const B = 3, S = 8, F = 6;
  auto const f = random_tensor<double, 3>(1, B, S, F);
  Tensor<double, 3> g(B, S, F), taken(B, S, F);
  Tensor<Index, 1> match(B * S);
  for (Index b = 0; b < B; ++b)
    for (Index i = 0; i < S; ++i)                          // cell i stands at 3 i + b, twice as bright
      for (Index c = 0; c < F; ++c) g(b, (3 * i + b) % S, c) = 2 * f(b, i, c);
  auto const room = planned([&](Arena& a) { return plan_match<double>(a, B, S, F); });
  match_cells(be, f, g, match.view(), room.saved);
  for (Index n = 0; n < B * S; ++n) CHECK(match(n) == (3 * (n % S) + n / S) % S);
  take_cells(be, g, match, taken.view());
  for (Index i = 0; i < f.size(); ++i) CHECK(taken.data()[i] == 2 * f.data()[i]);
  fill(be, g.view().flat(), 1);                            // all alike: the first
  match_cells(be, f, g, match.view(), room.saved);
  for (Index const at : match) CHECK(at == 0);
  Tensor<double, 2> mean(B, F);
  mean_cells(be, f, mean.view());
  double sum = 0;
  for (Index i = 0; i < S; ++i) sum += f(1, i, 2);
  CHECK(mean(1, 2) == doctest::Approx(sum / static_cast<double>(S)).epsilon(1e-14));
}

TEST_CASE("position contrast: gradients of tokens and centres; log L where nothing is known; left-out tokens get none") {
  Index const B = 3, L = 5, C = 4;
  PositionContrast const loss{.temperature = 0.4};
  auto q = random_tensor<double, 2>(1, B * L, C), centre = random_tensor<double, 2>(2, L, C);
  Tensor<double, 2> dq(B * L, C), dcentre(L, C), ignored(B * L, C);
  Tensor<unsigned char, 1> counted(B * L);
  Index total = 0;
  for (Index n = 0; n < B * L; ++n) total += counted(n) = n % 3 != 1;
  auto const room = planned([&](Arena& a) { return loss.plan<double>(a, B, L, C); });
  GradCheck check;
  check.parameter("q", q.view().flat(), dq.view().flat());
  check.parameter("centre", centre.view().flat(), dcentre.view().flat());
  auto const value = [&] { return loss(be, q, centre, counted, total, 0, ignored.view(), {}, room.saved); };
  auto const r = check([&] { return 0.5 * value(); },
                       [&] { loss(be, q, centre, counted, total, 0.5, dq.view(), dcentre.view(), room.saved); });
  CHECK_MESSAGE(r.worst < 1e-8, r.text());
  fill(be, dq.view().flat(), 0);
  double const whole = loss(be, q, centre, counted, total, 1, dq.view(), {}, room.saved);
  for (Index n = 0; n < B * L; ++n) CHECK((dot(dq.view().row(n), dq.view().row(n)) == 0) == (counted(n) == 0));
  // Two halves of a batch, with the count of the whole, give the value of the whole.
  double parts = 0;
  for (Index const first : {Index{0}, L}) {
    Index const rows = first == 0 ? L : 2 * L;
    auto const half = planned([&](Arena& a) { return loss.plan<double>(a, rows / L, L, C); });
    parts += loss(be, q.view().slice(first, rows), centre, View<const unsigned char, 1>(counted.view().slice(first, rows)), total, 1,
                  ignored.view().slice(first, rows), {}, half.saved);
  }
  CHECK(parts == doctest::Approx(whole).epsilon(1e-13));
  fill(be, centre.view().flat(), 1);
  CHECK(value() == doctest::Approx(std::log(5.0)).epsilon(1e-13));
  CHECK(loss(be, q, centre, counted, 0, 1, dq.view(), {}, room.saved) == 0);
}
