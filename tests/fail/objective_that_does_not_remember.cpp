// expect: afire: this Objective needs.remembers, so give it  remember(be, state, outputs) const
#include "../support/objective.hpp"
using namespace afire;

struct Mine : afire_test::Zero {
#ifdef AFIRE_WRONG
  static constexpr Needs needs{.film = true, .remembers = true};
#endif
};

static_assert(sizeof(afire_test::WithObjective<Mine>) > 0);
