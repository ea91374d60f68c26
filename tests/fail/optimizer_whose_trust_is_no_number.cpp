// expect: afire: this Optimizer asks for the lengths of weights and updates. Give it  double trust(
#include "../support/composed.hpp"

struct Mine : afire::Lars {
#ifdef AFIRE_WRONG
  void trust(double, double, bool) const {}
#endif
};

static_assert(sizeof(afire_test::WithRule<Mine>) > 0);
