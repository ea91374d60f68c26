// afire/picture/axis.hpp -- a scale from values to 0 ... 1 with ticks at round numbers (1, 2, 5 times a power of ten)
//
//   Axis y = linear_axis(0.03, 5.6, Ends::round);       // 0 ... 6;  y.at(3) 0.5;  y.ticks: 0, 2, 4, 6 with their words
//   Axis x = log_axis(2e-5, 0.3);                       // ticks at powers of ten
#pragma once
#include <algorithm>
#include <limits>
#include <vector>

#include <afire/picture/markup.hpp>

namespace afire {

struct Tick {                              // a mark on an axis and what stands beside it
  double value;
  std::string words;
};

struct Axis {
  double low = 0, high = 1;
  bool logarithmic = false;
  std::vector<Tick> ticks;

  double at(double value) const {
    return logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
  }
  bool can_show(double value) const { return std::fabs(value) <= 1e300 && (!logarithmic || value > 1e-300); }
};

enum class Ends { exact, round };                        // the ends of an axis: those of the data, or ticks beyond them

// The smallest and the largest of what can be shown.
struct Extent {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
  bool empty() const { return low > high; }
  void add(double x) { low = std::min(low, x), high = std::max(high, x); }
};

inline Axis linear_axis(double low, double high, Ends ends, int wanted = 5) {
  if (!(high - low > 1e-12 * std::max(std::fabs(low), std::fabs(high)))) {    // one value only, but for rounding
    double const room = low == 0 ? 1 : 0.05 * std::fabs(low);
    if (ends == Ends::exact) return {low - room, low + room, false, {{low, number(low)}}};
    low -= room, high += room;
  }
  double const rough = (high - low) / wanted, power = std::pow(10.0, std::floor(std::log10(rough)));
  double const step = power * (rough <= 1.5 * power ? 1 : rough <= 3.5 * power ? 2 : rough <= 7.5 * power ? 5 : 10);
  int const decimals = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
  double first = std::ceil(low / step - 1e-9), last = std::floor(high / step + 1e-9);
  if (ends == Ends::round) first = std::floor(low / step + 1e-9), last = std::ceil(high / step - 1e-9);
  Axis axis;
  axis.low = ends == Ends::round ? first * step : low;
  axis.high = ends == Ends::round ? last * step : high;
  bool const plain = decimals <= 4 && std::max(std::fabs(first), std::fabs(last)) * step < 1e7;
  for (double k = first; k <= last; ++k) axis.ticks.push_back({k * step, plain ? with_decimals(k * step, decimals) : number(k * step)});
  return axis;
}

inline Axis log_axis(double low, double high) {
  if (!(high > low * (1 + 1e-12))) low /= 1.2, high *= 1.2;
  double const decades = std::log10(high / low);
  if (decades < 0.7) {                                   // too short for powers of ten: ticks as on a linear axis
    Axis axis = linear_axis(low, high, Ends::exact);
    axis.logarithmic = true;
    return axis;
  }
  Axis axis{low, high, true, {}};
  bool const powers = low < 0.9e-3 || high > 1.1e5;
  int const stride = std::max(1, static_cast<int>(std::ceil(decades / 7)));
  for (int e = static_cast<int>(std::floor(std::log10(low))); e <= static_cast<int>(std::ceil(std::log10(high))); ++e)
    for (int m : {1, 2, 5}) {
      if ((m > 1 && decades > 2.5) || (m == 1 && e % stride != 0)) continue;
      double const value = m * std::pow(10.0, e);
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9))
        axis.ticks.push_back({value, powers ? scientific(value, 1) : number(value)});
    }
  return axis;
}

}  // namespace afire
