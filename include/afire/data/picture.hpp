// afire/data/picture.hpp -- what a film file holds, and the 8-bit grey film made of it
//
//   grey  = (9798 R + 19235 G + 3735 B + 16384) >> 15                  ITU-R 601 as OpenCV rounds it; equal channels give themselves
//   8-bit = round(255 (v - low) / (high - low)), clamped               of pixels with more than 8 bits; others stay as they are
//
//   Film film = to_film(picture, Range::full);
//
// Transparency, colour profiles, gamma and the orientation that a camera noted are not looked at, as by Pillow's and NumPy's readers.
#pragma once
#include <algorithm>
#include <cmath>
#include <utility>

#include <afire/data/image.hpp>

namespace afire {

// No film needs more pixels; a file that claims to is broken or hostile.
inline constexpr Index most_film_pixels = Index{1} << 28;

struct Picture {                           // a decoded file
  int bits = 8;                             // a pixel lies in 0 ... 2^bits - 1
  Film bytes;                               // (H, W, 1 or 3): the pixels if bits <= 8, else empty
  Image<std::uint16_t> words;               // (H, W, 1 or 3): the pixels if bits > 8, else empty
};

// What becomes 0 and 255 of a film with more than 8 bits.
enum class Range {
  full,             // 0 and 2^bits - 1: what the file could hold (a 16-bit PNG: 65535)
  twelve_bits,      // 0 and 4095: 12-bit films in 16-bit files; a larger pixel is an error
  min_max,          // the film's smallest and largest pixel
  percentiles       // the pixels that 0.5 % and 99.5 % of all do not exceed: a marker or a dead pixel does not darken the film
};

namespace pictures {

// Luma of ITU-R BT.601 for colour, in 15 bits of fraction.
template <class P>
Image<P> grey_of(Image<P> in) {
  if (in.channels == 1) return in;
  Image<P> out(in.height, in.width);
  P const* p = in.pixels.data();
  for (P& g : out.pixels) g = static_cast<P>((9798u * p[0] + 19235u * p[1] + 3735u * p[2] + 16384u) >> 15), p += 3;
  return out;
}

struct Limits {
  Index low, high;
};

// The pixel values that become 0 and 255.
inline Limits limits(Image<std::uint16_t> const& film, int bits, Range range) {
  if (range == Range::full) return {0, (Index{1} << bits) - 1};
  auto const [low, high] = std::minmax_element(film.pixels.begin(), film.pixels.end());
  if (range == Range::min_max) return {*low, *high};
  if (range == Range::twelve_bits) {
    expects(*high <= 4095, "it has a pixel of ", int{*high}, ", more than 12 bits hold; choose another range");
    return {0, 4095};
  }
  std::vector<Index> histogram(65536);
  for (auto const v : film.pixels) ++histogram[v];
  auto const percentile = [&](double share) {
    auto const wanted = static_cast<Index>(std::ceil(share * static_cast<double>(film.size())));
    Index value = 0;
    for (Index seen = histogram[0]; seen < wanted; seen += histogram[static_cast<std::size_t>(value)]) ++value;
    return value;
  };
  return {percentile(0.005), percentile(0.995)};
}

}  // namespace pictures

inline Film to_film(Picture picture, Range range = Range::full) {
  if (picture.bits <= 8) return pictures::grey_of(std::move(picture.bytes));
  auto const words = pictures::grey_of(std::move(picture.words));
  auto const [low, high] = pictures::limits(words, picture.bits, range);
  expects(low < high, "all its pixels are ", low, ", so there is no range to spread over 8 bits");
  std::vector<std::uint8_t> table(65536);
  for (Index v = 0; v < 65536; ++v)
    table[static_cast<std::size_t>(v)] = static_cast<std::uint8_t>((510 * (std::clamp(v, low, high) - low) / (high - low) + 1) / 2);
  Film film(words.height, words.width);
  for (std::size_t i = 0; i < film.pixels.size(); ++i) film.pixels[i] = table[words.pixels[i]];
  return film;
}

}  // namespace afire
