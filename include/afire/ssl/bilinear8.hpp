// afire/ssl/bilinear8.hpp -- 8-bit bilinear resize in whole numbers, byte for byte as OpenCV's INTER_LINEAR
//
//   target d looks at source (d + 0.5) n / m - 0.5 = s + f;   (1 - f, f) in 11 bits: b0, b1; in columns a0, a1
//   R   = in[s] a0 + in[s + 1] a1                                       along a row, 19 bits
//   out = ((b0 (R0 >> 4) >> 16) + (b1 (R1 >> 4) >> 16) + 2) >> 2        down a column, each product shifted on its own
//
//   Bilinear8 resize;   resize(texture, lesion);     // any sizes; keeps its memory from call to call
//   resized8(in, W, tap_across(x, W, w), tap_down(y, H, h))             // one pixel of it, on any machine
//
// No smoothing when it shrinks (that is the released behaviour; films for training are resized by data/resize.hpp).
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include <afire/core/exact.hpp>
#include <afire/core/view.hpp>

namespace afire {

struct Tap8 {                              // what one target reads along an axis
  std::int32_t first, second;              // places of the source
  std::int16_t weight0, weight1;           // in 11 bits
};

namespace bilinear8 {

// The whole number nearest to x >= 0, of two the even one.
AFIRE_HD inline std::int16_t nearest(float x) {
  float const magic = 12582912.0f;                       // 1.5 * 2^23: adding it leaves no bits behind the point
  return static_cast<std::int16_t>((x + magic) - magic);
}

// Places that may lie outside.
AFIRE_HD inline Tap8 unlimited(Index target, Index from, Index to) {
  double const scale = 1 / (static_cast<double>(to) / static_cast<double>(from));
  float const where = static_cast<float>(rounded_product(static_cast<double>(target) + 0.5, scale) - 0.5);
  auto const cut = static_cast<std::int32_t>(where);
  std::int32_t const whole = cut - (where < static_cast<float>(cut));
  float const f = where - static_cast<float>(whole);
  return {whole, whole + 1, nearest((1 - f) * 2048), nearest(f * 2048)};
}

// The outermost one in place of a place outside.
AFIRE_HD inline std::int32_t within(std::int32_t place, Index from) {
  return place < 0 ? 0 : place < from ? place : static_cast<std::int32_t>(from - 1);
}

// Two neighbours of a row, already shifted: 255 * 2048 >> 4 fits 15 bits.
AFIRE_HD inline int along(Tap8 t, int first, int second) { return (first * t.weight0 + second * t.weight1) >> 4; }
// Two rows of such.
AFIRE_HD inline int down(int b0, int b1, int r0, int r1) { return ((b0 * r0 >> 16) + (b1 * r1 >> 16) + 2) >> 2; }

}  // namespace bilinear8

// Along a row the outermost pixel counts alone beyond the ends.
AFIRE_HD inline Tap8 tap_across(Index target, Index from, Index to) {
  Tap8 const t = bilinear8::unlimited(target, from, to);
  if (0 <= t.first && t.first < from - 1) return t;
  std::int32_t const end = bilinear8::within(t.first, from);
  return {end, end, 2048, 0};
}
// Down a column it takes the place of those outside, and weights stay.
AFIRE_HD inline Tap8 tap_down(Index target, Index from, Index to) {
  Tap8 const t = bilinear8::unlimited(target, from, to);
  return {bilinear8::within(t.first, from), bilinear8::within(t.second, from), t.weight0, t.weight1};
}

// One pixel of the resized image; in: rows of so many columns.
AFIRE_HD inline int resized8(std::uint8_t const* in, Index columns, Tap8 across, Tap8 down) {
  std::uint8_t const *const upper = in + down.first * columns, *const lower = in + down.second * columns;
  return bilinear8::down(down.weight0, down.weight1, bilinear8::along(across, upper[across.first], upper[across.second]),
                         bilinear8::along(across, lower[across.first], lower[across.second]));
}

class Bilinear8 {
 public:
  void operator()(View<const std::uint8_t, 2> in,    // (H, W)
                  View<std::uint8_t, 2> out) {       // (h, w) written
    expects(in.size() > 0 && out.size() > 0, "resize: cannot make ", shape_text(out), " of ", shape_text(in));
    Index const height = in.rows(), width = in.cols(), columns = out.cols();
    taps_.resize(static_cast<std::size_t>(columns));
    for (Index x = 0; x < columns; ++x) taps_[static_cast<std::size_t>(x)] = tap_across(x, width, columns);
    upper_.resize(static_cast<std::size_t>(columns)), lower_.resize(static_cast<std::size_t>(columns));
    Index have_upper = -1, have_lower = -1;          // which source rows the two buffers hold
    for (Index y = 0; y < out.rows(); ++y) {
      Tap8 const t = tap_down(y, height, out.rows());
      if (t.first != have_upper && t.first == have_lower) upper_.swap(lower_), std::swap(have_upper, have_lower);
      if (t.first != have_upper) along(in.row(t.first), upper_), have_upper = t.first;
      if (t.second != have_lower) along(in.row(t.second), lower_), have_lower = t.second;
      std::int16_t const *r0 = upper_.data(), *r1 = lower_.data();
      std::uint8_t* const to = out.data + y * columns;
      int const b0 = t.weight0, b1 = t.weight1;
      for (Index x = 0; x < columns; ++x) to[x] = static_cast<std::uint8_t>(bilinear8::down(b0, b1, r0[x], r1[x]));
    }
  }

 private:
  // One source row at all target columns.
  void along(View<const std::uint8_t, 1> row,   // (W)
             std::vector<std::int16_t>& to) const {
    for (std::size_t x = 0; x < taps_.size(); ++x) {
      Tap8 const t = taps_[x];
      to[x] = static_cast<std::int16_t>(bilinear8::along(t, row.data[t.first], row.data[t.second]));
    }
  }

  std::vector<Tap8> taps_;                   // (w)
  std::vector<std::int16_t> upper_, lower_;  // (w) each
};

}  // namespace afire
