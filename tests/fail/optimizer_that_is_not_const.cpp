// expect: afire: update of this Optimizer must be const
#include "../support/composed.hpp"
using namespace afire;

struct Mine {
  double lr = 0.1;
  static constexpr int moments = 0;
  static constexpr bool needs_weight_norms = false;
  template <class S>
  void prepare(TensorStep<S>&, Index, double) const {}
#ifdef AFIRE_WRONG
  template <class S>
  void update(S& w, S g, S*, S*, TensorStep<S> const& t) { w -= t.lr * g; }
#else
  template <class S>
  void update(S& w, S g, S*, S*, TensorStep<S> const& t) const { w -= t.lr * g; }
#endif
};

static_assert(sizeof(afire_test::WithRule<Mine>) > 0);
