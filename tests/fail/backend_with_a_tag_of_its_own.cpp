// expect: afire: this Backend's tag must derive from any_tag
#include "../support/composed.hpp"

#ifdef AFIRE_WRONG
struct my_tag {};
#else
struct my_tag : afire::reference_tag {};
#endif
struct Mine : afire::Reference {
  using tag = my_tag;
};

static_assert(sizeof(afire_test::WithBackend<Mine>) > 0);
