// afire/ssl/bilinear8.hpp -- 8-bit bilinear resize in whole numbers, byte for byte as OpenCV's INTER_LINEAR
//
//   target d looks at source (d + 0.5) n / m - 0.5 = s + f;   (1 - f, f) in 11 bits: b0, b1; in columns a0, a1
//   R   = in[s] a0 + in[s + 1] a1                                       along a row, 19 bits
//   out = ((b0 (R0 >> 4) >> 16) + (b1 (R1 >> 4) >> 16) + 2) >> 2        down a column, each product shifted on its own
//
//   Bilinear8 resize;   resize(texture, lesion);     // any sizes; keeps its memory from call to call
//
// No smoothing when it shrinks (that is the released behaviour; films for training are resized by data/resize.hpp).
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <afire/core/exact.hpp>
#include <afire/core/view.hpp>

namespace afire {

class Bilinear8 {
 public:
  void operator()(View<const std::uint8_t, 2> in,    // (H, W)
                  View<std::uint8_t, 2> out) {       // (h, w) written
    expects(in.size() > 0 && out.size() > 0, "resize: cannot make ", shape_text(out), " of ", shape_text(in));
    Index const height = in.rows(), width = in.cols(), columns = out.cols();
    taps_.resize(static_cast<std::size_t>(columns));
    for (Index x = 0; x < columns; ++x) {
      Tap t = tap(x, width, columns);
      if (t.at < 0) t = {0, 2048, 0};
      if (t.at >= width - 1) t = {width - 1, 2048, 0};
      taps_[static_cast<std::size_t>(x)] = t;
    }
    upper_.resize(static_cast<std::size_t>(columns)), lower_.resize(static_cast<std::size_t>(columns));
    Index have_upper = -1, have_lower = -1;          // which source rows the two buffers hold
    for (Index y = 0; y < out.rows(); ++y) {
      Tap const t = tap(y, height, out.rows());      // a row outside is replaced by the outermost one, its weight stays
      Index const first = std::clamp<Index>(t.at, 0, height - 1), second = std::clamp<Index>(t.at + 1, 0, height - 1);
      if (first != have_upper && first == have_lower) upper_.swap(lower_), std::swap(have_upper, have_lower);
      if (first != have_upper) along(in.row(first), upper_), have_upper = first;
      if (second != have_lower) along(in.row(second), lower_), have_lower = second;
      std::int16_t const *r0 = upper_.data(), *r1 = lower_.data();
      std::uint8_t* const to = out.data + y * columns;
      int const b0 = t.weight0, b1 = t.weight1;
      for (Index x = 0; x < columns; ++x) to[x] = static_cast<std::uint8_t>(((b0 * r0[x] >> 16) + (b1 * r1[x] >> 16) + 2) >> 2);
    }
  }

 private:
  struct Tap {
    Index at;
    std::int16_t weight0, weight1;
  };

  static Tap tap(Index target, Index from, Index to) {
    double const scale = 1 / (static_cast<double>(to) / static_cast<double>(from));
    float const where = static_cast<float>(rounded((static_cast<double>(target) + 0.5) * scale) - 0.5);
    float const whole = std::floor(where), f = where - whole;
    auto const fixed = [](float weight) { return static_cast<std::int16_t>(std::lrint(weight * 2048)); };      // to even
    return {static_cast<Index>(whole), fixed(1 - f), fixed(f)};
  }

  // One source row at all target columns, already shifted: 255 * 2048 >> 4 fits 15 bits.
  void along(View<const std::uint8_t, 1> row,   // (W)
             std::vector<std::int16_t>& to) const {
    Index const last = row.size() - 1;
    for (std::size_t x = 0; x < taps_.size(); ++x) {
      Tap const t = taps_[x];
      to[x] = static_cast<std::int16_t>((row.data[t.at] * t.weight0 + row.data[std::min(t.at + 1, last)] * t.weight1) >> 4);
    }
  }

  std::vector<Tap> taps_;                    // (w)
  std::vector<std::int16_t> upper_, lower_;  // (w) each
};

}  // namespace afire
