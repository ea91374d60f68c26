// afire/eval/multilabel.hpp -- several findings at once: each finding's AUROC and average precision, and their means
//
//   Multilabel m = multilabel(labels, scores);           // (N, K) each; labels 0, 1, or NaN for unknown
//   m.of[k].auroc;   m.macro_auroc;   text("mean of ", m.valid, " of ", m.of.size(), " findings");
//
// A finding of which only one class is present has no AUROC: its entries are NaN and it is left out of the means, which say of how many.
#pragma once
#include <afire/core/view.hpp>
#include <afire/eval/binary.hpp>

namespace afire {

struct FindingScore {                      // one finding against all others
  double auroc = not_defined, average_precision = not_defined;
  Index positives = 0, negatives = 0;
  double prevalence() const { return static_cast<double>(positives) / static_cast<double>(positives + negatives); }
};

struct Multilabel {
  std::vector<FindingScore> of;                               // (K)
  Index valid = 0;                                       // findings with both classes
  double macro_auroc = not_defined, macro_average_precision = not_defined;         // plain means over the valid ones
  double weighted_auroc = not_defined;                   // weighted by positives
  double micro_auroc = not_defined;                      // all findings in one pot
};

inline Multilabel multilabel(View<const double, 2> label,           // (N, K)
                             View<const double, 2> score) {         // (N, K)
  expects(same_shape(label, score), "multilabel: labels have the shape ", shape_text(label), ", scores ", shape_text(score));
  Multilabel m;
  std::vector<double> y(static_cast<std::size_t>(label.rows())), s(y.size());
  double sum = 0, weighted = 0, weight = 0, precision = 0;
  for (Index k = 0; k < label.cols(); ++k) {
    for (Index n = 0; n < label.rows(); ++n) y[static_cast<std::size_t>(n)] = label(n, k), s[static_cast<std::size_t>(n)] = score(n, k);
    Thresholds const t = thresholds(y, s);
    auto const& f = m.of.emplace_back(FindingScore{auroc(t), average_precision(t), t.positives, t.negatives});
    if (!t.both_classes()) continue;
    ++m.valid;
    sum += f.auroc, precision += f.average_precision;
    weighted += f.auroc * static_cast<double>(f.positives), weight += static_cast<double>(f.positives);
  }
  if (m.valid == 0) return m;
  m.macro_auroc = sum / static_cast<double>(m.valid);
  m.macro_average_precision = precision / static_cast<double>(m.valid);
  m.weighted_auroc = weighted / weight;
  auto const size = static_cast<std::size_t>(label.size());
  m.micro_auroc = auroc({label.data, size}, {score.data, size});
  return m;
}

}  // namespace afire
