// afire/backend/cuda/directions.cuh -- gradients of the head's directions on a GPU: a product for each position (op/cosine.hpp)
//
// A worker a direction reads every token of its position: for 196 positions, 256 directions and 256 films 6.6 GB, and adds to memory as
// often. The product reads 50 MB and adds once. What lies along a direction goes through the workspace of the products.
#pragma once
#include <afire/backend/cuda/column_sum.cuh>
#include <afire/op/cosine.hpp>

namespace afire {

template <class B, class T>
void direction_gradients(cuda_tag, B& be, DirectionGradient<T> const& f, View<const T, 3> scaled) {
  using S = Accum<T>;
  Index const directions = f.g.size(), rows = f.v.extent[0] == 1 ? 1 + column_chunks : 1;
  if (rows * directions * static_cast<Index>(sizeof(S)) > static_cast<Index>(CudaDevice::workspace_bytes))
    return direction_gradients(any_tag{}, be, f, scaled);
  direction_gradients_by_product(be, f, scaled, View<S, 2>(static_cast<S*>(be.on->workspace()), rows, directions));
}

}  // namespace afire
