// expect: afire: this Optimizer does not say what it keeps. Give it  static constexpr int moments = 0;
#include "../support/composed.hpp"
using namespace afire;

struct Mine {
  double lr = 0.1;
#ifndef AFIRE_WRONG
  static constexpr int moments = 0;
  static constexpr bool needs_weight_norms = false;
#endif
  template <class S>
  void prepare(TensorStep<S>&, Index, double) const {}
  template <class S>
  void update(S& w, S g, S*, S*, TensorStep<S> const& t) const { w -= t.lr * g; }
};

static_assert(sizeof(afire_test::WithRule<Mine>) > 0);
