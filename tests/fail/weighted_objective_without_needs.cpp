// expect: afire: an Objective of this sum does not say what it looks at. Give it  static constexpr Needs needs{.film = true};
#include "../support/objective.hpp"
#include <afire/ssl/restoration.hpp>
using namespace afire;

struct Mine : afire_test::Zero {
#ifdef AFIRE_WRONG
  static constexpr bool needs() { return true; }
#endif
};

auto const objective = 0.5 * Mine{};
