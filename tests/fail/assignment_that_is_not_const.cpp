// expect: afire: operator() of this Assignment must be const
#include "../support/composed.hpp"
using namespace afire;

struct Mine {
  int calls = 0;
  template <class B, class S>
#ifdef AFIRE_WRONG
  void operator()(B&, View<const S, 2>, View<S, 2>, View<S, 1>, View<S, 1>) { ++calls; }
#else
  void operator()(B&, View<const S, 2>, View<S, 2>, View<S, 1>, View<S, 1>) const {}
#endif
};

static_assert(sizeof(afire_test::WithObjective<TokenContrast<Mine>>) > 0);
