// expect: afire: plan and assign of this Assignment must be const
#include <afire/ssl/masked_tokens.hpp>

#include "../support/composed.hpp"
using namespace afire;

struct Mine : Softmax {
#ifdef AFIRE_WRONG
  template <class B, class S>
  void assign(B&, State<S>&, View<const S, 2>, View<S, 2>, Index) {}
#endif
};

static_assert(sizeof(afire_test::WithObjective<MaskedTokens<Mine>>) > 0);
