// Metrics by their definitions: pairs counted one by one, thresholds tried one by one, intervals that hold what they promise.
#include <set>
#include <string>

#include <doctest/doctest.h>

#include <afire/eval/metrics.hpp>

using namespace afire;

namespace {

struct Problem {
  std::vector<double> label, score;
};

Problem problem(std::size_t n, std::uint64_t seed, int steps) {
  Draws draws(Random(seed, Purpose::test));
  Problem p;
  for (std::size_t i = 0; i < n; ++i) {
    double const y = static_cast<double>(draws.below(2));
    p.label.push_back(y);
    p.score.push_back(std::floor(steps * (draws.uniform(0, 1) + 0.3 * y)) / steps);
  }
  return p;
}

}  // namespace

TEST_CASE("AUROC is the share of pairs in the right order, ties counting half") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    auto const p = problem(40, seed, seed % 2 ? 5 : 1000);
    double right = 0, pairs = 0;
    for (std::size_t i = 0; i < 40; ++i)
      for (std::size_t j = 0; j < 40; ++j)
        if (p.label[i] == 1 && p.label[j] == 0) ++pairs, right += p.score[i] > p.score[j] ? 1 : p.score[i] == p.score[j] ? 0.5 : 0;
    CHECK(auroc(p.label, p.score) == doctest::Approx(right / pairs).epsilon(1e-14));
    CHECK(delong(p.label, p.score).value == doctest::Approx(right / pairs).epsilon(1e-14));
  }
}

TEST_CASE("an unknown label counts as if its row were not there") {
  auto p = problem(50, 3, 7);
  double const without = auroc(p.label, p.score);
  p.label.push_back(std::nan("")), p.score.push_back(0.4);
  CHECK(auroc(p.label, p.score) == without);
  p.score.back() = std::nan("");                       // and its score does not matter
  CHECK(auroc(p.label, p.score) == without);
}

TEST_CASE("what is not defined is NaN, what is wrong is said") {
  std::vector<double> const ones{1, 1, 1}, scores{0.1, 0.2, 0.3};
  CHECK(std::isnan(auroc(ones, scores)));
  CHECK(std::isnan(average_precision(ones, scores)));
  CHECK(std::isnan(f1_max(thresholds(ones, scores)).value));
  CHECK(std::isnan(tnr_at_tpr95(thresholds(ones, scores))));
  CHECK(std::isnan(delong(ones, scores).low));
  CHECK(std::isnan(auroc({}, {})));
  CHECK_THROWS_WITH_AS(auroc(std::vector<double>{0, 1}, scores), "metrics: 2 labels, but 3 scores", error);
  CHECK_THROWS_WITH_AS(auroc(std::vector<double>{0, 1, 2}, scores), "metrics: label 2 is 2; it must be 0, 1, or NaN for unknown", error);
  CHECK_THROWS_WITH_AS(auroc(std::vector<double>{0, 1}, std::vector<double>{0, std::nan("")}), "metrics: score 1 is NaN", error);
  CHECK_THROWS_AS(brier(std::vector<double>{0, 1}, std::vector<double>{0, 1.5}), error);
  CHECK_THROWS_WITH_AS(specificity_at(thresholds(ones, scores), 95), "specificity: a sensitivity of 95; it must lie in 0 ... 1", error);
}

TEST_CASE("the best F1 is the best of all thresholds") {
  auto const p = problem(60, 5, 9);
  auto const best = f1_max(thresholds(p.label, p.score));
  double most = 0;
  for (double t : p.score) most = std::max(most, decide(p.label, p.score, t).f1());
  CHECK(best.value == doctest::Approx(most));
  CHECK(decide(p.label, p.score, best.threshold).f1() == doctest::Approx(most));
}

TEST_CASE("a test that compares a ranking with itself has nothing to say") {
  auto const p = problem(60, 6, 100);
  auto const d = delong(p.label, p.score, p.score);
  CHECK(d.a == d.b);
  CHECK(std::isnan(d.p));
}

TEST_CASE("DeLong and bootstrap give nearly the same interval when every film is a patient") {
  auto const p = problem(400, 7, 1000);
  std::vector<Index> patients(400);
  for (Index i = 0; i < 400; ++i) patients[static_cast<std::size_t>(i)] = i;
  auto const d = delong(p.label, p.score);
  auto const b = bootstrap_auroc(p.label, p.score, patients, Random(1, Purpose::bootstrap));
  CHECK(b.low == doctest::Approx(d.low).epsilon(0.02));
  CHECK(b.high == doctest::Approx(d.high).epsilon(0.02));
  CHECK(b.left_out == 0);
  auto const again = bootstrap_auroc(p.label, p.score, patients, Random(1, Purpose::bootstrap));
  CHECK(again.low == b.low);
  CHECK(again.high == b.high);
}

TEST_CASE("the bootstrap draws patients: ten copies of each film do not make it surer") {
  auto const p = problem(60, 8, 1000);
  Problem copies;
  std::vector<std::string> patients, patients_of_copies;
  for (std::size_t i = 0; i < 60; ++i) {
    patients.push_back("patient" + std::to_string(i));
    for (int k = 0; k < 10; ++k) {
      copies.label.push_back(p.label[i]), copies.score.push_back(p.score[i]);
      patients_of_copies.push_back(patients.back());
    }
  }
  Random const random(2, Purpose::bootstrap);
  auto const one = bootstrap_auroc(p.label, p.score, patients, random, 300);
  auto const ten = bootstrap_auroc(copies.label, copies.score, patients_of_copies, random, 300);
  CHECK(ten.low == doctest::Approx(one.low).epsilon(1e-12));
  CHECK(ten.high == doctest::Approx(one.high).epsilon(1e-12));
}

TEST_CASE("draws without one of the classes are counted, not hidden") {
  std::vector<double> const label{1, 0, 0}, score{0.5, 0.1, 0.9};
  auto const b = bootstrap_auroc(label, score, std::vector<int>{1, 2, 3}, Random(3, Purpose::bootstrap), 500);
  CHECK(b.draws == 500);
  CHECK(b.left_out > 100);
  CHECK(b.low >= 0);
  CHECK(b.high <= 1);
}

TEST_CASE("percentiles are linear between the values") {
  std::vector<double> const v{0, 10, 20};
  CHECK(percentile(v, 0) == 0);
  CHECK(percentile(v, 0.25) == 5);
  CHECK(percentile(v, 1) == 20);
  CHECK(std::isnan(percentile({}, 0.5)));
}

TEST_CASE("confusion refuses a class that is none") {
  Confusion c(3);
  CHECK_THROWS_WITH_AS(c.add(3, 0), "confusion: class 3 predicted as 0, where there are 3 classes", error);
  c.add(0, 0), c.add(1, 0);
  CHECK(c.balanced_accuracy() == 0.5);                  // of the two classes that occur
}
