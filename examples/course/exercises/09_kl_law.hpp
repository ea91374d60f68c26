#pragma once
#include <cmath>

#include <afire/core/tensor.hpp>

#include "laws.hpp"

template <class Kl>
int law(Kl kl) {
  using namespace afire;
  Tensor<double, 1> target(3), scores(3), sharp(3);
  target(0) = 0.5, target(1) = 0.25, target(2) = 0.25;
  for (Index k = 0; k < 3; ++k) scores(k) = 0.1 * std::log(target(k)) + 7;       // what gives the target at temperature 0.1
  sharp(0) = 1;
  auto const of = [&](auto& t, auto& s) { return kl(View<const double, 1>(t.view()), View<const double, 1>(s.view()), 0.1); };
  Laws laws;
  laws.hold(std::fabs(of(target, scores)) < 1e-9, "nothing can be won where the softmax is the target already, and KL is 0 there");
  laws.hold(of(target, sharp) > 0, "KL is positive everywhere else");
  laws.hold(std::fabs(of(sharp, scores) - std::log(2.0)) < 1e-9, "a target that is certain has no entropy, and 0 log 0 is 0");
  return laws.end();
}
