// afire/core/rank.hpp -- which of several processes or threads that train one model
//
//   Rank rank{.number = 1, .count = 4};    if (rank.first()) write();         // core/ranks.hpp: what they share
#pragma once
#include <afire/core/config.hpp>

namespace afire {

// Which of how many, counted from 0.
struct Rank {
  Index number = 0, count = 1;
  bool first() const { return number == 0; }           // the one that writes
};

}  // namespace afire
