// afire/picture/heat_map.hpp -- numbers as pixels: heat maps, maps of classes, three components as red, green and blue, overlays
//
//   Film error = heat_map(difference, 0, 60);                   // (H, W) values -> RGB, dark 0, bright 60
//   Film signed = heat_map(difference, -60, 60, balance_map);   // blue less, red more
//   Film over = overlay(film, residual, 0, 60);                 // a grey film that glows where values are high
//   Film parts = class_map(labels);                             // a colour for each class
//   Film rgb = component_map(scores, ranges);                   // (H, W, 3): three principal components
//   Film large = enlarge(parts, 16);                            // each pixel a square of 16 x 16
//
// A value that is NaN is drawn in plain mid grey.
#pragma once
#include <afire/data/image.hpp>
#include <afire/picture/colour.hpp>

namespace afire {

// From a value's place between low (0) and high (1) to a colour.
inline constexpr auto glow_map = [](double t) { return glow(t); };
inline constexpr auto balance_map = [](double t) { return balance(2 * t - 1); };
// From 0, black, to 1, white.
inline constexpr auto grey_map = [](double t) {
  auto const v = static_cast<std::uint8_t>(std::lround(255 * std::clamp(t, 0.0, 1.0)));
  return Rgb{v, v, v};
};

// Of a film with three channels.
inline void set_pixel(Film& film, Index y, Index x, Rgb c) {
  std::uint8_t* const p = &film.view()(y, x, 0);
  p[0] = c.r, p[1] = c.g, p[2] = c.b;
}

// 256 shades of a map, so that a pixel costs a look-up.
template <class Map>
std::vector<Rgb> shades(Map map) {
  std::vector<Rgb> all;
  for (int i = 0; i < 256; ++i) all.push_back(map(i / 255.0));
  return all;
}

// The place of a value among 256 shades; values outside low ... high get the ends.
inline std::size_t shade_of(double value, double low, double high) {
  return static_cast<std::size_t>(std::lround(255 * std::clamp((value - low) / (high - low), 0.0, 1.0)));
}

template <class T, class Map = decltype(glow_map)>
Film heat_map(View<T, 2> values,                           // (H, W)
              double low, double high, Map map = glow_map) {
  expects(low < high, "heat map: values from ", low, " to ", high, " are no range");
  auto const colours = shades(map);
  Film film(values.rows(), values.cols(), 3);
  for (Index y = 0; y < film.height; ++y)
    for (Index x = 0; x < film.width; ++x) {
      double const v = static_cast<double>(values(y, x));
      set_pixel(film, y, x, std::isnan(v) ? Rgb{128, 128, 128} : colours[shade_of(v, low, high)]);
    }
  return film;
}

template <class T>
Film overlay(Film const& grey,                             // (H, W)
             View<T, 2> values,                            // (H, W), or smaller by a whole factor: a value per patch
             double low, double high, double strength = 0.85) {
  expects(low < high, "overlay: values from ", low, " to ", high, " are no range");
  expects(values.rows() > 0 && values.cols() > 0 && grey.height % values.rows() == 0 && grey.width % values.cols() == 0,
          "overlay: values of shape ", shape_text(values), " do not divide a film of ", grey.height, " x ", grey.width);
  auto const colours = shades(glow_map);
  auto const from = grey.plane();
  Film film(grey.height, grey.width, 3);
  Index const tall = grey.height / values.rows(), wide_by = grey.width / values.cols();
  for (Index y = 0; y < film.height; ++y)
    for (Index x = 0; x < film.width; ++x) {
      double const v = static_cast<double>(values(y / tall, x / wide_by)), g = from(y, x);
      std::size_t const shade = std::isnan(v) ? 0 : shade_of(v, low, high);
      double const alpha = strength * static_cast<double>(shade) / 255;
      Rgb const c = colours[shade];
      auto const mix = [&](std::uint8_t to) { return static_cast<std::uint8_t>(std::lround((1 - alpha) * g + alpha * to)); };
      set_pixel(film, y, x, {mix(c.r), mix(c.g), mix(c.b)});
    }
  return film;
}

// A negative class is none: dark grey.
template <class T>
Film class_map(View<T, 2> label) {                         // (H, W)
  Film film(label.rows(), label.cols(), 3);
  for (Index y = 0; y < film.height; ++y)
    for (Index x = 0; x < film.width; ++x) {
      Index const k = static_cast<Index>(label(y, x));
      set_pixel(film, y, x, k < 0 ? Rgb{40, 40, 40} : category(k));
    }
  return film;
}

struct ComponentRanges {                   // what becomes 0 and 1 of each colour
  double low[3] = {}, high[3] = {1, 1, 1};
};

// Between the 1st and the 99th percentile of each of three components, over all the tokens that will share a picture's colours.
inline ComponentRanges component_ranges(View<const double, 2> scores) {        // (N, 3 or more)
  expects(scores.cols() >= 3 && scores.rows() > 0, "component ranges: scores of shape ", shape_text(scores), "; it takes three components");
  ComponentRanges r;
  std::vector<double> v(static_cast<std::size_t>(scores.rows()));
  for (Index c = 0; c < 3; ++c) {
    for (Index n = 0; n < scores.rows(); ++n) v[static_cast<std::size_t>(n)] = scores(n, c);
    std::sort(v.begin(), v.end());
    auto const at = [&](double q) { return v[static_cast<std::size_t>(std::lround(q * static_cast<double>(v.size() - 1)))]; };
    r.low[c] = at(0.01), r.high[c] = std::max(at(0.99), r.low[c] + 1e-12);
  }
  return r;
}

inline Film component_map(View<const double, 3> scores,    // (H, W, 3 or more)
                          ComponentRanges const& r) {
  expects(scores.cols() >= 3, "component map: scores of shape ", shape_text(scores), "; it takes three components");
  Film film(scores.extent[0], scores.extent[1], 3);
  for (Index y = 0; y < film.height; ++y)
    for (Index x = 0; x < film.width; ++x)
      for (Index c = 0; c < 3; ++c) film.view()(y, x, c) = static_cast<std::uint8_t>(shade_of(scores(y, x, c), r.low[c], r.high[c]));
  return film;
}

inline Film enlarge(Film const& from, Index factor) {
  Film film(from.height * factor, from.width * factor, from.channels);
  auto const to = film.view();
  for (Index y = 0; y < film.height; ++y)
    for (Index x = 0; x < film.width; ++x)
      for (Index c = 0; c < from.channels; ++c) to(y, x, c) = from.view()(y / factor, x / factor, c);
  return film;
}

}  // namespace afire
