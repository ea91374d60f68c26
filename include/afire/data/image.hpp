// afire/data/image.hpp -- pixels in memory, row by row from the upper left
//
//   Film film(256, 302);                    // height, width: 8-bit grey, zeros
//   Film picture(256, 302, 3);              // red, green, blue
//   film.view()(y, x, 0);                   // (H, W, C)
//   film.plane()(y, x);                     // (H, W), of an image with one channel
#pragma once
#include <cstdint>
#include <vector>

#include <afire/core/view.hpp>

namespace afire {

template <class P>
struct Image {                             // pixels of type P, row by row, channels beside each other
  Index height = 0, width = 0, channels = 1;
  std::vector<P> pixels;                    // (H, W, C)

  Image() = default;
  Image(Index h, Index w, Index c = 1) : height(h), width(w), channels(c), pixels(static_cast<std::size_t>(h * w * c)) {}

  View<P, 3> view() { return View<P, 3>(pixels.data(), height, width, channels); }
  View<const P, 3> view() const { return View<const P, 3>(pixels.data(), height, width, channels); }
  View<P, 2> plane() { return check_grey(), View<P, 2>(pixels.data(), height, width); }
  View<const P, 2> plane() const { return check_grey(), View<const P, 2>(pixels.data(), height, width); }
  Index size() const { return height * width * channels; }
  friend bool operator==(Image const&, Image const&) = default;

 private:
  void check_grey() const { expects(channels == 1, "image: ", channels, " channels where a grey image with one is needed"); }
};

using Film = Image<std::uint8_t>;

}  // namespace afire
