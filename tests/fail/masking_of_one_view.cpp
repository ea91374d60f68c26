// expect: afire: this objective compares views of a film; this masking makes one of each: use TwoCrops or MultiCrop
#include <afire/data/views.hpp>
#include <afire/ssl/nt_xent.hpp>
#include <afire/ssl/view_agreement.hpp>

#include "../support/composed.hpp"
using namespace afire;

#ifdef AFIRE_WRONG
using Mine = Clean;
#else
using Mine = TwoCrops;
#endif

static_assert(sizeof(Trainer<Reference, float, SharedHead, NoDecoder, Mine, ViewAgreement<NtXent>, AdamW, NoTeacher>) > 0);
