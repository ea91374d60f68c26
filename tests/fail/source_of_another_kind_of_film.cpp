// expect: afire: this DataSource cannot load a film. Give it  void load(Index row, View<std::uint8_t, 2> film) const;
#include <afire/data/loader.hpp>
using namespace afire;

struct Mine {
  Index size() const { return 8; }
#ifdef AFIRE_WRONG
  void load(Index, View<float, 2>) const {}
#else
  void load(Index, View<std::uint8_t, 2>) const {}
#endif
};

static_assert(sizeof(Loader<Mine, Clean>) > 0);
