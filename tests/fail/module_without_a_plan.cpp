// expect: afire: this Module does not plan its memory. Give it  struct Saved {...};  Saved plan(Arena& arena
#include "../support/module.hpp"

struct Mine : afire_test::Doubling {
#ifdef AFIRE_WRONG
  void plan(afire::Arena&, afire::Index, afire::Index) const {}
#endif
};

static_assert(afire::explain_module<Mine, float, afire::Reference>());
