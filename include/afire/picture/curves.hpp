// afire/picture/curves.hpp -- a line chart: several series over one axis, each named where it ends
//
//   Chart chart{.what = "Loss over steps", .x_label = "step", .y_label = "nats"};
//   chart.series.push_back({.name = "training", .x = steps, .y = loss, .smooth = 25});      // faint values, bold mean of 25 neighbours
//   chart.series.push_back({.name = "validation", .x = ends, .y = loss_there, .dots = true});
//   Svg svg = draw(chart);
//
// A value that is not finite (or not positive on a logarithmic axis) is a gap in its line; the chart says how many there are.
#pragma once
#include <afire/picture/axis.hpp>
#include <afire/picture/svg.hpp>

namespace afire {

struct Series {                            // one curve
  std::string name = "";
  std::vector<double> x = {}, y = {};
  Index smooth = 0;                                      // points of the running mean; 0: none
  bool dots = false;                                     // a dot at each point: few points
  bool dashed = false;
  Index colour = -1;                                     // of the data colours; -1: its place among the series
};

struct Chart {
  std::string what = "";                                 // for those who cannot see it
  std::string title = "", x_label = "", y_label = "";
  std::vector<Series> series = {};
  bool log_x = false, log_y = false;
  double low = std::numeric_limits<double>::quiet_NaN(), high = low;          // ends of the y axis, where they are to be these
  bool from_zero = false;                                // the y axis begins at 0
  double width = 460, height = 268;
};

namespace curve_parts {

// Mean of the finite values among the `window` neighbours of each point; NaN stays NaN.
inline std::vector<double> running_mean(std::vector<double> const& y, Index window) {
  auto const n = static_cast<Index>(y.size());
  std::vector<double> sum(y.size() + 1), count(y.size() + 1), mean;
  for (std::size_t i = 0; i < y.size(); ++i) {
    bool const is = std::isfinite(y[i]);
    sum[i + 1] = sum[i] + (is ? y[i] : 0), count[i + 1] = count[i] + is;
  }
  for (Index i = 0; i < n; ++i) {
    Index const half = std::min({window / 2, i, n - 1 - i});                  // the same on both sides, so that ends are not drawn inward
    auto const first = static_cast<std::size_t>(i - half), last = static_cast<std::size_t>(i + half + 1);
    bool const is = std::isfinite(y[static_cast<std::size_t>(i)]);
    mean.push_back(is ? (sum[last] - sum[first]) / (count[last] - count[first]) : std::numeric_limits<double>::quiet_NaN());
  }
  return mean;
}

struct Frame {                                           // from values to places in the drawing
  Axis x, y;
  double left, right, top, bottom;
  double px(double v) const { return left + (right - left) * x.at(v); }
  double py(double v) const { return bottom - (bottom - top) * std::clamp(y.at(v), -0.02, 1.02); }
  bool shows(double a, double b) const { return x.can_show(a) && y.can_show(b); }
};

// A line through the points. Of many on the same pixel column only the first, lowest, highest and last are drawn: it looks the same.
inline PathData path(Frame const& f, std::vector<double> const& x, std::vector<double> const& y) {
  PathData d;
  auto const n = x.size();
  for (std::size_t i = 0; i < n;) {
    if (!f.shows(x[i], y[i])) {
      d.gap(), ++i;
      continue;
    }
    std::size_t last = i, lowest = i, highest = i;
    while (last + 1 < n && f.shows(x[last + 1], y[last + 1]) && std::floor(f.px(x[last + 1])) == std::floor(f.px(x[i]))) {
      ++last;
      if (y[last] < y[lowest]) lowest = last;
      if (y[last] > y[highest]) highest = last;
    }
    std::size_t const between[] = {std::min(lowest, highest), std::max(lowest, highest)};
    std::size_t before = n;
    for (std::size_t const k : {i, between[0], between[1], last})
      if (k != before) d.to(f.px(x[k]), f.py(y[k])), before = k;
    bool const alone = i == last && (i == 0 || !f.shows(x[i - 1], y[i - 1])) && (i + 1 == n || !f.shows(x[i + 1], y[i + 1]));
    if (alone) d.dot(f.px(x[i]), f.py(y[i]));
    i = last + 1;
  }
  return d;
}

// About as wide as the words are in 12 pixels of a common typeface.
inline double width_of(std::string_view words) { return 7 * static_cast<double>(characters(words)); }

// Moves labels apart so that each has its line, and keeps them between top and bottom.
inline void spread_labels(std::vector<double*> places, double line, double top, double bottom) {
  std::sort(places.begin(), places.end(), [](double* a, double* b) { return *a < *b; });
  for (std::size_t i = 0; i < places.size(); ++i) *places[i] = std::max(*places[i], i == 0 ? top : *places[i - 1] + line);
  for (std::size_t i = places.size(); i-- > 0;) *places[i] = std::min(*places[i], i + 1 == places.size() ? bottom : *places[i + 1] - line);
}

// Title, grid, ticks and labels.
inline void draw_axes(Svg& svg, Frame const& f, Chart const& c) {
  if (!c.title.empty()) svg.words(0, 13, c.title, {{"class", "strong"}});
  if (!c.y_label.empty()) svg.words(0, f.top - 15, c.y_label, {{"class", "muted"}});
  for (auto const& t : f.y.ticks) {
    double const y = f.py(t.value);
    svg.add("path", {{"class", "grid"}, {"d", text("M", coordinate(f.left), " ", coordinate(y), "H", coordinate(f.right))}});
    svg.words(f.left - 8, y + 4, t.words, {{"text-anchor", "end"}, {"class", "muted"}});
  }
  svg.add("path", {{"class", "axis"}, {"d", text("M", coordinate(f.left), " ", coordinate(f.bottom), "H", coordinate(f.right))}});
  for (auto const& t : f.x.ticks) {
    double const x = f.px(t.value);
    svg.add("path", {{"class", "axis"}, {"d", text("M", coordinate(x), " ", coordinate(f.bottom), "v5")}});
    svg.words(x, f.bottom + 18, t.words, {{"text-anchor", "middle"}, {"class", "muted"}});
  }
  if (!c.x_label.empty()) svg.words(f.right, f.bottom + 35, c.x_label, {{"text-anchor", "end"}, {"class", "muted"}});
}

}  // namespace curve_parts

inline Svg draw(Chart const& c) {
  namespace parts = curve_parts;
  Svg svg(c.width, c.height, c.what);
  Axis const can_x{1, 2, c.log_x, {}}, can_y{1, 2, c.log_y, {}};
  Extent xs, ys;
  Index hidden = 0;
  for (auto const& s : c.series) {
    expects(s.x.size() == s.y.size(), "chart: series \"", s.name, "\" has ", s.x.size(), " x and ", s.y.size(), " y");
    for (std::size_t i = 0; i < s.x.size(); ++i)
      if (can_x.can_show(s.x[i]) && can_y.can_show(s.y[i])) xs.add(s.x[i]), ys.add(s.y[i]);
      else ++hidden;
  }
  double const top = (c.title.empty() ? 8 : 28) + (c.y_label.empty() ? 0 : 22), bottom = c.height - (c.x_label.empty() ? 26 : 42);
  if (xs.empty()) {
    if (!c.title.empty()) svg.words(0, 13, c.title, {{"class", "strong"}});
    svg.add("rect", {{"class", "grid"}, {"x", 0.5}, {"y", top}, {"width", c.width - 1}, {"height", bottom - top}});
    std::string const why = hidden > 0 ? text("nothing to draw: none of ", hidden, " values is finite") : "no values yet";
    svg.words(c.width / 2, (top + bottom) / 2, why, {{"text-anchor", "middle"}, {"class", "muted"}});
    return svg;
  }
  if (std::isfinite(c.low)) ys.low = c.low;
  if (std::isfinite(c.high)) ys.high = c.high;
  if (c.from_zero && !c.log_y) ys.add(0);
  bool const given = std::isfinite(c.low) && std::isfinite(c.high);
  parts::Frame f{c.log_x ? log_axis(xs.low, xs.high) : linear_axis(xs.low, xs.high, Ends::exact),
                 c.log_y ? log_axis(ys.low, ys.high) : linear_axis(ys.low, ys.high, given ? Ends::exact : Ends::round, 4),
                 0, 0, top, bottom};

  struct Label {
    Index series;
    double place;
    std::string value;
  };
  std::vector<Label> labels;
  double widest_tick = 0, widest_label = 0;
  for (auto const& t : f.y.ticks) widest_tick = std::max(widest_tick, parts::width_of(t.words));
  for (std::size_t k = 0; k < c.series.size(); ++k) {
    auto const& s = c.series[k];
    auto const shown = s.smooth > 1 ? parts::running_mean(s.y, s.smooth) : s.y;
    std::size_t last = s.x.size();
    while (last > 0 && !f.shows(s.x[last - 1], shown[last - 1])) --last;
    if (last == 0) continue;
    labels.push_back({static_cast<Index>(k), f.py(shown[last - 1]) + 4, number(shown[last - 1], 3)});
    widest_label = std::max(widest_label, parts::width_of(s.name + " " + labels.back().value));
  }
  // The same margins wherever they suffice, so that charts below each other have their axes in line.
  f.left = std::max(46.0, widest_tick + 12), f.right = c.width - std::max(112.0, std::min(widest_label + 14, 0.4 * c.width));
  bool const above = widest_label + 14 > 0.4 * c.width;  // names too long for the margin: a legend above the lines
  if (above) f.top += 18 * static_cast<double>(labels.size()), f.right = c.width - 12;
  parts::draw_axes(svg, f, c);

  for (std::size_t k = 0; k < c.series.size(); ++k) {
    auto const& s = c.series[k];
    std::string const colour = colour_of(s.colour >= 0 ? s.colour : static_cast<Index>(k));
    if (s.smooth > 1) svg.add("path", {{"class", "faint"}, {"stroke", colour}, {"d", parts::path(f, s.x, s.y).text_of()}});
    auto const shown = s.smooth > 1 ? parts::running_mean(s.y, s.smooth) : s.y;
    auto const line = parts::path(f, s.x, shown);
    char const* const dashes = s.dashed ? "5 4" : "";
    if (!line.empty()) svg.add("path", {{"class", "line"}, {"stroke", colour}, {"stroke-dasharray", dashes}, {"d", line.text_of()}});
    if (!s.dots) continue;
    for (std::size_t i = 0; i < s.x.size(); ++i)
      if (f.shows(s.x[i], s.y[i])) svg.add("circle", {{"cx", f.px(s.x[i])}, {"cy", f.py(s.y[i])}, {"r", 2.6}, {"fill", colour}});
  }
  std::vector<double*> places;
  for (auto& l : labels) places.push_back(&l.place);
  if (!above) parts::spread_labels(places, 15, f.top + 4, f.bottom);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    auto const& s = c.series[static_cast<std::size_t>(labels[i].series)];
    std::string const colour = colour_of(s.colour >= 0 ? s.colour : labels[i].series);
    double const x = above ? f.left : f.right + 8, y = above ? top + 18 * static_cast<double>(i) : labels[i].place;
    svg.spans(x, y, {{s.name, "strong halo", text("fill:", colour)}, {labels[i].value, "muted halo", ""}});
  }
  if (hidden > 0) {
    std::string const note = text(hidden, hidden == 1 ? " value is" : " values are", " not finite and not drawn");
    svg.words(f.left, c.height - 7, note, {{"class", "muted"}});
  }
  return svg;
}

}  // namespace afire
