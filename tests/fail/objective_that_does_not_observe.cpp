// expect: afire: this Objective needs.observes, so give it  observe(be, state, scores) const
#include "../support/objective.hpp"
using namespace afire;

struct Mine : afire_test::Zero {
#ifdef AFIRE_WRONG
  static constexpr Needs needs{.teacher = true, .scores = true, .observes = true};
#endif
};

static_assert(sizeof(afire_test::WithObjective<Mine>) > 0);
