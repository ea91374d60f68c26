// The losses that a run has logged, and how far two runs are apart; read by nvcc too.
#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <afire/train/log.hpp>

namespace afire_test {

inline std::vector<double> logged_losses(std::string const& folder) {
  afire::LogTable const log = afire::read_log(folder);
  auto const column = std::find(log.columns.begin(), log.columns.end(), "loss") - log.columns.begin();
  std::vector<double> all;
  for (auto& row : log.rows) all.push_back(row[static_cast<std::size_t>(column)]);
  return all;
}

// The largest relative difference; runs of different length are infinitely far apart.
inline double furthest(std::vector<double> const& a, std::vector<double> const& b) {
  if (a.size() != b.size()) return HUGE_VAL;
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::fmax(worst, std::fabs(a[i] - b[i]) / std::fabs(b[i]));
  return worst;
}

}  // namespace afire_test
