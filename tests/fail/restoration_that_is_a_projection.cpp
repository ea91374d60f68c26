// expect: afire: the Module of this RestorationHead cannot be made. Give it a constructor  Module(Config const& config, ViTConfig
#include "../support/composed.hpp"

#ifdef AFIRE_WRONG
using Decoder = afire::SharedHead;                       // head and decoder exchanged
#else
using Decoder = afire::TransformerDecoder;
#endif

static_assert(sizeof(afire_test::WithDecoder<Decoder>) > 0);
