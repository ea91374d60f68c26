// expect: afire: this objective scores the token of every patch; this masking leaves patches out of the encoder: use Masked, not Dropped
#include <afire/ssl/hidden.hpp>

#include "../support/composed.hpp"
using namespace afire;

#ifdef AFIRE_WRONG
using Mine = Dropped<RandomPatches>;
#else
using Mine = Masked<RandomPatches>;
#endif

static_assert(sizeof(Trainer<Reference, float, SharedHead, NoDecoder, Mine, TokenContrast<>, AdamW>) > 0);
