// expect: afire: this Assignment remembers the scores of other steps; prototypes are a memory already: use Sinkhorn, Centred or Softmax
#include <afire/ssl/centre_sharpen.hpp>

#include "../support/composed.hpp"

#ifdef AFIRE_WRONG
using Mine = afire::CentreSharpen;
#else
using Mine = afire::Softmax;
#endif

static_assert(sizeof(afire_test::WithObjective<afire::TokenContrast<Mine>>) > 0);
