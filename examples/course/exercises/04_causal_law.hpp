#pragma once
#include <cmath>

#include <afire/core/rng.hpp>
#include <afire/core/tensor.hpp>

#include "laws.hpp"

template <class Attend>
int law(Attend attend) {
  using namespace afire;
  Index const L = 6, D = 4;
  Tensor<double, 2> q(L, D), k(L, D), v(L, D), before(L, D), after(L, D);
  Random const random(1, Purpose::test);
  for (Index i = 0; i < L * D; ++i)
    for (auto* x : {&q, &k, &v}) x->data()[i] = random.normal(static_cast<std::uint64_t>(i + L * D * (x == &k) + 2 * L * D * (x == &v)));
  attend(q.view(), k.view(), v.view(), before.view());
  for (Index d = 0; d < D; ++d) k(L - 1, d) = 3, v(L - 1, d) = 7;
  attend(q.view(), k.view(), v.view(), after.view());
  bool first = true, past = true, last = false;
  for (Index d = 0; d < D; ++d) {
    first = first && std::fabs(before(0, d) - v(0, d)) < 1e-12;
    for (Index i = 0; i + 1 < L; ++i) past = past && before(i, d) == after(i, d);
    last = last || before(L - 1, d) != after(L - 1, d);
  }
  Laws laws;
  laws.hold(first, "the first query sees the first key alone, so its output is the first value");
  laws.hold(past, "a change of the last key and value is seen by no query before it");
  laws.hold(last, "the last query sees all keys, its own too");
  return laws.end();
}
