#include <afire/eval/few_labels.hpp>

#include <doctest/doctest.h>
#include <set>
#include <tests/support/message.hpp>

using namespace afire;

namespace {

// Two films a patient; patient p is positive where p % 3 == 0, but its second film of p % 5 == 0 has no known label.
struct Cohort {
  std::vector<double> label;
  std::vector<std::string> patient;
  Tensor<float, 2> x;

  Cohort(Index patients, double signal, std::uint64_t seed) : x(2 * patients, 3) {
    Draws draw(Random(seed, Purpose::test));
    for (Index i = 0; i < 2 * patients; ++i) {
      Index const p = i / 2;
      bool const positive = p % 3 == 0;
      label.push_back(i % 2 == 1 && p % 5 == 0 ? not_defined : static_cast<double>(positive));
      patient.push_back("patient " + std::to_string(p));
      for (Index c = 0; c < 3; ++c) x(i, c) = static_cast<float>(100 + draw.normal() + (c == 1 && positive ? signal : 0));
    }
  }
  LabelledFeatures features() const { return {x.view(), label, patient}; }
};

}  // namespace

TEST_CASE("a share of the patients: all their known films, class by class") {
  Cohort const c(60, 0, 1);                  // 20 positive patients, 40 negative ones
  auto const rows = rows_of_patients(c.label, c.patient, 0.25, Random(7, Purpose::probe));
  std::set<std::string> drawn[2];
  for (Index const r : rows) drawn[c.label[static_cast<std::size_t>(r)] == 1].insert(c.patient[static_cast<std::size_t>(r)]);
  CHECK(drawn[0].size() == 10);
  CHECK(drawn[1].size() == 5);
  CHECK(std::is_sorted(rows.begin(), rows.end()));
  std::set<Index> const has(rows.begin(), rows.end());
  for (std::size_t i = 0; i < c.label.size(); ++i) {
    bool const known = !std::isnan(c.label[i]), wanted = known && (drawn[0].contains(c.patient[i]) || drawn[1].contains(c.patient[i]));
    CHECK(has.contains(static_cast<Index>(i)) == wanted);
  }
  CHECK(rows == rows_of_patients(c.label, c.patient, 0.25, Random(7, Purpose::probe)));
  CHECK(rows != rows_of_patients(c.label, c.patient, 0.25, Random(8, Purpose::probe)));
  CHECK(rows_of_patients(c.label, c.patient, 1, Random(7, Purpose::probe)).size() == 2 * 60 - 12);
  CHECK(rows_of_patients(c.label, c.patient, 1e-3, Random(7, Purpose::probe)).size() >= 2);          // one patient of each class
}

TEST_CASE("no patient is in two folds, and every fold has both classes") {
  Cohort const c(60, 0, 1);
  auto const known = rows_of_patients(c.label, c.patient, 1, Random(3, Purpose::probe));
  auto const label = few_labels_parts::of(c.label, known);
  std::vector<std::string> patient;
  for (Index const r : known) patient.push_back(c.patient[static_cast<std::size_t>(r)]);
  auto const fold = few_labels_parts::folds(label, patient, 5, Random(3, Purpose::probe));
  std::map<std::string, std::set<Index>> of_patient;
  std::set<std::pair<Index, double>> there;
  for (std::size_t i = 0; i < fold.size(); ++i) of_patient[patient[i]].insert(fold[i]), there.insert({fold[i], label[i]});
  for (auto const& entry : of_patient) CHECK_MESSAGE(entry.second.size() == 1, entry.first);
  CHECK(there.size() == 10);
}

TEST_CASE("few labels find what is there, and nothing where nothing is") {
  struct Case {
    double signal, least, most;
  };
  for (auto const& c : {Case{4.0, 0.97, 1.0}, Case{0.0, 0.35, 0.65}}) {
    Cohort const train(120, c.signal, 1), test(150, c.signal, 2);
    for (double const share : {1.0, 0.1}) {
      auto const rows = rows_of_patients(train.label, train.patient, share, Random(5, Purpose::probe));
      auto const found = few_labels(train.features(), rows, test.x.view(), Random(5, Purpose::probe));
      for (auto const* score : {&found.linear, &found.neighbours}) {
        double const a = auroc(test.label, *score);
        CHECK_MESSAGE(a >= c.least, "signal ", c.signal, ", share ", share);
        CHECK_MESSAGE(a <= c.most, "signal ", c.signal, ", share ", share);
      }
      CHECK(found.voters <= 20);
    }
  }
}

TEST_CASE("with one patient of a class there is nothing to choose by, and still an answer") {
  Cohort const train(9, 4, 1), test(60, 4, 2);
  auto const rows = rows_of_patients(train.label, train.patient, 0.01, Random(5, Purpose::probe));
  auto const found = few_labels(train.features(), rows, test.x.view(), Random(5, Purpose::probe));
  CHECK(found.C == 1e-2);
  CHECK(found.linear.size() == 120);
}

TEST_CASE("few labels say what is wrong") {
  Cohort c(6, 0, 1);
  CHECK(afire_test::message([&] { rows_of_patients(c.label, c.patient, 0, Random()); }) ==
        "few labels: a share of 0 of the patients; more than 0 and at most 1 is needed");
  for (double& l : c.label) l = 0;
  CHECK(afire_test::message([&] { rows_of_patients(c.label, c.patient, 1, Random()); }) == "few labels: no positive film among 12");
  c.patient.pop_back();
  CHECK(afire_test::message([&] { rows_of_patients(c.label, c.patient, 1, Random()); }) == "few labels: 12 labels, but 11 patients");
}
