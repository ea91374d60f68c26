// afire/data/batch.hpp -- the films of a step as a loader makes them ready (data/loader.hpp)
//
//   Batch const& batch = loader.next();      batch.clean.view().row(b), batch.rows[b]
#pragma once
#include <vector>

#include <afire/core/tensor.hpp>
#include <afire/ssl/lesion_pixel.hpp>

namespace afire {

struct Batch {
  Index epoch = 0, step = 0;
  Tensor<std::uint8_t, 3> clean, seen, mask;             // (V B, S, S); mask: 0 where nothing was touched
  Tensor<std::uint8_t, 2> lesion;                        // (V B, L): 1 where a patch is spoilt
  Tensor<Lesion, 2> plan;                                // (B, K) of lesions that are planned: then seen, mask and lesion are empty
  std::vector<Index> rows;                               // (B) of the source
};

}  // namespace afire
