// expect: afire: this objective scores the image, which has no position: use SharedHead or MlpHead in place of PerPositionHead
#include <afire/data/views.hpp>
#include <afire/ssl/cross_views.hpp>

#include "../support/composed.hpp"
using namespace afire;

#ifdef AFIRE_WRONG
using Head = PerPositionHead;
#else
using Head = SharedHead;
#endif

static_assert(sizeof(Trainer<Reference, float, Head, NoDecoder, TwoCrops, CrossViews<>, AdamW, Teacher<Ema>>) > 0);
