#pragma once
#include <afire/testing/gradcheck.hpp>

#include "laws.hpp"

template <class Scale>
int law() {
  using namespace afire;
  Scale scale;
  Tensor<double, 1> x(4), y(4), dy(4), dx(4), a(1), da(1);
  for (Index i = 0; i < 4; ++i) x(i) = 0.5 * static_cast<double>(i) - 1, dy(i) = 1 - 0.3 * static_cast<double>(i);
  a(0) = 1.5;
  Laws laws;
  try {
    auto const tried = [&](bool of_x) {
      GradCheck check;
      if (of_x) check.input("x", x.view(), dx.view());
      else check.parameter("a", a.view(), da.view());
      return check(
          [&] {
            double sum = 0;
            scale.forward(a(0), x.view(), y.view());
            for (Index i = 0; i < 4; ++i) sum += y(i) * dy(i);
            return sum;
          },
          [&] { scale.backward(a(0), x.view(), dy.view(), dx.view(), da(0)); });
    };
    laws.hold(tried(true).worst < 1e-8, "dx is not the gradient of <y, dy>: y(i) = a x(i), so dx(i) = a dy(i)");
    laws.hold(tried(false).worst < 1e-8, "da is not the gradient of <y, dy>: a met every x(i), so all of them add to da");
  } catch (error const& e) { laws.hold(false, e.what()); }
  return laws.end();
}
