// expect: afire: this Masking does not say when a patch counts as changed. Give it  static constexpr float patch_share = 0;
#include "../support/composed.hpp"
using namespace afire;

struct Mine {
  struct Room {};
#ifndef AFIRE_WRONG
  static constexpr float patch_share = 0;
#endif
  void operator()(Random, View<const std::uint8_t, 2>, View<std::uint8_t, 2>, View<std::uint8_t, 2>, Room&) const {}
};

static_assert(sizeof(afire_test::WithMasking<Mine>) > 0);
