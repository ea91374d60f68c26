// expect: afire: this Objective does not plan its State. Give it  template <class T> State<T> plan(Arena& arena, Sizes sizes) const;
#include "../support/objective.hpp"
using namespace afire;

struct Mine : afire_test::Zero {
#ifdef AFIRE_WRONG
  template <class T>
  State<T> plan(Arena&) const { return {}; }
#endif
};

static_assert(sizeof(afire_test::WithObjective<Mine>) > 0);
