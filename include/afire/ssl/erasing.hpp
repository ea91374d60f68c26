// afire/ssl/erasing.hpp -- a masking that blots out rectangles of a film: grey or noise where a lesion would have been drawn
//
//   area ~ U(smallest, largest) of the film, width / height ~ exp U(-log aspect, log aspect), anywhere inside    (Zhong et al., "Random
//   erasing", 2020; the in-painting of Models Genesis)
//
//   Erasing erase;   erase(Random(seed, Purpose::lesion, epoch, row), clean, seen, mask, room);         // like any of ssl/masking.hpp
//   Erasing{.fewest = 1, .most = 1, .fill = Erased::noise}
//
// What is restored is then anatomy from its surroundings, while a lesion leaves the anatomy visible below it.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include <afire/core/rng.hpp>
#include <afire/core/view.hpp>

namespace afire {

enum class Erased { mean, noise };         // of the rectangle: the film's mean grey; even noise of all greys

struct Erasing {
  int fewest = 1, most = 4;                // rectangles in a film
  double smallest = 0.02, largest = 0.15;  // share of the film's area
  double aspect = 3;                       // of a rectangle: 1 / aspect ... aspect
  Erased fill = Erased::mean;
  float patch_share = 1 / 32.f;            // a patch of which less is erased stays a normal one, as with lesions
  struct Room {};

  void validate() const {
    expects(0 <= fewest && fewest <= most && most <= 1000, "erasing: ", fewest, " to ", most,
            " rectangles; 0 <= fewest <= most <= 1000 is needed");
    expects(0 < smallest && smallest <= largest && largest <= 1 && 1 <= aspect && aspect < 1e6, "erasing: rectangles of ", smallest,
            " to ", largest, " of the film with aspects up to ", aspect, "; 0 < smallest <= largest <= 1 and aspect >= 1 are needed");
    expects_share("erasing: patch_share", static_cast<double>(patch_share));
  }
  void operator()(Random random,
                  View<const std::uint8_t, 2> clean,   // (H, W)
                  View<std::uint8_t, 2> seen,          // (H, W) written
                  View<std::uint8_t, 2> mask,          // (H, W) written: 1 where erased
                  Room&) const {
    (*this)(random, clean, seen, mask);
  }
  void operator()(Random random, View<const std::uint8_t, 2> clean, View<std::uint8_t, 2> seen, View<std::uint8_t, 2> mask) const {
    expects(clean.size() > 0 && same_shape(clean, seen) && same_shape(clean, mask), "erasing: clean is ", shape_text(clean), ", seen ",
            shape_text(seen), ", mask ", shape_text(mask), "; they must be of one size");
    validate();
    std::memcpy(seen.data, clean.data, static_cast<std::size_t>(clean.size()));
    std::memset(mask.data, 0, static_cast<std::size_t>(mask.size()));
    Random const own = random.to(Purpose::masking);
    std::uint8_t const grey = mean_grey(clean);
    Draws draws(own);
    for (int left = draws.between(fewest, most); left > 0; --left) {
      double const area = draws.uniform(smallest, largest) * static_cast<double>(clean.size());
      double const shape = std::exp(draws.uniform(-std::log(aspect), std::log(aspect)));
      Index const w = std::clamp<Index>(std::lrint(std::sqrt(area * shape)), 1, clean.cols());
      Index const h = std::clamp<Index>(std::lrint(std::sqrt(area / shape)), 1, clean.rows());
      Index const top = draws.between(0, static_cast<int>(clean.rows() - h)), beside = draws.between(0, static_cast<int>(clean.cols() - w));
      for (Index y = top; y < top + h; ++y)
        for (Index x = beside; x < beside + w; ++x) {
          auto const at = static_cast<std::uint64_t>(y * clean.cols() + x);            // behind all that is drawn one by one
          seen(y, x) = fill == Erased::mean ? grey : static_cast<std::uint8_t>(own.bits((std::uint64_t{1} << 20) + at) >> 24);
          mask(y, x) = 1;
        }
    }
  }

 private:
  static std::uint8_t mean_grey(View<const std::uint8_t, 2> film) {
    std::int64_t sum = 0;
    for (std::uint8_t const v : film) sum += v;
    return static_cast<std::uint8_t>((sum + film.size() / 2) / film.size());
  }
};

}  // namespace afire
