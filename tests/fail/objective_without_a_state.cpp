// expect: afire: this Objective has no State. Give it  template <class T> struct State
#include "../support/objective.hpp"
using namespace afire;

struct Mine : afire_test::Zero {
#ifdef AFIRE_WRONG
  struct State {};
#endif
};

static_assert(sizeof(afire_test::WithObjective<Mine>) > 0);
