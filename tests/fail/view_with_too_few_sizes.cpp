// expect: afire: View<T, Rank> takes one size for each axis
#include <afire/core/view.hpp>

float numbers[6];
#ifdef AFIRE_WRONG
afire::View<float, 2> view(numbers, 6);
#else
afire::View<float, 2> view(numbers, 2, 3);
#endif
