// afire/data/resize.hpp -- images of another size, byte for byte as Pillow makes them: shrinking averages, so nothing aliases
//
//   For an axis of n -> m pixels:   scale = n / m,   s = max(scale, 1),   output o looks at c = (o + 1/2) scale
//   weight of input i = F((i + 1/2 - c) / s), for |i + 1/2 - c| < S s, divided by the sum of the weights of this output
//   bilinear: F(x) = 1 - |x|, S = 1;     bicubic: Keys' cubic with a = -1/2, S = 2;     lanczos: sinc(x) sinc(x / 3), S = 3
//
//   8-bit:   out = (2^21 + sum p k) >> 22, clamped; k: the weights in units of 2^-22
//   16-bit:  sums in double, rounded half away from zero, clamped;      float: sums in double
//
//   Film small = resize(film, 224, 224);
//   Resizer<std::uint8_t> resizer(Filter::lanczos);  resizer(in, out);      // keeps weights and memory from call to call
//
// First along the rows, then down the columns; between the two passes the image has its own type. A pass that changes no size is left out.
#pragma once
#include <algorithm>
#include <cmath>
#include <type_traits>

#include <afire/core/exact.hpp>
#include <afire/data/image.hpp>

namespace afire {

enum class Filter { bilinear, bicubic, lanczos };

// Pillow up to 12 takes the rows first; Pillow 13 the columns of an image that loses more than twice as many rows as columns.
enum class PassOrder { rows_first, pillow_13 };

// Half the filter's width, in source pixels where nothing shrinks.
inline double filter_support(Filter filter) { return filter == Filter::bilinear ? 1 : filter == Filter::bicubic ? 2 : 3; }

// The filter at x: a triangle, Keys' cubic with a = -1/2, Lanczos' window of three lobes.
inline double filter_value(Filter filter, double x) {
  auto const sinc = [](double t) {
    t = rounded(t * 3.14159265358979323846);
    return t == 0 ? 1 : std::sin(t) / t;
  };
  double const a = std::fabs(x);
  switch (filter) {
    case Filter::bilinear: return a < 1 ? 1 - a : 0;
    case Filter::bicubic:
      if (a < 1) return rounded(rounded((rounded(1.5 * a) - 2.5) * a) * a) + 1;
      return a < 2 ? rounded((rounded((rounded((a - 5) * a) + 8) * a) - 4) * -0.5) : 0;
    case Filter::lanczos: return -3 <= x && x < 3 ? rounded(sinc(x) * sinc(x / 3)) : 0;
  }
  return 0;
}

// The weights of one axis. An output has `count` inputs from `first` on; the row of weights is filled up with zeros.
struct AxisWeights {
  Index from = 0, to = 0, taps = 0;
  std::vector<Index> first, count;          // (to)
  std::vector<double> weight;               // (to, taps)
  std::vector<std::int32_t> fixed;          // (to, taps), times 2^22; first + taps <= from

  AxisWeights() = default;
  AxisWeights(Filter filter, Index n, Index m) { make(filter, n, m); }

  // Memory is kept.
  void make(Filter filter, Index n, Index m) {
    from = n, to = m, taps = 0;
    first.resize(static_cast<std::size_t>(m)), count.resize(first.size());
    double const scale = static_cast<double>(n) / static_cast<double>(m), stretch = std::max(scale, 1.0), shrink = 1 / stretch;
    double const reach = rounded(filter_support(filter) * stretch);
    auto const centre = [&](Index o) { return rounded((static_cast<double>(o) + 0.5) * scale); };
    for (std::size_t o = 0; o < first.size(); ++o) {
      double const c = centre(static_cast<Index>(o));
      first[o] = std::max<Index>(static_cast<Index>(c - reach + 0.5), 0);
      count[o] = std::min<Index>(static_cast<Index>(c + reach + 0.5), n) - first[o];
      taps = std::max(taps, count[o]);
    }
    weight.assign(first.size() * static_cast<std::size_t>(taps), 0), fixed.assign(weight.size(), 0);
    for (std::size_t o = 0; o < first.size(); ++o) {
      double const c = centre(static_cast<Index>(o));
      double* const w = weight.data() + o * static_cast<std::size_t>(taps);
      double sum = 0;
      for (Index t = 0; t < count[o]; ++t) {
        w[t] = filter_value(filter, (static_cast<double>(t + first[o]) - c + 0.5) * shrink);
        sum += w[t];
      }
      Index const shift = std::max<Index>(first[o] + taps - n, 0);          // so that reading `taps` inputs stays inside
      std::int32_t* const k = fixed.data() + o * static_cast<std::size_t>(taps) + shift;
      for (Index t = 0; t < count[o]; ++t) {
        if (sum != 0) w[t] /= sum;
        k[t] = static_cast<std::int32_t>(w[t] * 0x1p22 + (w[t] < 0 ? -0.5 : 0.5));
      }
    }
  }

  Index padded_first(Index o) const { return std::min(first[static_cast<std::size_t>(o)], from - taps); }
};

namespace resizing {

// A sum of weights in 22 bits of fraction times pixels, as a grey level.
inline std::uint8_t byte_of(std::int32_t sum) { return static_cast<std::uint8_t>(std::clamp(sum >> 22, 0, 255)); }

// Output o of an axis, of the inputs in(i).
template <class P, class In>
P exact_pixel(AxisWeights const& axis, Index o, In in) {
  auto const at = static_cast<std::size_t>(o);
  double const* const w = axis.weight.data() + o * axis.taps;
  double sum = 0;
  for (Index t = 0; t < axis.count[at]; ++t) sum += rounded(in(axis.first[at] + t) * w[t]);
  if constexpr (std::is_floating_point_v<P>) return static_cast<P>(sum);
  else return static_cast<P>(std::clamp(std::trunc(sum + (sum < 0 ? -0.5 : 0.5)), 0.0, 65535.0));
}

// Two rows at once: their sums lie in the halves of one 64-bit number, from which the signed lower one is taken off to read the upper one.
// The number of taps is known to the compiler where it is small: 256 -> 224 needs three.
template <int Taps>
void along_bytes(View<const std::uint8_t, 2> in, View<std::uint8_t, 2> out, AxisWeights const& axis) {
  Index const W = in.cols(), taps = Taps > 0 ? Taps : axis.taps;
  std::vector<std::uint64_t> pair(static_cast<std::size_t>(W));
  for (Index y = 0; y < in.rows(); y += 2) {
    Index const y1 = std::min(y + 1, in.rows() - 1);          // the last of an odd number of rows is done twice
    std::uint8_t const *const row0 = in.data + y * W, *const row1 = in.data + y1 * W;
    for (Index x = 0; x < W; ++x) pair[static_cast<std::size_t>(x)] = row0[x] | static_cast<std::uint64_t>(row1[x]) << 32;
    std::uint8_t *const to0 = out.data + y * out.cols(), *const to1 = out.data + y1 * out.cols();
    std::int32_t const* k = axis.fixed.data();
    for (Index x = 0; x < out.cols(); ++x, k += taps) {
      std::uint64_t const* const p = pair.data() + axis.padded_first(x);
      std::uint64_t sum = (std::uint64_t{1} << 21) * 0x100000001u;
      for (Index t = 0; t < taps; ++t) sum += p[t] * static_cast<std::uint64_t>(std::int64_t{k[t]});
      auto const lower = static_cast<std::int32_t>(sum);
      to0[x] = byte_of(lower);
      to1[x] = byte_of(static_cast<std::int32_t>((sum - static_cast<std::uint64_t>(std::int64_t{lower})) >> 32));
    }
  }
}

template <class P>
void along(View<const P, 2> in,            // (H, W)
           View<P, 2> out,                 // (H, w)
           AxisWeights const& axis) {
  if constexpr (std::is_same_v<P, std::uint8_t>) {
    switch (axis.taps) {
      case 2: return along_bytes<2>(in, out, axis);
      case 3: return along_bytes<3>(in, out, axis);
      case 4: return along_bytes<4>(in, out, axis);
      case 5: return along_bytes<5>(in, out, axis);
      default: return along_bytes<0>(in, out, axis);
    }
  } else {
    for (Index y = 0; y < in.rows(); ++y)
      for (Index x = 0; x < out.cols(); ++x) out(y, x) = exact_pixel<P>(axis, x, [&](Index i) { return in(y, i); });
  }
}

// `Width` columns side by side fill vector registers.
template <Index Width>
void down_bytes(std::uint8_t const* in, Index stride, std::int32_t const* k, Index taps, std::uint8_t* out) {
  std::int32_t sum[Width];
  for (Index x = 0; x < Width; ++x) sum[x] = 1 << 21;
  for (Index t = 0; t < taps; ++t)
    for (Index x = 0; x < Width; ++x) sum[x] += in[t * stride + x] * k[t];
  for (Index x = 0; x < Width; ++x) out[x] = byte_of(sum[x]);
}

template <class P>
void down(View<const P, 2> in,             // (H, w)
          View<P, 2> out,                  // (h, w)
          AxisWeights const& axis) {
  Index const w = out.cols();
  for (Index y = 0; y < out.rows(); ++y) {
    if constexpr (std::is_same_v<P, std::uint8_t>) {
      std::uint8_t const* const from = in.data + axis.padded_first(y) * w;
      std::int32_t const* const k = axis.fixed.data() + y * axis.taps;
      Index x = 0;
      for (; x + 32 <= w; x += 32) down_bytes<32>(from + x, w, k, axis.taps, out.data + y * w + x);
      for (; x < w; ++x) down_bytes<1>(from + x, w, k, axis.taps, out.data + y * w + x);
    } else {
      for (Index x = 0; x < w; ++x) out(y, x) = exact_pixel<P>(axis, y, [&](Index i) { return in(i, x); });
    }
  }
}

}  // namespace resizing

template <class P>
class Resizer {
 public:
  explicit Resizer(Filter filter = Filter::bilinear, PassOrder order = PassOrder::rows_first) : filter_(filter), order_(order) {}

  void operator()(View<const P, 2> in,     // (H, W)
                  View<P, 2> out) {        // (h, w) written
    expects(in.size() > 0 && out.size() > 0, "resize: cannot make ", shape_text(out), " of ", shape_text(in));
    Index const H = in.rows(), W = in.cols(), h = out.rows(), w = out.cols();
    if (across_.from != W || across_.to != w) across_.make(filter_, W, w);
    if (down_.from != H || down_.to != h) down_.make(filter_, H, h);
    if (H == h && W == w) std::copy(in.begin(), in.end(), out.begin());
    else if (H == h) resizing::along(in, out, across_);
    else if (W == w) resizing::down(in, out, down_);
    else if (order_ == PassOrder::pillow_13 && H > h && H - h > 2 * (W - w)) {
      View<P, 2> const between = room(h, W);
      resizing::down(in, between, down_), resizing::along<P>(between, out, across_);
    } else {
      View<P, 2> const between = room(H, w);
      resizing::along(in, between, across_), resizing::down<P>(between, out, down_);
    }
  }

 private:
  View<P, 2> room(Index h, Index w) {
    between_.resize(static_cast<std::size_t>(h * w));
    return View<P, 2>(between_.data(), h, w);
  }

  Filter filter_;
  PassOrder order_;
  AxisWeights across_, down_;
  std::vector<P> between_;
};

template <class P>
Image<P> resize(Image<P> const& in, Index height, Index width, Filter filter = Filter::bilinear, PassOrder order = PassOrder::rows_first) {
  Image<P> out(height, width);
  Resizer<P>{filter, order}(in.plane(), out.plane());
  return out;
}

}  // namespace afire
