#pragma once
#include <cmath>

#include <afire/backend/reference.hpp>
#include <afire/core/tensor.hpp>

#include "laws.hpp"

template <template <class> class Row>
int law() {
  using namespace afire;
  Reference cpu{.threads = 1};
  Tensor<float, 2> x(2, 50), y(2, 50);
  for (Index c = 0; c < 50; ++c) x(0, c) = static_cast<float>(c % 7) - 2, x(1, c) = -10 * x(0, c);
  for_each_row(cpu, 2, Row<float>{x.view(), y.view()});
  float squares = 0;
  bool opposite = true;
  for (Index c = 0; c < 50; ++c) squares += y(0, c) * y(0, c) / 50, opposite = opposite && std::fabs(y(0, c) + y(1, c)) < 1e-4f;
  Laws laws;
  laws.hold(std::fabs(squares - 1) < 1e-4f, "the mean of a row's squares should be 1 afterwards; it is ", static_cast<int>(squares + 0.5f));
  laws.hold(opposite, "a row ten times as long is divided by ten times as much");
  return laws.end();
}
