// expect: afire: TokenContrast needs patch tokens of a teacher; this method has none: add Teacher<Ema>
#include "../support/composed.hpp"

#ifdef AFIRE_WRONG
using Kind = afire::NoTeacher;
#else
using Kind = afire::Teacher<afire::Ema>;
#endif

static_assert(sizeof(afire_test::WithTeacher<Kind, afire::TokenContrast<>>) > 0);
