// expect: afire: plan of this Module must return its Saved
#include "../support/module.hpp"

struct Mine : afire_test::Doubling {
#ifdef AFIRE_WRONG
  void plan(afire::Arena&, afire::Index, afire::Index) const {}
#endif
};

static_assert(afire::explain_module<Mine, float, afire::Reference>());
