// expect: afire: this Optimizer asks for the lengths of weights and updates. Give it  double trust(
#include "../support/composed.hpp"
using namespace afire;

struct Mine {
  double lr = 0.1;
  static constexpr int moments = 0;
  static constexpr bool needs_weight_norms = true;
  template <class S>
  void prepare(TensorStep<S>&, Index, double) const {}
  template <class S>
  void update(S& w, S g, S*, S*, TensorStep<S> const& t) const { w -= t.lr * g; }
#ifndef AFIRE_WRONG
  double trust(double, double, bool) const { return 1; }
#endif
};

static_assert(sizeof(afire_test::WithRule<Mine>) > 0);
