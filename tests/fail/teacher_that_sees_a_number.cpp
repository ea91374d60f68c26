// expect: afire: this Teacher does not say which films it sees. Give it  Sees sees = Sees::clean;
#include "../support/composed.hpp"

struct Mine : afire::Teacher<afire::Ema> {
#ifdef AFIRE_WRONG
  int sees = 0;
#endif
};

static_assert(sizeof(afire_test::WithTeacher<Mine>) > 0);
