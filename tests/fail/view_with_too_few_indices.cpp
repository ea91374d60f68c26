// expect: afire: a View of rank R is indexed with R integers
#include <afire/core/view.hpp>

float first(afire::View<float, 2> x) {
#ifdef AFIRE_WRONG
  return x(0);
#else
  return x(0, 0);
#endif
}
