// afire/eval/binary.hpp -- how well a score separates two classes: AUROC, average precision, best F1, specificity
//
//   AUROC    probability that a positive scores higher than a negative, a tie counting half      (Mann-Whitney)
//   AP       sum over distinct scores, falling, of (recall - recall before) * precision          (no interpolation)
//   F1 max   largest 2 TP / (2 TP + FP + FN) over all thresholds, and the highest threshold that reaches it
//   TNR@95   share of negatives left alone at the highest threshold that finds 95 % of the positives
//
//   double a = auroc(labels, scores);              // labels 0, 1, or NaN for unknown: left out
//   Thresholds t = thresholds(labels, scores);     // or all of them from one sort:  auroc(t), average_precision(t), f1_max(t), ...
//
// Where one of the classes is missing none of these is defined: NaN, to be printed as "n/a".
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include <afire/core/error.hpp>

namespace afire {

inline constexpr double not_defined = std::numeric_limits<double>::quiet_NaN();  // NaN: what a measure is where a class is missing

// One entry for each distinct score, falling; what scores at least the threshold counts as found.
struct Thresholds {
  std::vector<double> threshold;
  std::vector<Index> true_positives, false_positives;
  Index positives = 0, negatives = 0;

  bool both_classes() const { return positives > 0 && negatives > 0; }
};

// The rows whose label is known; checks sizes, labels and scores.
inline std::vector<Index> known_rows(std::span<double const> label, std::span<double const> score) {
  expects(label.size() == score.size(), "metrics: ", label.size(), " labels, but ", score.size(), " scores");
  std::vector<Index> rows;
  for (std::size_t i = 0; i < label.size(); ++i) {
    if (std::isnan(label[i])) continue;
    expects(label[i] == 0 || label[i] == 1, "metrics: label ", i, " is ", label[i], "; it must be 0, 1, or NaN for unknown");
    expects(!std::isnan(score[i]), "metrics: score ", i, " is NaN");
    rows.push_back(static_cast<Index>(i));
  }
  return rows;
}

inline Thresholds thresholds(std::span<double const> label, std::span<double const> score) {
  auto rows = known_rows(label, score);
  auto const at = [](Index i) { return static_cast<std::size_t>(i); };
  std::sort(rows.begin(), rows.end(), [&](Index i, Index j) { return score[at(i)] > score[at(j)]; });
  Thresholds t;
  for (Index const i : rows) {
    if (t.threshold.empty() || score[at(i)] != t.threshold.back()) {
      t.threshold.push_back(score[at(i)]);
      t.true_positives.push_back(t.positives);
      t.false_positives.push_back(t.negatives);
    }
    t.true_positives.back() = t.positives += label[at(i)] == 1;
    t.false_positives.back() = t.negatives += label[at(i)] == 0;
  }
  return t;
}

inline double auroc(Thresholds const& t) {
  if (!t.both_classes()) return not_defined;
  Index twice = 0, tp = 0, fp = 0;                       // twice the area, in pairs: exact
  for (std::size_t k = 0; k < t.threshold.size(); ++k) {
    twice += (t.false_positives[k] - fp) * (t.true_positives[k] + tp);
    tp = t.true_positives[k], fp = t.false_positives[k];
  }
  return static_cast<double>(twice) / 2 / (static_cast<double>(t.positives) * static_cast<double>(t.negatives));
}

inline double average_precision(Thresholds const& t) {
  if (!t.both_classes()) return not_defined;
  double sum = 0;
  Index before = 0;
  for (std::size_t k = 0; k < t.threshold.size(); ++k) {
    double const tp = static_cast<double>(t.true_positives[k]);
    sum += static_cast<double>(t.true_positives[k] - before) * tp / (tp + static_cast<double>(t.false_positives[k]));
    before = t.true_positives[k];
  }
  return sum / static_cast<double>(t.positives);
}

struct BestF1 {                            // the largest F1 and the threshold that gives it
  double value = not_defined, threshold = not_defined;
};

inline BestF1 f1_max(Thresholds const& t) {                // on pixels this is the best Dice
  BestF1 best;
  if (!t.both_classes()) return best;
  for (std::size_t k = 0; k < t.threshold.size(); ++k) {
    double const tp = static_cast<double>(t.true_positives[k]);
    double const f1 = 2 * tp / (tp + static_cast<double>(t.false_positives[k] + t.positives));
    if (!(f1 <= best.value)) best = {f1, t.threshold[k]};
  }
  return best;
}

// 1 - false positive rate at the highest threshold that reaches this sensitivity (0 ... 1).
inline double specificity_at(Thresholds const& t, double sensitivity) {
  expects(0 <= sensitivity && sensitivity <= 1, "specificity: a sensitivity of ", sensitivity, "; it must lie in 0 ... 1");
  if (!t.both_classes()) return not_defined;
  std::size_t k = 0;
  while (static_cast<double>(t.true_positives[k]) / static_cast<double>(t.positives) < sensitivity) ++k;
  return 1 - static_cast<double>(t.false_positives[k]) / static_cast<double>(t.negatives);
}
// At 95 % sensitivity, the usual number of papers on anomaly detection.
inline double tnr_at_tpr95(Thresholds const& t) { return specificity_at(t, 0.95); }

inline double auroc(std::span<double const> label, std::span<double const> score) { return auroc(thresholds(label, score)); }
inline double average_precision(std::span<double const> label, std::span<double const> score) {
  return average_precision(thresholds(label, score));
}

// A curve to draw: x and y of each point, and the threshold that gives it (the ROC's first point lies above all scores: infinity).
struct RateCurve {
  std::vector<double> x, y, threshold;
};

// Points of a curve: all of them, or corners: without those that lie on a line between their neighbours.
enum class Points { all, corners };

inline RateCurve roc_curve(Thresholds const& t, Points points = Points::all) {          // x: false positive rate, y: true positive rate
  expects(t.both_classes(), "roc curve: ", t.positives, " positives and ", t.negatives, " negatives; it takes one of each at least");
  RateCurve c{{0}, {0}, {std::numeric_limits<double>::infinity()}};
  auto const bends = [](std::vector<Index> const& n, std::size_t k) { return n[k + 1] - n[k] != n[k] - n[k - 1]; };
  for (std::size_t k = 0; k < t.threshold.size(); ++k) {
    bool const inside = k > 0 && k + 1 < t.threshold.size();
    if (points == Points::corners && inside && !bends(t.false_positives, k) && !bends(t.true_positives, k)) continue;
    c.x.push_back(static_cast<double>(t.false_positives[k]) / static_cast<double>(t.negatives));
    c.y.push_back(static_cast<double>(t.true_positives[k]) / static_cast<double>(t.positives));
    c.threshold.push_back(t.threshold[k]);
  }
  return c;
}

inline RateCurve precision_recall_curve(Thresholds const& t) {          // x: recall, y: precision
  expects(t.both_classes(), "precision-recall curve: ", t.positives, " positives and ", t.negatives,
          " negatives; it takes one of each at least");
  RateCurve c;
  for (std::size_t k = 0; k < t.threshold.size(); ++k) {
    double const tp = static_cast<double>(t.true_positives[k]);
    c.x.push_back(tp / static_cast<double>(t.positives));
    c.y.push_back(tp / (tp + static_cast<double>(t.false_positives[k])));
    c.threshold.push_back(t.threshold[k]);
  }
  return c;
}

}  // namespace afire
