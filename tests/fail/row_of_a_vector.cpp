// expect: afire: row(n) needs a view of rank 2 or more
#include <afire/core/view.hpp>

auto first(afire::View<float, 2> x) {
#ifdef AFIRE_WRONG
  return x.flat().row(0);
#else
  return x.row(0);
#endif
}
