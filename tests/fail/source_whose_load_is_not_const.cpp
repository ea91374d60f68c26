// expect: afire: load of this DataSource must be const: several threads load at once
#include <afire/data/concepts.hpp>
using namespace afire;

struct Mine {
  Index size() const { return 8; }
#ifdef AFIRE_WRONG
  void load(Index, View<std::uint8_t, 2>) {}
#else
  void load(Index, View<std::uint8_t, 2>) const {}
#endif
};

static_assert(explain_source<Mine>());
