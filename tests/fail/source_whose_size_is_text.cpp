// expect: afire: this DataSource does not say how many films it has. Give it  Index size() const;
#include <afire/data/concepts.hpp>
using namespace afire;

struct Mine {
#ifdef AFIRE_WRONG
  char const* size() const { return "eight"; }
#else
  Index size() const { return 8; }
#endif
  void load(Index, View<std::uint8_t, 2>) const {}
};

static_assert(explain_source<Mine>());
