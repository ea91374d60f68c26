// afire/backend/team_lane.hpp -- a lane of several workers who share one row: the warp's and the block's, and their emulation on the CPU
//
//   TeamLane<CudaWarp> lane{};            // has the members of Scalar (core/lane.hpp): each, map, sum_over, max_over, once
//   f(lane, row);                           // every worker of the team calls it with the same row
//
// Beside them, for functors that know their team:  lane.team,  lane.total(x), the sum of every worker's x.
//
// A Team is    index(), size          which worker this is, and of how many (a multiple of 32)
//              swap(x, mask)          x of the worker index() ^ mask of the same 32
//              sync()                 nobody goes on before all have come
//              room<S>()              memory of the whole team for size / 32 values; asked for by teams of more than 32 only
//
// Sums are taken in an order that size alone decides, and every worker gets the same bits. A row functor's branches are the row's, so
// that all workers come to each of these members or none does.
#pragma once
#include <type_traits>

#include <afire/core/config.hpp>

namespace afire {

struct Plus {                              // a + b
  template <class S>
  AFIRE_HD S operator()(S a, S b) const { return a + b; }
};
struct Larger {                            // of a and b
  template <class S>
  AFIRE_HD S operator()(S a, S b) const { return a < b ? b : a; }
};

template <class Team>
struct TeamLane {
  Team team;

  // What one worker writes, another may read once this has returned.
  template <class F>
  AFIRE_HD void each(Index n, F f) const {
    for (Index c = team.index(); c < n; c += Team::size) f(c);
    team.sync();
  }

  template <class Y, class F>
  AFIRE_HD void map(Index n, Y* y, F f) const {
    each(n, [&](Index c) { y[c] = f(c); });
  }

  template <class F>
  AFIRE_HD auto sum_over(Index n, F f) const {
    std::remove_cvref_t<decltype(f(Index{}))> sum = 0;
    for (Index c = team.index(); c < n; c += Team::size) sum += f(c);
    return all(sum, Plus{});
  }

  // The largest f(c); n must be at least 1. Workers without an element of their own look at one that counts anyway.
  template <class F>
  AFIRE_HD auto max_over(Index n, F f) const {
    std::remove_cvref_t<decltype(f(Index{}))> most = f(team.index() < n ? team.index() : 0);
    for (Index c = team.index() + Team::size; c < n; c += Team::size) most = Larger{}(most, f(c));
    return all(most, Larger{});
  }

  template <class F>
  AFIRE_HD void once(F f) const {
    if (team.index() == 0) f();
    team.sync();
  }

  template <class S>
  AFIRE_HD S total(S x) const { return all(x, Plus{}); }

 private:
  template <class S, class Join>
  AFIRE_HD S all(S x, Join join) const {
    for (int mask = 16; mask > 0; mask /= 2) x = join(x, team.swap(x, mask));
    if constexpr (Team::size > 32) {
      S* const part = team.template room<S>();
      team.sync();                         // the values before these have been read
      if (team.index() % 32 == 0) part[team.index() / 32] = x;
      team.sync();
      x = part[0];
      for (Index w = 1; w < Team::size / 32; ++w) x = join(x, part[w]);
    }
    return x;
  }
};

}  // namespace afire
