// tests/support/attention_probabilities.hpp -- what attention keeps no tensor of: P = exp(scale q k^T - log_sum), from what it does keep
//
//   auto const probs = attention_probabilities(saved.packed, saved.log_sum);                // (B H, L, L)
#pragma once
#include <afire/core/tensor.hpp>
#include <afire/op/math.hpp>

namespace afire_test {

using namespace afire;

template <class T>
Tensor<T, 3> attention_probabilities(View<T, 4> packed,                // (3, B H, L, D)
                                     View<Accum<T>, 2> log_sum) {      // (B H, L)
  Index const n = packed.extent[1], L = packed.extent[2], D = packed.extent[3];
  auto const scale = 1 / math::sqrt(static_cast<Accum<T>>(D));
  Tensor<T, 3> probs(n, L, L);
  for (Index h = 0; h < n; ++h)
    for (Index i = 0; i < L; ++i)
      for (Index j = 0; j < L; ++j) {
        Accum<T> score = 0;
        for (Index d = 0; d < D; ++d) score += wide(packed(0, h, i, d)) * wide(packed(1, h, j, d));
        probs(h, i, j) = T(math::exp(scale * score - log_sum(h, i)));
      }
  return probs;
}

}  // namespace afire_test
