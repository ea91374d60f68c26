// expect: afire: this Module does not plan its memory. Give it  struct Saved {...};  Saved plan(Arena& arena
#include "../support/module.hpp"

struct Mine : afire_test::Doubling {
#ifdef AFIRE_WRONG
  Saved plan(afire::Arena&, afire::Index) const { return {}; }
#endif
};

static_assert(afire::explain_module<Mine, float, afire::Reference>());
