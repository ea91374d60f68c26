// afire/data/body_circles.hpp -- the circle round the body of each film, kept from epoch to epoch: it depends on the film alone
//
//   BodyCircles circles(films);
//   Circle const body = circles.of(row, film, [&] { return lesion.body(film, room); });       // any number of threads at once
//
// A film is recognised by 64 bits that stand for its pixels, a fifth of the work of finding its circle: where a row has become another
// film, the circle is found anew.
#pragma once
#include <mutex>
#include <vector>

#include <afire/data/hash.hpp>
#include <afire/ssl/circle.hpp>

namespace afire {

class BodyCircles {
 public:
  explicit BodyCircles(Index rows) : known_(static_cast<std::size_t>(rows)) {}

  template <class Find>
  Circle of(Index row,
            View<const std::uint8_t, 2> film,   // (H, W)
            Find find) const {
    Hash64 hash;
    hash.add(film);
    std::uint64_t const key = hash.value() | 1;            // never 0, which stands for no film
    Known& known = known_[static_cast<std::size_t>(row)];
    {
      std::lock_guard const lock(mutex_);
      if (known.film == key) return known.body;
    }
    Circle const body = find();
    std::lock_guard const lock(mutex_);
    known = {key, body};
    return body;
  }

 private:
  struct Known {
    std::uint64_t film = 0;
    Circle body = {};
  };
  mutable std::vector<Known> known_;         // by row
  mutable std::mutex mutex_;
};

}  // namespace afire
