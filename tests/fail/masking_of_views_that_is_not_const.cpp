// expect: afire: count, teacher_count and view of this Masking must be const
#include <afire/data/views.hpp>

#include "../support/composed.hpp"
using namespace afire;

struct Mine : TwoCrops {
#ifdef AFIRE_WRONG
  Crop view(Random, Index, View<const std::uint8_t, 2>, View<std::uint8_t, 2>, View<std::uint8_t, 2>, View<std::uint8_t, 2>, Room&) {
    return {};
  }
#endif
};

static_assert(sizeof(afire_test::WithMasking<Mine>) > 0);
