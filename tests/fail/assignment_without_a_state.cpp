// expect: afire: this Assignment has no state. Give it  State<S>,  plan<S>(arena, samples, clusters) const,
#include <afire/ssl/masked_tokens.hpp>

#include "../support/composed.hpp"
using namespace afire;

#ifdef AFIRE_WRONG
struct Mine {
  template <class B, class S>
  void operator()(B&, View<const S, 2>, View<S, 2>, View<S, 1>, View<S, 1>) const {}
};
#else
using Mine = Softmax;
#endif

static_assert(sizeof(afire_test::WithObjective<MaskedTokens<Mine>>) > 0);
