// expect: afire: this Backend has no tag. Give it  using tag = my_tag;
#include "../support/composed.hpp"

struct my_tag : afire::reference_tag {};
struct Mine {
  int threads = 1;
#ifndef AFIRE_WRONG
  using tag = my_tag;
#endif
};

static_assert(sizeof(afire_test::WithBackend<Mine>) > 0);
