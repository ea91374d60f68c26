// expect: afire: evaluate of this Objective must return its loss times weight as a double
#include "../support/objective.hpp"
using namespace afire;

struct Mine : afire_test::Zero {
#ifdef AFIRE_WRONG
  template <class B, class T, class Pixels>
  void evaluate(B&, State<T>&, Outputs<T> const&, Micro<Pixels> const&, Terms&, double = 1) const {}
#endif
};

static_assert(sizeof(afire_test::WithObjective<Mine>) > 0);
