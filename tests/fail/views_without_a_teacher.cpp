// expect: afire: this objective needs a teacher's scores of the image; this method has none: add Teacher<Ema> or Teacher<StopGrad>
#include <afire/data/views.hpp>
#include <afire/ssl/cross_views.hpp>

#include "../support/composed.hpp"
using namespace afire;

#ifdef AFIRE_WRONG
using Kind = NoTeacher;
#else
using Kind = Teacher<StopGrad>;
#endif

static_assert(sizeof(Trainer<Reference, float, SharedHead, NoDecoder, TwoCrops, CrossViews<>, AdamW, Kind>) > 0);
