// expect: afire: this Masking cannot be called. Give it  void operator()(Random random, View<const std::uint8_t, 2> clean
#include "../support/composed.hpp"
using namespace afire;

struct Mine {
  static constexpr float patch_share = 0;
  struct Room {};
#ifdef AFIRE_WRONG
  void operator()(View<const std::uint8_t, 2>, View<std::uint8_t, 2>, View<std::uint8_t, 2>, Room&) const {}
#else
  void operator()(Random, View<const std::uint8_t, 2>, View<std::uint8_t, 2>, View<std::uint8_t, 2>, Room&) const {}
#endif
};

static_assert(sizeof(afire_test::WithMasking<Mine>) > 0);
