// afire/picture/colour.hpp -- colours whose brightness means something: scales for values, and many colours for classes
//
//   glow(t)        black - violet - orange - pale yellow, lightness rising evenly with t in 0 ... 1
//   balance(t)     blue - near white - red, t in -1 ... 1: differences
//   category(k)    colours for any number of classes: neighbours in k lie far apart in hue
//
//   Rgb c = glow(0.7);             // 8 bits each
//
// Mixed in OKLCH (lightness, chroma, hue; B. Ottosson 2020), in which equal steps look equal, then turned into sRGB.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

#include <afire/core/config.hpp>

namespace afire {

struct Rgb {
  std::uint8_t r = 0, g = 0, b = 0;
  friend bool operator==(Rgb, Rgb) = default;
};

// lightness 0 ... 1, chroma 0 ... 0.4, hue in degrees. What sRGB cannot show loses chroma, not lightness or hue.
inline Rgb oklch(double lightness, double chroma, double hue) {
  double const angle = hue * 3.14159265358979324 / 180;
  for (double c = chroma;; c -= 0.004) {
    double const a = std::max(0.0, c) * std::cos(angle), b = std::max(0.0, c) * std::sin(angle);
    double const l = std::pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
    double const m = std::pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
    double const s = std::pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
    double const linear[] = {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
                             -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
                             -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
    bool const fits = *std::min_element(linear, linear + 3) >= -1e-3 && *std::max_element(linear, linear + 3) <= 1 + 1e-3;
    if (!fits && c > 0) continue;
    std::uint8_t byte[3];
    for (int i = 0; i < 3; ++i) {
      double const x = std::clamp(linear[i], 0.0, 1.0);
      double const encoded = x <= 0.0031308 ? 12.92 * x : 1.055 * std::pow(x, 1 / 2.4) - 0.055;
      byte[i] = static_cast<std::uint8_t>(std::lround(255 * encoded));
    }
    return {byte[0], byte[1], byte[2]};
  }
}

inline Rgb glow(double t) {
  t = std::clamp(t, 0.0, 1.0);
  return oklch(0.12 + 0.84 * t, 0.03 + 0.62 * t * (1 - t) * (1 - 0.25 * t), 292 + 168 * t);           // hue: violet, red, yellow
}

inline Rgb balance(double t) {
  t = std::clamp(t, -1.0, 1.0);
  double const size = std::fabs(t);
  return oklch(0.97 - 0.52 * size, 0.19 * std::pow(size, 0.85), t < 0 ? 252 : 27);
}

inline Rgb category(Index k) {
  double const turns = 0.61803398874989485 * static_cast<double>(k);          // the golden ratio never comes back to an old hue
  double const lightness[] = {0.72, 0.58, 0.84};
  return oklch(lightness[k % 3], 0.135, 360 * (turns - std::floor(turns)) + 20);
}

}  // namespace afire
