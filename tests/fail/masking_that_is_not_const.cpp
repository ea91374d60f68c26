// expect: afire: operator() of this Masking must be const
#include "../support/composed.hpp"
using namespace afire;

struct Mine {
  static constexpr float patch_share = 0;
  struct Room {};
#ifdef AFIRE_WRONG
  void operator()(Random, View<const std::uint8_t, 2>, View<std::uint8_t, 2>, View<std::uint8_t, 2>, Room&) {}
#else
  void operator()(Random, View<const std::uint8_t, 2>, View<std::uint8_t, 2>, View<std::uint8_t, 2>, Room&) const {}
#endif
};

static_assert(sizeof(afire_test::WithMasking<Mine>) > 0);
