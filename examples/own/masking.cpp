// Your own masking: a film that was exposed too briefly, grainy in one half. Nothing else of the library has to know of it.
//
// prints:
//   8 of 16 patches are grainy in every film: true
//   the other half is as it was: true
//   the same film in the same epoch gets the same grains: true
#include <algorithm>
#include <cstdio>

#include <afire/data/loader.hpp>
#include <afire/data/phantom.hpp>

using namespace afire;

// [masking]
struct Grain {
  static constexpr float patch_share = 0.25f;            // a patch of which more is touched counts as spoilt
  struct Room {};                                        // memory that a thread keeps from film to film: none
  int strength = 60;                                     // grey levels

  void operator()(Random random,
                  View<const std::uint8_t, 2> clean,     // (S, S)
                  View<std::uint8_t, 2> seen,            // (S, S), written
                  View<std::uint8_t, 2> mask,            // (S, S), written: 0 where nothing was touched
                  Room&) const {
    Index const half = clean.cols() / 2;
    bool const left = random.bits(0) % 2 == 0;
    for (Index y = 0; y < clean.rows(); ++y)
      for (Index x = 0; x < clean.cols(); ++x) {
        auto const at = static_cast<std::uint64_t>(1 + y * clean.cols() + x);
        int const grain = left == (x < half) ? static_cast<int>(static_cast<float>(strength) * (random.uniform(at) - 0.5f)) : 0;
        seen(y, x) = static_cast<std::uint8_t>(std::clamp(clean(y, x) + grain, 0, 255));
        mask(y, x) = seen(y, x) != clean(y, x);
      }
  }
};
// [/masking]

int main() {
  PhantomFilms const films{.count = 12, .seed = 1};
  Loader loader(films, Grain{}, LoaderOptions{.batch = 12, .side = 32, .patch = 8});
  Batch const& batch = loader.next();
  bool half = true, untouched = true;
  for (Index b = 0; b < 12; ++b) {
    auto const map = batch.lesion.view().row(b);
    half = half && std::count(map.begin(), map.end(), 1) == 8;
    for (Index i = 0; i < 32 * 32; ++i) {
      auto const at = [&](auto const& x) { return x.view().row(b).data[i]; };
      untouched = untouched && (at(batch.mask) || at(batch.seen) == at(batch.clean));
    }
  }
  std::printf("8 of 16 patches are grainy in every film: %s\n", half ? "true" : "false");
  std::printf("the other half is as it was: %s\n", untouched ? "true" : "false");
  std::vector<std::uint8_t> const before(batch.seen.begin(), batch.seen.end());
  loader.seek(0, 0);
  Batch const& again = loader.next();
  bool const same = std::equal(before.begin(), before.end(), again.seen.begin());
  std::printf("the same film in the same epoch gets the same grains: %s\n", same ? "true" : "false");
}
