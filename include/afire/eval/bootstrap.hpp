// afire/eval/bootstrap.hpp -- a 95 % interval by drawing patients, not films, with replacement
//
//   Interval i = bootstrap(patients, Random(seed, Purpose::bootstrap), [&](std::span<Index const> rows) { return my_metric(rows); });
//   Interval i = bootstrap_auroc(labels, scores, patients, Random(seed, Purpose::bootstrap));
//
// All films of a drawn patient come with it, twice if the patient is drawn twice. The interval is cut at the 2.5th and 97.5th percentile.
// Draws for which the metric is not defined (NaN: one class missing) are left out and counted.
#pragma once
#include <map>

#include <afire/core/rng.hpp>
#include <afire/eval/binary.hpp>

namespace afire {

struct Interval {
  double low = not_defined, high = not_defined;
  Index draws = 0, left_out = 0;
};

// The value below which a share q of sorted values lies, linear between them.
inline double percentile(std::span<double const> sorted, double q) {
  if (sorted.empty()) return not_defined;
  double const place = q * static_cast<double>(sorted.size() - 1);
  auto const below = static_cast<std::size_t>(place);
  auto const above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

template <class Patient, class Metric>
Interval bootstrap(std::vector<Patient> const& patients,  // (N), of each row: a name or a number
                   Random random, Metric metric, Index draws = 2000) {
  std::map<Patient, std::vector<Index>> rows_of;
  for (std::size_t i = 0; i < patients.size(); ++i) rows_of[patients[i]].push_back(static_cast<Index>(i));
  std::vector<std::vector<Index> const*> patient;
  for (auto const& [name, rows] : rows_of) patient.push_back(&rows);
  expects(!patient.empty(), "bootstrap: no rows");
  Draws draw(random);
  Interval interval{.draws = draws};
  std::vector<double> values;
  std::vector<Index> rows;
  for (Index d = 0; d < draws; ++d) {
    rows.clear();
    for (std::size_t i = 0; i < patient.size(); ++i) {
      auto const& drawn = *patient[draw.below(static_cast<std::uint32_t>(patient.size()))];
      rows.insert(rows.end(), drawn.begin(), drawn.end());
    }
    double const value = metric(std::span<Index const>(rows));
    std::isnan(value) ? void(++interval.left_out) : values.push_back(value);
  }
  std::sort(values.begin(), values.end());
  interval.low = percentile(values, 0.025), interval.high = percentile(values, 0.975);
  return interval;
}

template <class Patient>
Interval bootstrap_auroc(std::span<double const> label, std::span<double const> score, std::vector<Patient> const& patients, Random random,
                         Index draws = 2000) {
  expects(label.size() == patients.size(), "bootstrap: ", label.size(), " labels, but ", patients.size(), " patients");
  known_rows(label, score);
  std::vector<double> l, s;
  return bootstrap(patients, random, [&](std::span<Index const> rows) {
    l.clear(), s.clear();
    for (Index const r : rows) l.push_back(label[static_cast<std::size_t>(r)]), s.push_back(score[static_cast<std::size_t>(r)]);
    return auroc(l, s);
  }, draws);
}

}  // namespace afire
