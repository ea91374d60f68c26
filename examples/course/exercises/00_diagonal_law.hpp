#pragma once
#include <afire/core/tensor.hpp>

#include "laws.hpp"

template <class Diagonal>
int law(Diagonal sum) {
  afire::Tensor<float, 2> unit(3, 3), wide(2, 4);
  for (afire::Index n = 0; n < 3; ++n) unit(n, n) = 1;
  for (float& x : wide) x = 2;
  Laws laws;
  laws.hold(sum(unit.view()) == 3, "the diagonal of the unit matrix of 3 rows adds up to 3, not to ", sum(unit.view()));
  laws.hold(sum(wide.view()) == 4, "a matrix of 2 rows and 4 columns has only 2 elements on its diagonal");
  return laws.end();
}
