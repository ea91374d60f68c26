// Your own masking: a film that was exposed too briefly, grainy in one half. Nothing else of the library has to know of it.
//
// prints:
//   8 of 16 patches are grainy in every film: true
//   the same film in the same epoch gets the same grains: true
//   the gradient of a method with them agrees with differences to 1e-7: true
#include <algorithm>
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/data/phantom.hpp>
#include <afire/nn/linear_decoder.hpp>
#include <afire/ssl/restoration.hpp>

#include "gradient.hpp"

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
  bool half = true;
  for (auto film : {batch.lesion.view().row(0), batch.lesion.view().row(11)}) half = half && std::count(film.begin(), film.end(), 1) == 8;
  std::printf("8 of 16 patches are grainy in every film: %s\n", half ? "true" : "false");
  std::vector<std::uint8_t> const before(batch.seen.begin(), batch.seen.end());
  loader.seek(0, 0);
  Batch const& again = loader.next();
  bool const same = std::equal(before.begin(), before.end(), again.seen.begin());
  std::printf("the same film in the same epoch gets the same grains: %s\n", same ? "true" : "false");
  Reference cpu{.threads = 1};
  Trainer trainer{cpu, Compute<double>{}, four_patches, NoHead{}, LinearDecoder{}, Grain{}, NoTeacher{}, Restoration<Lesions>{}, AdamW{},
                  TrainOptions{.batch = 2}};
  std::printf("the gradient of a method with them agrees with differences to 1e-7: %s\n", gradient_agrees(cpu, trainer, 1e-7).c_str());
}
