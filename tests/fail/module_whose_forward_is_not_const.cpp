// expect: afire: forward and backward of this Module must be const
#include "../support/module.hpp"

struct Mine : afire_test::Doubling {
#ifdef AFIRE_WRONG
  void forward(afire::Reference&, afire::View<const float, 2>, afire::View<float, 2>, Saved&) {}
#endif
};

static_assert(afire::explain_module<Mine, float, afire::Reference>());
