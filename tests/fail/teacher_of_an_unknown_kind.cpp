// expect: afire: no method knows this kind of Teacher. Give Teacher<Ema>{}, the student's moving average, or Teacher<StopGrad>{}
#include "../support/composed.hpp"

#ifdef AFIRE_WRONG
struct Wise {};
#else
using Wise = afire::Ema;
#endif

static_assert(sizeof(afire_test::WithTeacher<afire::Teacher<Wise>>) > 0);
