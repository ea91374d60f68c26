// tests/support/objective.hpp -- the smallest objective, which is always 0, for others to derive from and hide a member of
#pragma once
#include "composed.hpp"

namespace afire_test {

struct Zero {
  static constexpr Needs needs{.film = true};
  template <class T>
  struct State {
    template <class F>
    void visit(F&&) {}
  };
  template <class T>
  State<T> plan(Arena&, Sizes) const { return {}; }
  template <class B, class T, class Pixels>
  double evaluate(B&, State<T>&, Outputs<T> const&, Micro<Pixels> const&, Terms&, double = 1) const { return 0; }
};

}  // namespace afire_test
