// expect: afire: this objective needs scores of tokens; this method has no head: add SharedHead
#include "../support/composed.hpp"

#ifdef AFIRE_WRONG
using Head = afire::NoHead;
#else
using Head = afire::SharedHead;
#endif

static_assert(sizeof(afire_test::WithHead<Head>) > 0);
