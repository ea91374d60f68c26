// expect: afire: this Assignment has no state. Give it  State<S>,  plan<S>(arena, samples, clusters) const,
#include <afire/ssl/masked_tokens.hpp>

#include "../support/composed.hpp"
using namespace afire;

struct Mine : Softmax {
#ifdef AFIRE_WRONG
  template <class S>
  void plan(Arena&, Index, Index) const {}
#endif
};

static_assert(sizeof(afire_test::WithObjective<MaskedTokens<Mine>>) > 0);
