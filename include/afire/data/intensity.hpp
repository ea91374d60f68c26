// afire/data/intensity.hpp -- a film as another machine would have shown it: gamma, contrast, brightness, blur, noise; nothing moves
//
//   v -> 255 (v / 255)^g,        g = exp U(-gamma, gamma)
//     -> mean + c (v - mean),    c = 1 + U(-contrast, contrast), mean the film's            one table of 256 numbers for all three
//     -> v + 255 U(-brightness, brightness)
//   then in a share of the films a Gaussian blur of U(least_blur, most_blur) pixels, in a share noise of U(0, most_noise) grey levels
//
//   Intensity intensity;   intensity(draws, film, room);          // in place
//   no_intensity                                                  // the film as it is
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include <afire/core/rng.hpp>
#include <afire/core/view.hpp>

namespace afire {

struct IntensityRoom {                     // memory kept from film to film
  std::vector<std::uint8_t> padded, between;
};

namespace intensities {

// Weights of a Gaussian that add up to 256, so that a sum of bytes fits 16 bits: w[0] in the middle, w[i] on both sides.
struct Kernel {
  std::array<std::uint16_t, 16> w{};
  Index reach = 0;

  explicit Kernel(double deviation) {
    std::array<double, 16> g{};
    double sum = 0;
    for (std::size_t i = 0; i < g.size(); ++i) {
      g[i] = std::exp(-0.5 * static_cast<double>(i * i) / (deviation * deviation));
      sum += i == 0 ? g[i] : 2 * g[i];
    }
    int left = 256;
    for (std::size_t i = g.size() - 1; i > 0; --i) {
      w[i] = static_cast<std::uint16_t>(std::lrint(256 * g[i] / sum));
      left -= 2 * w[i];
      if (w[i] > 0 && reach == 0) reach = static_cast<Index>(i);
    }
    w[0] = static_cast<std::uint16_t>(left);
  }
};

// out[x] = sum_i w[|i|] in[x + i stride], for `Width` neighbours at once: they fill vector registers.
template <Index Width>
void weigh(std::uint8_t const* in, Index stride, Kernel const& k, std::uint8_t* out) {
  std::uint16_t sum[Width];
  for (Index x = 0; x < Width; ++x) sum[x] = static_cast<std::uint16_t>(128 + in[x] * k.w[0]);
  for (Index i = 1; i <= k.reach; ++i) {
    std::uint8_t const *const before = in - i * stride, *const after = in + i * stride;
    std::uint16_t const w = k.w[static_cast<std::size_t>(i)];
    for (Index x = 0; x < Width; ++x) sum[x] = static_cast<std::uint16_t>(sum[x] + (before[x] + after[x]) * w);
  }
  for (Index x = 0; x < Width; ++x) out[x] = static_cast<std::uint8_t>(sum[x] >> 8);
}

// A symmetric kernel along a row or, by the stride, a column: out(x) = sum over i of w(abs i) in(x + i stride) / 256, x of 0 ... n - 1.
inline void weigh_row(std::uint8_t const* in, Index stride, Index n, Kernel const& k, std::uint8_t* out) {
  Index x = 0;
  for (; x + 32 <= n; x += 32) weigh<32>(in + x, stride, k, out + x);
  for (; x < n; ++x) weigh<1>(in + x, stride, k, out + x);
}

}  // namespace intensities

// A Gaussian blur in place; beyond the border lies the outermost pixel. Deviations up to 5 pixels.
inline void blur(View<std::uint8_t, 2> film, double deviation, IntensityRoom& room) {       // (H, W)
  expects(0 < deviation && deviation <= 5, "blur: a deviation of ", deviation, " pixels; it must lie in 0 ... 5");
  intensities::Kernel const k(deviation);
  Index const H = film.rows(), W = film.cols(), r = k.reach;
  room.padded.resize(static_cast<std::size_t>(W + 2 * r)), room.between.resize(static_cast<std::size_t>((H + 2 * r) * W));
  std::uint8_t *const row = room.padded.data() + r, *const top = room.between.data() + r * W;
  for (Index y = 0; y < H; ++y) {
    std::uint8_t const* const from = film.data + y * W;
    std::copy_n(from, W, row), std::fill_n(row - r, r, from[0]), std::fill_n(row + W, r, from[W - 1]);
    intensities::weigh_row(row, 1, W, k, top + y * W);
  }
  for (Index i = 1; i <= r; ++i) std::copy_n(top, W, top - i * W), std::copy_n(top + (H - 1) * W, W, top + (H - 1 + i) * W);
  for (Index y = 0; y < H; ++y) intensities::weigh_row(top + y * W, W, W, k, film.data + y * W);
}

// Noise of this deviation from the blocks `first` and following of `random`: the sum of four bytes is nearly normal.
inline void add_noise(View<std::uint8_t, 2> film, double deviation, Random random, std::uint32_t first) {        // (H, W)
  auto const scale = static_cast<std::int32_t>(std::lrint(deviation / std::sqrt(4 * 65535 / 12.0) * 65536));
  for (Index i = 0; i < film.size(); i += 4) {
    Random::Block const block = random.block(first + static_cast<std::uint32_t>(i / 4));
    for (Index j = i; j < std::min(i + 4, film.size()); ++j) {
      std::uint32_t const w = block.word[j - i];
      auto const sum = static_cast<std::int32_t>((w & 255) + (w >> 8 & 255) + (w >> 16 & 255) + (w >> 24)) - 510;
      film.data[j] = static_cast<std::uint8_t>(std::clamp(film.data[j] + ((sum * scale + 32768) >> 16), 0, 255));
    }
  }
}

struct Intensity {
  double gamma = 0.25, contrast = 0.25, brightness = 0.1;
  double blur_share = 0.3, least_blur = 0.3, most_blur = 1.5;          // pixels
  double noise_share = 0.3, most_noise = 6;                            // grey levels

  void validate() const {
    expects(0 <= gamma && gamma <= 5, "intensity: gamma is ", gamma, "; it must lie in 0 ... 5");
    expects_share("intensity: contrast", contrast), expects_share("intensity: brightness", brightness);
    expects_share("intensity: blur_share", blur_share), expects_share("intensity: noise_share", noise_share);
    expects(0 < least_blur && least_blur <= most_blur && most_blur <= 5, "intensity: a blur of ", least_blur, " to ", most_blur,
            " pixels; 0 < least_blur <= most_blur <= 5 is needed");
    expects(0 <= most_noise && most_noise <= 255, "intensity: noise to ", most_noise, " grey levels; it must lie in 0 ... 255");
  }
  void operator()(Draws& draws, View<std::uint8_t, 2> film,            // (H, W), changed
                  IntensityRoom& room) const {
    double const g = std::exp(draws.uniform(-gamma, gamma)), c = 1 + draws.uniform(-contrast, contrast);
    double const b = 255 * draws.uniform(-brightness, brightness);
    if (gamma > 0 || contrast > 0 || brightness > 0) table(film, g, c, b);
    if (blur_share > 0 && draws.uniform() < blur_share) blur(film, draws.uniform(least_blur, most_blur), room);
    if (noise_share > 0 && draws.uniform() < noise_share) {
      double const deviation = draws.uniform(0, most_noise);
      add_noise(film, deviation, draws.random, 1u << 20);              // far behind all that is drawn one by one
    }
  }

 private:
  static void table(View<std::uint8_t, 2> film, double g, double c, double b) {
    std::array<Index, 256> times{};
    for (std::uint8_t const v : film) ++times[v];
    std::array<double, 256> curve;
    double mean = 0;
    for (std::size_t v = 0; v < 256; ++v) {
      curve[v] = 255 * std::pow(static_cast<double>(v) / 255, g);
      mean += curve[v] * static_cast<double>(times[v]) / static_cast<double>(film.size());
    }
    std::array<std::uint8_t, 256> to;
    for (std::size_t v = 0; v < 256; ++v)
      to[v] = static_cast<std::uint8_t>(std::clamp(std::lrint(mean + c * (curve[v] - mean) + b), 0l, 255l));
    for (std::uint8_t& v : film) v = to[v];
  }
};

inline constexpr Intensity no_intensity{.gamma = 0, .contrast = 0, .brightness = 0, .blur_share = 0, .noise_share = 0};

}  // namespace afire
