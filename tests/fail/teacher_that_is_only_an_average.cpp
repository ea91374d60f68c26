// expect: afire: this is no Teacher. Give Teacher<Ema>{}, Teacher<StopGrad>{}
#include "../support/composed.hpp"

#ifdef AFIRE_WRONG
using Kind = afire::Ema;
#else
using Kind = afire::Teacher<afire::Ema>;
#endif

static_assert(sizeof(afire_test::WithTeacher<Kind>) > 0);
