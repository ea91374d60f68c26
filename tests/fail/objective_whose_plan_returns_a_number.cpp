// expect: afire: plan of this Objective must return its State<T>
#include "../support/objective.hpp"
using namespace afire;

struct Mine : afire_test::Zero {
#ifdef AFIRE_WRONG
  template <class T>
  int plan(Arena&, Sizes) const { return 0; }
#endif
};

static_assert(sizeof(afire_test::WithObjective<Mine>) > 0);
