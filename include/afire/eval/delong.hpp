// afire/eval/delong.hpp -- standard error of an AUROC, and the difference of two on the same films (DeLong et al., Biometrics 1988)
//
//   V10_i = share of negatives below positive i,   V01_j = share of positives above negative j     (ties count half)
//   AUROC = mean V10 = mean V01,      variance = var(V10) / m + var(V01) / n      m positives, n negatives
//
//   Auroc a = delong(labels, scores);                       // a.value, a.low ... a.high: 95 %
//   AurocDifference d = delong(labels, ours, theirs);       // d.z, d.p (two-sided)
//
// It takes films for independent: with several films a patient use the bootstrap by patient (eval/bootstrap.hpp).
#pragma once
#include <afire/eval/binary.hpp>

namespace afire {

struct Auroc {
  double value = not_defined, variance = not_defined;
  double low = not_defined, high = not_defined;          // 95 % interval, cut at 0 and 1; NaN with less than two of a class
};

struct AurocDifference {
  double a = not_defined, b = not_defined;               // the two AUROCs
  double variance_a = not_defined, variance_b = not_defined, covariance = not_defined;
  double z = not_defined, p = not_defined;               // z = (a - b) / its standard error
};

struct Placements {                        // for each film the share of the other class that it is ranked right of; ties count half
  std::vector<double> positive, negative;                // V10, V01, in the order of the rows
};

inline Placements placements(std::span<double const> label, std::span<double const> score) {
  auto const rows = known_rows(label, score);
  Placements p;
  std::vector<double> value[2];                          // scores of the negatives and of the positives, rising
  for (Index const i : rows) value[label[static_cast<std::size_t>(i)] == 1].push_back(score[static_cast<std::size_t>(i)]);
  for (auto& v : value) std::sort(v.begin(), v.end());
  for (Index const i : rows) {
    bool const positive = label[static_cast<std::size_t>(i)] == 1;
    auto const& others = value[!positive];
    auto const [first, last] = std::equal_range(others.begin(), others.end(), score[static_cast<std::size_t>(i)]);
    double const below = static_cast<double>(first - others.begin()) + 0.5 * static_cast<double>(last - first);
    double const share = below / static_cast<double>(others.size());
    positive ? p.positive.push_back(share) : p.negative.push_back(1 - share);
  }
  return p;
}

// Covariance with divisor count - 1.
inline double sample_covariance(std::span<double const> x, std::span<double const> y) {
  double const n = static_cast<double>(x.size());
  double const mean_x = std::accumulate(x.begin(), x.end(), 0.0) / n, mean_y = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - mean_x) * (y[i] - mean_y);
  return sum / (n - 1);
}

// The covariance of two AUROCs; of one with itself: its variance.
inline double covariance(Placements const& a, Placements const& b) {
  return sample_covariance(a.positive, b.positive) / static_cast<double>(a.positive.size()) +
         sample_covariance(a.negative, b.negative) / static_cast<double>(a.negative.size());
}

inline Auroc delong(std::span<double const> label, std::span<double const> score) {
  Auroc a;
  a.value = auroc(label, score);
  auto const p = placements(label, score);
  if (p.positive.size() < 2 || p.negative.size() < 2) return a;
  a.variance = covariance(p, p);
  double const half = 1.959963984540054 * std::sqrt(a.variance);
  a.low = std::max(0.0, a.value - half), a.high = std::min(1.0, a.value + half);
  return a;
}

inline AurocDifference delong(std::span<double const> label, std::span<double const> score_a, std::span<double const> score_b) {
  AurocDifference d;
  d.a = auroc(label, score_a), d.b = auroc(label, score_b);
  auto const a = placements(label, score_a), b = placements(label, score_b);
  if (a.positive.size() < 2 || a.negative.size() < 2) return d;
  d.variance_a = covariance(a, a), d.variance_b = covariance(b, b), d.covariance = covariance(a, b);
  double const variance = d.variance_a + d.variance_b - 2 * d.covariance;
  if (!(variance > 0)) return d;                         // the same ranking twice: nothing to test
  d.z = (d.a - d.b) / std::sqrt(variance);
  d.p = std::erfc(std::fabs(d.z) / std::sqrt(2.0));
  return d;
}

}  // namespace afire
