// expect: afire: this Objective cannot be called. Give it  template <class B, class T, class Pixels> double evaluate(B& be
#include "../support/objective.hpp"
using namespace afire;

struct Mine : afire_test::Zero {
#ifdef AFIRE_WRONG
  template <class B, class T, class Pixels>
  double evaluate(B&, State<T>&, Outputs<T> const&, Micro<Pixels> const&, Terms&) const { return 0; }
#endif
};

static_assert(sizeof(afire_test::WithObjective<Mine>) > 0);
