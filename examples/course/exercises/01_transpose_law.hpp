#pragma once
#include <algorithm>

#include <afire/core/tensor.hpp>

#include "laws.hpp"

template <class Transpose>
int law(Transpose transpose) {
  afire::Tensor<float, 2> x(2, 3), y(3, 2), again(2, 3);
  for (afire::Index i = 0; i < 6; ++i) x.data()[i] = static_cast<float>(i);
  transpose(x.view(), y.view());
  transpose(y.view(), again.view());
  Laws laws;
  laws.hold(y(2, 0) == x(0, 2), "y(2, 0) is x(0, 2): ", x(0, 2), ", not ", y(2, 0));
  laws.hold(y(0, 1) == x(1, 0), "y(0, 1) is x(1, 0): ", x(1, 0), ", not ", y(0, 1));
  laws.hold(std::equal(x.begin(), x.end(), again.begin()), "transposed twice, x is x again");
  return laws.end();
}
