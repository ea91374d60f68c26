// expect: afire: prepare of this Optimizer must be const
#include "../support/composed.hpp"

struct Mine : afire::Sgd {
#ifdef AFIRE_WRONG
  template <class S>
  void prepare(afire::TensorStep<S>&, afire::Index, double) {}
#endif
};

static_assert(sizeof(afire_test::WithRule<Mine>) > 0);
