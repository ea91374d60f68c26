// expect: afire: this Masking makes no views. Give it  Index count() const;  Index teacher_count() const;  and  void view(Random
#include <afire/data/views.hpp>

#include "../support/composed.hpp"

struct Mine : afire::TwoCrops {
#ifdef AFIRE_WRONG
  char const* count() const { return "two"; }
#endif
};

static_assert(sizeof(afire_test::WithMasking<Mine>) > 0);
