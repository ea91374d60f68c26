// expect: afire: this Objective does not say what it looks at. Give it  static constexpr Needs needs{.film = true};
#include "../support/objective.hpp"
using namespace afire;

struct Mine : afire_test::Zero {
#ifdef AFIRE_WRONG
  static constexpr bool needs() { return true; }
#endif
};

static_assert(sizeof(afire_test::WithObjective<Mine>) > 0);
