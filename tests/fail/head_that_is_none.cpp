// expect: afire: this is no head. Give SharedHead, PerPositionHead, MlpHead or NoHead
#include "../support/composed.hpp"

struct Mine {
#ifndef AFIRE_WRONG
  template <class T>
  using Module = afire::ProjectionHead<T>;
  operator afire::SharedHead() const { return {}; }
#endif
};

static_assert(sizeof(afire_test::WithHead<Mine>) > 0);
