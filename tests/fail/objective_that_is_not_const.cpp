// expect: afire: evaluate of this Objective must be const
#include "../support/objective.hpp"
using namespace afire;

struct Mine : afire_test::Zero {
#ifdef AFIRE_WRONG
  template <class B, class T, class Pixels>
  double evaluate(B&, State<T>&, Outputs<T> const&, Micro<Pixels> const&, Terms&, double = 1) { return 0; }
#endif
};

static_assert(sizeof(afire_test::WithObjective<Mine>) > 0);
