// afire/data/centre_crop.hpp -- a film's middle at a size, as torchvision's Resize and CenterCrop take it, byte for byte
//
//   short side s, long side trunc(s long / short); a film whose short side is s stays as it is
//   of the k x k pixels in the middle, top = (h - k) / 2 and left = (w - k) / 2, halves to the even number
//
//   Film middle = centre_crop(resize_short(film, 256), 224);        // on which classifiers of other projects were judged
//
// Where the whole film counts, resize it (data/resize.hpp): what lies beyond the middle of a chest film is not background.
#pragma once
#include <cmath>

#include <afire/data/resize.hpp>

namespace afire {

// The short side at `side` pixels, the long one in proportion.
template <class P>
Image<P> resize_short(Image<P> const& film, Index side, Filter filter = Filter::bilinear, PassOrder order = PassOrder::rows_first) {
  expects(side > 0 && film.height > 0 && film.width > 0, "resize: a short side of ", side, " pixels of a film of ", film.height, " x ",
          film.width, "; each must be at least 1");
  bool const tall = film.height > film.width;
  Index const least = tall ? film.width : film.height, most = tall ? film.height : film.width, length = side * most / least;
  return resize(film, tall ? length : side, tall ? side : length, filter, order);
}

// The square of `side` pixels in the middle.
template <class P>
Image<P> centre_crop(Image<P> const& film, Index side) {
  expects(0 < side && side <= film.height && side <= film.width, "centre crop: ", side, " x ", side, " pixels of a film of ", film.height,
          " x ", film.width, "; the film must not be smaller");
  auto const middle = [&](Index length) { return static_cast<Index>(std::nearbyint(static_cast<double>(length - side) / 2)); };
  Index const top = middle(film.height), left = middle(film.width);
  Image<P> out(side, side);
  for (Index y = 0; y < side; ++y)
    for (Index x = 0; x < side; ++x) out.plane()(y, x) = film.plane()(top + y, left + x);
  return out;
}

}  // namespace afire
