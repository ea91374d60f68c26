// afire/eval/few_labels.hpp -- what image features are worth when some patients are labelled: a linear probe, and the vote of neighbours
//
//   LabelledFeatures train{x, label, patient};                                  // (N, C), (N), (N); labels 0, 1, or NaN for unknown
//   auto rows = rows_of_patients(train.label, train.patient, 0.1, random);      // those of a tenth of the patients
//   FewLabels of = few_labels(train, rows, test_features, random);              // of.linear, of.neighbours: a score for each test film
//   double a = auroc(test_labels, of.linear);
//   FewLabels of = few_labels(train, rows, test_features, random, 20, OnBackend{gpu});          // eval/few_labels_on.hpp
//
// Features are standardised by the labelled films. The probe's C is the one of 1e-5 ... 1 with the largest mean AUROC over five folds of
// patients: no patient is in both halves of anything. Patients are drawn, and put into folds, class by class; a patient with one positive
// film is positive. So a seed decides which patients are labelled and how folds are cut, and nothing else.
#pragma once
#include <map>
#include <string>

#include <afire/core/rng.hpp>
#include <afire/eval/binary.hpp>
#include <afire/eval/knn.hpp>
#include <afire/eval/probe.hpp>

namespace afire {

struct LabelledFeatures {
  View<const float, 2> x;                                // (N, C)
  std::span<double const> label;                         // (N)
  std::span<std::string const> patient;                  // (N)
};

// Patients of each class in an order that the random numbers decide: negative ones, positive ones, each with its rows of known label.
inline std::vector<std::vector<Index>> patients_in_order(std::span<double const> label, std::span<std::string const> patient, bool positive,
                                                         Random random) {
  expects(label.size() == patient.size(), "few labels: ", label.size(), " labels, but ", patient.size(), " patients");
  std::map<std::string, std::vector<Index>> rows_of;
  for (std::size_t i = 0; i < label.size(); ++i)
    if (!std::isnan(label[i])) rows_of[patient[i]].push_back(static_cast<Index>(i));
  std::vector<std::vector<Index>> all;
  for (auto const& [name, rows] : rows_of) {
    bool const any = std::any_of(rows.begin(), rows.end(), [&](Index r) { return label[static_cast<std::size_t>(r)] == 1; });
    if (any == positive) all.push_back(rows);
  }
  Draws draw(random);
  for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[draw.below(static_cast<std::uint32_t>(i))]);
  return all;
}

// Rows of a share of the patients, at least one of each class, in rising order.
inline std::vector<Index> rows_of_patients(std::span<double const> label, std::span<std::string const> patient, double share,
                                           Random random) {
  expects(0 < share && share <= 1, "few labels: a share of ", share, " of the patients; more than 0 and at most 1 is needed");
  std::vector<Index> chosen;
  for (bool const positive : {false, true}) {
    auto const patients = patients_in_order(label, patient, positive, random);
    expects(!patients.empty(), "few labels: no ", positive ? "positive" : "negative", " film among ", label.size());
    auto const count = std::max<std::size_t>(1, static_cast<std::size_t>(share * static_cast<double>(patients.size()) + 0.5));
    for (std::size_t i = 0; i < count; ++i) chosen.insert(chosen.end(), patients[i].begin(), patients[i].end());
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

// Who fits probes and finds neighbours: the host, by eval/probe.hpp and eval/knn.hpp.
struct OnHost {
  LogisticModel fit(View<const double, 2> x, std::span<double const> label, LogisticHow how) const { return fit_logistic(x, label, how); }
  Neighbours neighbours(View<const double, 2> train, View<const double, 2> query, Index k) const { return nearest(train, query, k); }
};

struct FewLabels {
  std::vector<double> linear, neighbours;                // a score for each query, larger: rather positive
  double C = 0;                                          // chosen
  Index voters = 0;                                      // neighbours that were asked: fewer where fewer are labelled
};

namespace few_labels_parts {

// Those rows of x, in that order.
template <class T>
Tensor<T, 2> rows_of(View<const T, 2> x, std::vector<Index> const& rows) {
  Tensor<T, 2> y(static_cast<Index>(rows.size()), x.cols());
  for (std::size_t i = 0; i < rows.size(); ++i) std::copy_n(&x(rows[i], 0), x.cols(), &y(static_cast<Index>(i), 0));
  return y;
}

inline std::vector<double> of(std::span<double const> all, std::vector<Index> const& rows) {
  std::vector<double> some;
  for (Index const r : rows) some.push_back(all[static_cast<std::size_t>(r)]);
  return some;
}

// The fold of each row, -1 where fewer than two patients of a class leave nothing to choose by.
inline std::vector<Index> folds(std::span<double const> label, std::span<std::string const> patient, Index most, Random random) {
  std::vector<Index> fold(label.size(), -1);
  auto const negative = patients_in_order(label, patient, false, random), positive = patients_in_order(label, patient, true, random);
  Index const count = std::min(most, static_cast<Index>(std::min(negative.size(), positive.size())));
  if (count < 2) return fold;
  for (auto const* patients : {&negative, &positive})
    for (std::size_t p = 0; p < patients->size(); ++p)
      for (Index const r : (*patients)[p]) fold[static_cast<std::size_t>(r)] = static_cast<Index>(p) % count;
  return fold;
}

template <class By>
double chosen_C(View<const double, 2> x,                 // (N, C), standardised
                std::span<double const> label, std::span<std::string const> patient, Random random, By const& by) {
  constexpr Index most = 5;
  auto const fold = folds(label, patient, most, random);
  double best = -1, best_C = 1e-2;                       // where there is nothing to choose by
  if (fold[0] < 0) return best_C;
  for (double const C : {1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0}) {
    double sum = 0;
    Index defined = 0;
    for (Index f = 0; f < most; ++f) {
      std::vector<Index> in, out;
      for (std::size_t i = 0; i < fold.size(); ++i) (fold[i] == f ? out : in).push_back(static_cast<Index>(i));
      if (out.empty()) continue;
      auto const in_label = of(label, in), out_label = of(label, out);
      auto const positive = static_cast<std::size_t>(std::count(in_label.begin(), in_label.end(), 1.0));
      if (positive == 0 || positive == in_label.size()) continue;
      auto const model = by.fit(rows_of(x, in), in_label, {.C = C, .tolerance = 1e-6});
      double const a = auroc(out_label, model(rows_of(x, out).view()));
      if (!std::isnan(a)) sum += a, ++defined;
    }
    double const mean = defined > 0 ? sum / static_cast<double>(defined) : -1;
    if (mean > best + 1e-12) best = mean, best_C = C;    // on ties the stronger penalty
  }
  return best_C;
}

}  // namespace few_labels_parts

template <class By = OnHost>
FewLabels few_labels(LabelledFeatures const& train, std::vector<Index> const& rows, View<const float, 2> query,          // (M, C)
                     Random random, Index voters = 20, By const& by = {}) {
  namespace parts = few_labels_parts;
  auto const label = parts::of(train.label, rows);
  std::vector<std::string> patient;
  for (Index const r : rows) patient.push_back(train.patient[static_cast<std::size_t>(r)]);
  auto const raw = parts::rows_of(train.x, rows);
  Standardise const standard(raw.view());
  auto const x = standard(raw.view()), q = standard(query);
  FewLabels result;
  result.C = parts::chosen_C(x.view(), label, patient, random, by), result.voters = std::min(voters, x.extent(0));
  result.linear = by.fit(x, label, {.C = result.C})(q);

  std::vector<Index> classes;
  for (double const l : label) classes.push_back(l == 1);
  auto const vote = knn_vote(by.neighbours(x, q, result.voters), classes, 2);
  for (Index m = 0; m < vote.extent(0); ++m) result.neighbours.push_back(vote(m, 1) / (vote(m, 0) + vote(m, 1)));
  return result;
}

}  // namespace afire
