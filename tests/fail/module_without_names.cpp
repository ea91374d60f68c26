// expect: afire: this Module does not name its parameters. Give it  void visit(Names<T> const& names)
#include "../support/module.hpp"

struct Mine : afire_test::Doubling {
#ifdef AFIRE_WRONG
  void visit() {}
#endif
};

static_assert(afire::explain_module<Mine, float, afire::Reference>());
