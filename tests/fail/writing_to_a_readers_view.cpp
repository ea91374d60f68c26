// expect: error:
#include <afire/core/view.hpp>

#ifdef AFIRE_WRONG
using Out = afire::View<const float, 1>;
#else
using Out = afire::View<float, 1>;
#endif

void write(afire::View<float, 1> y) { y(0) = 1; }
void pass(Out y) { write(y); }
