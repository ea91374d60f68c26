// expect: afire: this Assignment cannot be called. Give it  template <class B, class S> void operator()(B& be, View<const S, 2> scores
#include "../support/composed.hpp"
using namespace afire;

struct Mine {
#ifdef AFIRE_WRONG
  template <class B, class S>
  void operator()(B&, View<const S, 2>, View<S, 2>) const {}
#else
  template <class B, class S>
  void operator()(B&, View<const S, 2>, View<S, 2>, View<S, 1>, View<S, 1>) const {}
#endif
};

static_assert(sizeof(afire_test::WithObjective<TokenContrast<Mine>>) > 0);
