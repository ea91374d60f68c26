// afire/picture/colour_key.hpp -- the key to a heat map: its colours from low to high, with the values at both ends
//
//   Svg key = colour_key(balance_map, -60, 60, "restored minus clean, grey levels");
#pragma once
#include <afire/picture/heat_map.hpp>
#include <afire/picture/svg.hpp>

namespace afire {

template <class Map>
Svg colour_key(Map map, double low, double high, std::string_view what) {
  double const width = 460, bar = 180, steps = 45;
  Svg svg(width, 18, text("colours from ", number(low), " to ", number(high), ": ", what), "plot key");
  double const left = 48;
  svg.words(left - 8, 13, number(low), {{"class", "muted"}, {"text-anchor", "end"}});
  for (int i = 0; i < static_cast<int>(steps); ++i) {
    Rgb const c = map((i + 0.5) / steps);
    std::string const fill = text("rgb(", int{c.r}, ",", int{c.g}, ",", int{c.b}, ")");
    svg.add("rect", {{"x", left + i * bar / steps}, {"y", 3}, {"width", bar / steps + 0.4}, {"height", 12}, {"fill", fill}});
  }
  svg.spans(left + bar + 8, 13, {{number(high), "muted", ""}, {what, "", ""}});
  return svg;
}

}  // namespace afire
