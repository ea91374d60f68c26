// afire/picture/intervals.hpp -- measured values with their 95 % intervals, one to a line, and a line of chance to compare with
//
//   Intervals chart{.what = "AUROC of a linear probe", .title = "AUROC, normal against abnormal", .low = 0.4, .high = 1, .reference = 0.5};
//   chart.rows.push_back({.name = "pre-trained", .value = 0.78, .low = 0.74, .high = 0.82});
//   Svg svg = draw(chart);
//
// A value that is not defined (NaN) is written as n/a. Without an interval (NaN ends) there is only the dot.
#pragma once
#include <afire/picture/axis.hpp>
#include <afire/picture/svg.hpp>

namespace afire {

struct IntervalRow {                       // a value with its confidence interval; NaN: without one
  std::string name = "";
  double value = 0, low = std::numeric_limits<double>::quiet_NaN(), high = low;
  Index colour = 0;
};

struct Intervals {
  std::string what = "", title = "";
  std::vector<IntervalRow> rows = {};
  double low = std::numeric_limits<double>::quiet_NaN(), high = low;          // ends of the axis, where they are to be these
  double reference = std::numeric_limits<double>::quiet_NaN();                // a vertical line
  std::string reference_name = "";
  int decimals = 3;
  double width = 460;
};

inline Svg draw(Intervals const& c) {
  double const line = 25, top = (c.title.empty() ? 6 : 28) + (c.reference_name.empty() ? 0 : 16);
  double const bottom = top + line * static_cast<double>(std::max<std::size_t>(1, c.rows.size()));
  Svg svg(c.width, bottom + 26, c.what);
  if (!c.title.empty()) svg.words(0, 13, c.title, {{"class", "strong"}});
  Extent extent;
  Index longest = 0;
  for (auto const& r : c.rows) {
    for (double v : {r.value, r.low, r.high})
      if (std::isfinite(v)) extent.add(v);
    longest = std::max(longest, characters(r.name));
  }
  if (std::isfinite(c.reference)) extent.add(c.reference);
  if (std::isfinite(c.low)) extent.low = c.low;
  if (std::isfinite(c.high)) extent.high = c.high;
  if (extent.empty()) {
    svg.words(c.width / 2, (top + bottom) / 2 + 4, "no values yet", {{"text-anchor", "middle"}, {"class", "muted"}});
    return svg;
  }
  bool const given = std::isfinite(c.low) && std::isfinite(c.high);
  Axis const axis = linear_axis(extent.low, extent.high, given ? Ends::exact : Ends::round, 4);
  double const left = std::min(0.45 * c.width, 6.6 * static_cast<double>(longest) + 14), right = c.width - 132;
  auto const px = [&](double v) { return left + (right - left) * std::clamp(axis.at(v), 0.0, 1.0); };
  auto const down = [&](double v) { return text("M", coordinate(px(v)), " ", coordinate(top), "V", coordinate(bottom)); };
  for (auto const& t : axis.ticks) {
    svg.add("path", {{"class", "grid"}, {"d", down(t.value)}});
    svg.words(px(t.value), bottom + 17, t.words, {{"text-anchor", "middle"}, {"class", "muted"}});
  }
  if (std::isfinite(c.reference)) {
    svg.add("path", {{"class", "axis"}, {"stroke-dasharray", "3 3"}, {"d", down(c.reference)}});
    svg.words(px(c.reference), top - 6, c.reference_name, {{"text-anchor", "middle"}, {"class", "muted"}});
  }
  for (std::size_t i = 0; i < c.rows.size(); ++i) {
    auto const& r = c.rows[i];
    double const y = top + line * (static_cast<double>(i) + 0.5);
    std::string const colour = colour_of(r.colour);
    bool const interval = std::isfinite(r.low) && std::isfinite(r.high);
    svg.words(0, y + 4, r.name);
    auto const across = [&] { return text("M", coordinate(px(r.low)), " ", coordinate(y), "H", coordinate(px(r.high))); };
    if (interval) svg.add("path", {{"class", "line"}, {"stroke", colour}, {"d", across()}});
    if (std::isfinite(r.value)) svg.add("circle", {{"cx", px(r.value)}, {"cy", y}, {"r", 4}, {"fill", colour}});
    std::string const range = interval ? text(with_decimals(r.low, c.decimals), "\xE2\x80\x93", with_decimals(r.high, c.decimals)) : "";
    svg.spans(right + 12, y + 4, {{with_decimals(r.value, c.decimals), "strong", ""}, {range, "muted", ""}});
  }
  return svg;
}

}  // namespace afire
