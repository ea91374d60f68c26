// afire/ssl/masking.hpp -- how a film is spoilt before the student sees it, and which patches that concerns
//
//   A masking is called as masking(random, clean, seen, mask, room): it writes `seen`, and `mask` = 0 where nothing was touched.
//   Room is memory a caller keeps from film to film; masking(random, clean, seen, mask) does without.
//
//   SyntheticLesion lesion;   Clean clean;                  // two of them
//   lesion_patches(mask, 16, map, lesion.patch_share);      // map[14 row + col] = 1 where a patch is spoilt
#pragma once
#include <concepts>
#include <cstdint>
#include <cstring>

#include <afire/ssl/lesion.hpp>

namespace afire {

// The student sees the film as it is: every token is normal, and there is nothing to restore.
struct Clean {
  static constexpr float patch_share = 0;
  struct Room {};

  void operator()(Random,
                  View<const std::uint8_t, 2> clean,   // (H, W)
                  View<std::uint8_t, 2> seen,          // (H, W) written
                  View<std::uint8_t, 2> mask,          // (H, W) written: zeros
                  Room&) const {
    expects(same_shape(clean, seen) && same_shape(clean, mask), "clean: the film is ", shape_text(clean), ", seen ",
            shape_text(seen), ", mask ", shape_text(mask), "; they must be of one size");
    std::memcpy(seen.data, clean.data, static_cast<std::size_t>(clean.size()));
    std::memset(mask.data, 0, static_cast<std::size_t>(mask.size()));
  }
  void operator()(Random random, View<const std::uint8_t, 2> clean, View<std::uint8_t, 2> seen, View<std::uint8_t, 2> mask) const {
    Room room;
    (*this)(random, clean, seen, mask, room);
  }
};

// A patch counts as a lesion when more than `share` of its pixels are touched; with 0 a single one will do, as released.
inline void lesion_patches(View<const std::uint8_t, 2> mask,   // (H, W)
                           Index patch,
                           View<std::uint8_t, 1> map,          // (L) written: 0 or 1, row by row
                           float share = 0) {
  expects(patch > 0 && mask.rows() % patch == 0 && mask.cols() % patch == 0 && map.size() * patch * patch == mask.size(),
          "lesion patches: a mask ", shape_text(mask), " in patches of ", patch, " does not give ", map.size(), " patches");
  Index const across = mask.cols() / patch;
  float const least = share * static_cast<float>(patch * patch);
  for (Index j = 0; j < map.size(); ++j) {
    std::uint8_t const* const corner = mask.data + j / across * patch * mask.cols() + j % across * patch;
    int touched = 0;
    for (Index y = 0; y < patch; ++y)
      for (Index x = 0; x < patch; ++x) touched += corner[y * mask.cols() + x] != 0;
    map.data[j] = static_cast<float>(touched) > least;
  }
}

// A masking whose lesions can be planned on the host and painted where the training computes (ssl/lesion_paint.hpp).
template <class M>
concept PlansLesions = requires(M const& m, Random random, View<const std::uint8_t, 2> film, View<Lesion, 1> plan,
                                typename M::Room& room) {
  { m.slots() } -> std::convertible_to<Index>;
  m.plan(random, m.body(film, room), Index{}, Index{}, plan, room);
};

// Lesions of a film that a plan has room for; 0: there are no plans.
template <class M>
Index lesion_slots([[maybe_unused]] M const& masking) {
  if constexpr (PlansLesions<M>) return masking.slots();
  else return 0;
}

}  // namespace afire
