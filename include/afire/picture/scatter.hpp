// afire/picture/scatter.hpp -- points in the plane, a colour for each class
//
//   Scatter s{.what = "Tokens along two principal components", .classes = {"lung", "heart"}};
//   s.points.push_back({0.3, -1.2, 0});                 // x, y, class
//   Svg svg = draw(s);
//
// Distances mean the same in both directions. Points that are not finite are left out, and the picture says how many.
#pragma once
#include <afire/picture/axis.hpp>
#include <afire/picture/svg.hpp>

namespace afire {

struct ScatterPoint {                      // group: which colour and entry of `classes`
  double x = 0, y = 0;
  Index group = 0;
};

struct Scatter {
  std::string what = "", title = "";
  std::vector<std::string> classes = {};
  std::vector<ScatterPoint> points = {};
  std::string x_label = "", y_label = "";
  double width = 460, height = 400;
};

inline Svg draw(Scatter const& s) {
  Svg svg(s.width, s.height, s.what);
  Extent xs, ys;
  Index hidden = 0;
  auto const finite = [](ScatterPoint const& p) { return std::isfinite(p.x) && std::isfinite(p.y); };
  for (auto const& p : s.points) {
    expects(0 <= p.group && (s.classes.empty() || p.group < static_cast<Index>(s.classes.size())), "scatter: a point of class ", p.group,
            ", where there are ", s.classes.size());
    finite(p) ? xs.add(p.x), ys.add(p.y) : void(++hidden);
  }
  double y = 13;
  if (!s.title.empty()) svg.words(0, y, s.title, {{"class", "strong"}}), y += 19;
  std::vector<Svg::Span> line;
  double x = 0;
  auto const end_line = [&] { svg.spans(0, y, line), line.clear(), x = 0; };
  std::vector<std::string> fills;
  for (std::size_t k = 0; k < s.classes.size(); ++k) fills.push_back(text("fill:", colour_of(static_cast<Index>(k))));
  for (std::size_t k = 0; k < s.classes.size(); ++k) {     // the names of the classes, as many in a line as fit
    double const room = 29 + 7 * static_cast<double>(characters(s.classes[k]));
    if (x > 0 && x + room > s.width) end_line(), y += 17;
    line.push_back({"\xE2\x97\x8F", "", fills[k], 13}), line.push_back({s.classes[k], "", ""});
    x += room;
  }
  if (!line.empty()) end_line();
  double const top = y + (s.classes.empty() ? 0 : 12), bottom = s.height - (s.x_label.empty() && hidden == 0 ? 2 : 22);
  svg.add("rect", {{"class", "grid"}, {"x", 0.5}, {"y", top}, {"width", s.width - 1}, {"height", bottom - top}});
  if (!s.x_label.empty()) svg.words(s.width, s.height - 7, s.x_label + " \xE2\x86\x92", {{"text-anchor", "end"}, {"class", "muted"}});
  if (!s.y_label.empty()) svg.words(7, top + 16, "\xE2\x86\x91 " + s.y_label, {{"class", "muted"}});
  if (hidden > 0) {
    std::string const note = text(hidden, hidden == 1 ? " point is" : " points are", " not finite and not drawn");
    svg.words(0, s.height - 7, note, {{"class", "muted"}});
  }
  if (xs.empty()) {
    svg.words(s.width / 2, (top + bottom) / 2, "no points yet", {{"text-anchor", "middle"}, {"class", "muted"}});
    return svg;
  }
  double const range = std::max({(xs.high - xs.low) / (s.width - 28), (ys.high - ys.low) / (bottom - top - 28), 1e-300});
  auto const px = [&](double v) { return s.width / 2 + (v - (xs.low + xs.high) / 2) / range; };
  auto const py = [&](double v) { return (top + bottom) / 2 - (v - (ys.low + ys.high) / 2) / range; };
  std::vector<PathData> paths;
  for (auto const& p : s.points) {
    if (!finite(p)) continue;
    if (static_cast<std::size_t>(p.group) >= paths.size()) paths.resize(static_cast<std::size_t>(p.group) + 1);
    paths[static_cast<std::size_t>(p.group)].dot(px(p.x), py(p.y));
  }
  for (std::size_t k = 0; k < paths.size(); ++k)
    if (!paths[k].empty()) svg.add("path", {{"class", "dots"}, {"stroke", colour_of(static_cast<Index>(k))}, {"d", paths[k].text_of()}});
  return svg;
}

}  // namespace afire
