// afire/eval/calibration.hpp -- what a probability promises: decisions at a threshold, Brier score, log loss, calibration error
//
//   Decisions d = decide(labels, probabilities, 0.5);           // score >= 0.5 counts as found
//   d.accuracy(), d.balanced_accuracy(), d.matthews();
//   brier(labels, p)  mean (p - y)^2;     log_loss(labels, p)  mean - ln p(y);     calibration_error(labels, p)  15 equal bins
//
// Labels are 0, 1, or NaN for unknown. A share of nothing is NaN.
#pragma once
#include <afire/eval/binary.hpp>

namespace afire {

struct Decisions {
  Index true_positives = 0, false_positives = 0, true_negatives = 0, false_negatives = 0;

  static double share(Index a, Index b) { return b > 0 ? static_cast<double>(a) / static_cast<double>(b) : not_defined; }
  double sensitivity() const { return share(true_positives, true_positives + false_negatives); }
  double specificity() const { return share(true_negatives, true_negatives + false_positives); }
  double precision() const { return share(true_positives, true_positives + false_positives); }
  double f1() const { return share(2 * true_positives, 2 * true_positives + false_positives + false_negatives); }
  double accuracy() const {
    return share(true_positives + true_negatives, true_positives + true_negatives + false_positives + false_negatives);
  }
  double balanced_accuracy() const { return (sensitivity() + specificity()) / 2; }
  double matthews() const {                              // 0 where everything is found, or nothing is
    double const tp = static_cast<double>(true_positives), fp = static_cast<double>(false_positives);
    double const tn = static_cast<double>(true_negatives), fn = static_cast<double>(false_negatives);
    double const product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn);
    return product > 0 ? (tp * tn - fp * fn) / std::sqrt(product) : 0;
  }
};

inline Decisions decide(std::span<double const> label, std::span<double const> score, double threshold) {
  Decisions d;
  for (Index const i : known_rows(label, score)) {
    bool const found = score[static_cast<std::size_t>(i)] >= threshold, is = label[static_cast<std::size_t>(i)] == 1;
    ++(is ? found ? d.true_positives : d.false_negatives : found ? d.false_positives : d.true_negatives);
  }
  return d;
}

// The known rows of probabilities, each checked to lie in 0 ... 1.
inline std::vector<Index> known_probabilities(std::span<double const> label, std::span<double const> p) {
  auto rows = known_rows(label, p);
  for (Index const i : rows) {
    double const x = p[static_cast<std::size_t>(i)];
    expects(0 <= x && x <= 1, "metrics: score ", i, " is ", x, ", no probability");
  }
  return rows;
}

// Mean of f(label, probability) over the known rows.
template <class F>
double mean_over_known(std::span<double const> label, std::span<double const> p, F f) {
  double sum = 0;
  auto const rows = known_probabilities(label, p);
  for (Index const i : rows) sum += f(label[static_cast<std::size_t>(i)], p[static_cast<std::size_t>(i)]);
  return rows.empty() ? not_defined : sum / static_cast<double>(rows.size());
}

inline double brier(std::span<double const> label, std::span<double const> p) {
  return mean_over_known(label, p, [](double y, double x) { return (x - y) * (x - y); });
}

// Probabilities are kept 2^-52 away from 0 and 1, so that one certain error does not make the mean infinite.
inline double log_loss(std::span<double const> label, std::span<double const> p) {
  return mean_over_known(label, p, [](double y, double x) {
    double const q = std::clamp(x, 0x1p-52, 1 - 0x1p-52);
    return -std::log(y == 1 ? q : 1 - q);
  });
}

// Sum over bins of equal width of (share of the rows) * |mean probability - share of positives|.
inline double calibration_error(std::span<double const> label, std::span<double const> p, Index bins = 15) {
  struct Bin {
    double p = 0, y = 0;
  };
  std::vector<Bin> bin(static_cast<std::size_t>(bins));
  auto const rows = known_probabilities(label, p);
  if (rows.empty()) return not_defined;
  for (Index const i : rows) {
    double const x = p[static_cast<std::size_t>(i)];
    auto& b = bin[static_cast<std::size_t>(std::min(bins - 1, static_cast<Index>(static_cast<double>(bins) * x)))];
    b.p += x, b.y += label[static_cast<std::size_t>(i)];
  }
  double sum = 0;
  for (auto const& b : bin) sum += std::fabs(b.p - b.y);
  return sum / static_cast<double>(rows.size());
}

}  // namespace afire
