// expect: afire: this is no RestorationHead. Give TransformerDecoder
#include "../support/composed.hpp"

#ifdef AFIRE_WRONG
using Decoder = int;
#else
using Decoder = afire::TransformerDecoder;
#endif

static_assert(sizeof(afire_test::WithDecoder<Decoder>) > 0);
