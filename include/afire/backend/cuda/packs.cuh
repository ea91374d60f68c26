// afire/backend/cuda/packs.cuh -- GELU, its backward and sums of two tensors on a GPU: 16 bytes a thread and view
//
//   gelu(gpu, x, y);    gelu_backward(gpu, x, dy, y, dx);    add(gpu, a, b, y);           // op/gelu.hpp, op/residual.hpp
//   gelu_backward(gpu, x, dy, y, dx, dbias, partial);        // with the sums down the columns of dx in the same pass (gelu_tile.hpp)
//
// On paper, ViT-B, 256 films, a block's MLP in bf16: 155 M numbers, 620 MB forward and 1,240 MB backward. The chunks' sums lie in the
// workspace of the products.
#pragma once
#include <afire/backend/cuda/column_sum.cuh>
#include <afire/backend/element_packs.hpp>
#include <afire/backend/gelu_tile.hpp>
#include <afire/op/gelu.hpp>
#include <afire/op/residual.hpp>

namespace afire {

template <class B, class T>
void gelu(cuda_tag, B& be, View<const T, 1> x, View<T, 1> y) { for_each_pack(be, x.size(), ElementPacks<Gelu, T, 1, 1>{{x}, {y}}); }

template <class B, class T>
void gelu_backward(cuda_tag, B& be, View<const T, 1> x, View<const T, 1> dy, View<T, 1> y, View<T, 1> dx) {
  for_each_pack(be, x.size(), ElementPacks<GeluBackward, T, 2, 2>{{x, dy}, {y, dx}});
}

template <class B, class T>
void gelu_backward(cuda_tag tag, B& be, View<const T, 2> x, View<const T, 2> dy, View<T, 2> y, View<T, 2> dx, View<Accum<T>, 1> dbias,
                   View<Accum<T>, 2> partial) {
  using Tile = GeluBackwardTile<T>;
  Index const chunks = Tile::chunks(x.rows());
  View<Accum<T>, 2> const sums(static_cast<Accum<T>*>(be.on->workspace()), chunks, x.cols());
  Tile const tile{x, dy, y, dx, sums};
  bool const fits = sums.size() * static_cast<Index>(sizeof(Accum<T>)) <= static_cast<Index>(CudaDevice::workspace_bytes);
  if (!dbias || !fits || !tile.possible()) return gelu_backward(any_tag{}, be, x, dy, y, dx, dbias, partial);
  for_each_warp(be, Tile::tiles(x.cols()) * chunks, tile);
  add_column_sums(tag, be, chunks, ElementOf<Accum<T>>{sums}, dbias, View<Accum<T>, 2>(partial.data, column_chunks, x.cols()));
}

template <class B, class T>
void add(cuda_tag, B& be, View<const T, 1> a, View<const T, 1> b, View<T, 1> y) {
  for_each_pack(be, y.size(), ElementPacks<Add, T, 2, 1>{{a, b}, {y}});
}

}  // namespace afire
