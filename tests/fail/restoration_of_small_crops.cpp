// expect: afire: this objective looks at patches; small crops have others than large ones: leave SmallCrops out
#include <afire/data/views.hpp>
#include <afire/ssl/small_crops.hpp>

#include "../support/composed.hpp"

#ifdef AFIRE_WRONG
using Views = afire::SmallCrops<afire::MultiCrop>;
#else
using Views = afire::MultiCrop;
#endif

static_assert(sizeof(afire_test::WithMasking<Views>) > 0);
