#pragma once
#include <afire/nn/linear.hpp>

#include "laws.hpp"

template <class Backend>
int law(Backend be) {
  using namespace afire;
  Linear<float> fc(5, 3);
  ParamStore<float> store(be, fc, Gradients::yes);
  initialise(be, store, 1);
  Tensor<float, 2> x(4, 5), y(4, 3), dx(4, 5), partial(column_chunks, 3);
  for (float& v : x) v = 1;
  be.operations = 0;
  fc.forward(be, x.view(), y.view());
  auto const forward = static_cast<Index>(be.operations);
  float sum = fc.bias.value(2);
  for (Index i = 0; i < 5; ++i) sum += fc.weight.value(10 + i);
  be.operations = 0;
  fc.backward(be, x.view(), y.view(), dx.view(), partial.view());
  auto const backward = static_cast<Index>(be.operations);
  Laws laws;
  bool const right = y(3, 2) - sum < 1e-5f && sum - y(3, 2) < 1e-5f;
  laws.hold(right, "the product must still be right: call the code of the tag that yours derives from");
  laws.hold(forward == 2 * 4 * 5 * 3, "4 rows through a linear map from 5 to 3 take 2 * 4 * 5 * 3 = 120 operations, not ", forward);
  laws.hold(backward == 2 * 120, "a backward is two such products: 240 operations, not ", backward);
  return laws.end();
}
