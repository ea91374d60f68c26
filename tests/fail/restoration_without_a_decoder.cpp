// expect: afire: Restoration needs a film; this method has no decoder: add TransformerDecoder
#include "../support/composed.hpp"

#ifdef AFIRE_WRONG
using Decoder = afire::NoDecoder;
#else
using Decoder = afire::TransformerDecoder;
#endif

static_assert(sizeof(afire_test::WithDecoder<Decoder>) > 0);
