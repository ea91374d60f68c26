// expect: afire: this Optimizer is not told of a step. Give it  template <class S> void prepare(TensorStep<S>& tensor
#include "../support/composed.hpp"
using namespace afire;

struct Mine {
  double lr = 0.1;
  static constexpr int moments = 0;
  static constexpr bool needs_weight_norms = false;
#ifndef AFIRE_WRONG
  template <class S>
  void prepare(TensorStep<S>&, Index, double) const {}
#endif
  template <class S>
  void update(S& w, S g, S*, S*, TensorStep<S> const& t) const { w -= t.lr * g; }
};

static_assert(sizeof(afire_test::WithRule<Mine>) > 0);
