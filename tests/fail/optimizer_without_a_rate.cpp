// expect: afire: this Optimizer has no rate. Give it  double lr = 1e-3;
#include "../support/composed.hpp"
using namespace afire;

struct Mine {
#ifndef AFIRE_WRONG
  double lr = 0.1;
#endif
  static constexpr int moments = 0;
  static constexpr bool needs_weight_norms = false;
  template <class S>
  void prepare(TensorStep<S>&, Index, double) const {}
  template <class S>
  void update(S& w, S g, S*, S*, TensorStep<S> const& t) const { w -= t.lr * g; }
};

static_assert(sizeof(afire_test::WithRule<Mine>) > 0);
