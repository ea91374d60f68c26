// expect: afire: a View has at least one axis; for a single number use a View<T, 1> of size 1
#include <afire/core/view.hpp>

float number = 0;
#ifdef AFIRE_WRONG
afire::View<float, 0> view;
#else
afire::View<float, 1> view(&number, 1);
#endif
