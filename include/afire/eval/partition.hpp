// afire/eval/partition.hpp -- do two partitions of the same things agree? (clusters and anatomical regions, say)
//
//   n_ij things in part i of a and part j of b
//   NMI           I(a; b) / ((H(a) + H(b)) / 2)           0 ... 1
//   ARI           agreement of pairs beyond chance        1: the same partition, 0: chance
//   AMI           (I - E[I]) / (mean entropy - E[I])      information beyond chance
//
//   Agreement p = agreement(regions, clusters);     p.nmi, p.adjusted_rand, p.homogeneity, p.completeness, p.adjusted_information
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <span>
#include <vector>

#include <afire/core/error.hpp>

namespace afire {

struct Agreement {
  double information = 0;                                // I(a; b), in nats
  double nmi = 0, adjusted_information = 0, adjusted_rand = 0;
  double homogeneity = 0, completeness = 0;              // 1 - H(a | b) / H(a): parts of b lie within parts of a; and the reverse
};

namespace partition_parts {

// Labels of any value as 0 ... K-1 in their order; returns K.
inline Index compact(std::span<Index const> label, std::vector<Index>& to) {
  std::vector<Index> values(label.begin(), label.end());
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  to.clear();
  for (Index const l : label) to.push_back(std::lower_bound(values.begin(), values.end(), l) - values.begin());
  return static_cast<Index>(values.size());
}

inline double entropy(std::vector<double> const& count, double n) {
  double h = 0;
  for (double c : count) h -= c / n * std::log(c / n);
  return h;
}

inline double pairs(double n) { return n * (n - 1) / 2; }

// E[I] over all pairs of partitions with these part sizes (hypergeometric; Vinh et al., JMLR 2010).
inline double expected_information(std::vector<double> const& a, std::vector<double> const& b, double n) {
  std::vector<double> log_factorial(static_cast<std::size_t>(n) + 1);
  for (std::size_t i = 1; i < log_factorial.size(); ++i) log_factorial[i] = log_factorial[i - 1] + std::log(static_cast<double>(i));
  auto const f = [&](double x) { return log_factorial[static_cast<std::size_t>(x)]; };
  double sum = 0;
  for (double const x : a)
    for (double const y : b)
      for (double m = std::max(1.0, x + y - n); m <= std::min(x, y); ++m)
        sum += m / n * std::log(n * m / (x * y)) *
               std::exp(f(x) + f(y) + f(n - x) + f(n - y) - f(n) - f(m) - f(x - m) - f(y - m) - f(n - x - y + m));
  return sum;
}

}  // namespace partition_parts

inline Agreement agreement(std::span<Index const> a,     // (N)
                           std::span<Index const> b) {   // (N)
  namespace parts = partition_parts;
  expects(a.size() == b.size() && !a.empty(), "agreement: partitions of ", a.size(), " and ", b.size(), " things");
  double const n = static_cast<double>(a.size());
  std::vector<Index> la, lb;
  std::vector<double> in_a(static_cast<std::size_t>(parts::compact(a, la))), in_b(static_cast<std::size_t>(parts::compact(b, lb)));
  std::map<std::pair<Index, Index>, double> both;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ++in_a[static_cast<std::size_t>(la[i])], ++in_b[static_cast<std::size_t>(lb[i])];
    ++both[{la[i], lb[i]}];
  }

  Agreement p;
  double same = 0, same_a = 0, same_b = 0;
  for (auto const& [at, m] : both) {
    p.information += m / n * std::log(n * m / (in_a[static_cast<std::size_t>(at.first)] * in_b[static_cast<std::size_t>(at.second)]));
    same += parts::pairs(m);
  }
  p.information = std::max(0.0, p.information);
  for (double x : in_a) same_a += parts::pairs(x);
  for (double x : in_b) same_b += parts::pairs(x);
  double const chance = parts::pairs(n) > 0 ? same_a * same_b / parts::pairs(n) : 0, most = (same_a + same_b) / 2;
  bool const identical = same == same_a && same == same_b;
  p.adjusted_rand = identical ? 1 : (same - chance) / (most - chance);

  double const entropy_a = parts::entropy(in_a, n), entropy_b = parts::entropy(in_b, n), mean = (entropy_a + entropy_b) / 2;
  p.homogeneity = entropy_a > 0 ? p.information / entropy_a : 1;
  p.completeness = entropy_b > 0 ? p.information / entropy_b : 1;
  if (in_a.size() == 1 && in_b.size() == 1) {            // one part each: the same partition
    p.nmi = p.adjusted_information = 1;
    return p;
  }
  constexpr double least = std::numeric_limits<double>::epsilon();
  double const expected = parts::expected_information(in_a, in_b, n), room = mean - expected;
  p.nmi = p.information > least ? p.information / mean : 0;
  p.adjusted_information = identical ? 1 : (p.information - expected) / (room < 0 ? std::min(room, -least) : std::max(room, least));
  return p;
}

}  // namespace afire
