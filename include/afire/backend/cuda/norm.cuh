// afire/backend/cuda/norm.cuh -- layer norm in bf16 on a GPU, alone and after a sum, forward and backward: a warp holds its row
//
//   layer_norm(gpu, ...);    add_layer_norm(gpu, ...);    layer_norm_backward(gpu, ...);           // op/layer_norm.hpp, op/residual.hpp
//
// For rows of up to 1,024 numbers, a multiple of 8; others, and other types, go by the functors of op/. Backward keeps the sums down the
// columns in registers too, a chunk of rows a warp, and adds the chunks up at the end; they lie in the workspace of the products.
//
// On paper, ViT-B, 256 films: 155 MB forward, 310 MB with the sum before it, 310 MB backward in place of 540 MB in three passes.
#pragma once
#include <afire/backend/cuda/column_sum.cuh>
#include <afire/backend/held_norm.hpp>

namespace afire {

// 128 threads, four blocks a multiprocessor: 128 registers a thread, into which four packs of two rows and their sums fit.
inline constexpr unsigned threads_that_hold = 128;

template <class F>
__global__ void __launch_bounds__(threads_that_hold, 4) cuda_held_rows(F f, Index n) {
  Index const row = static_cast<Index>(blockIdx.x) * (threads_that_hold / 32) + threadIdx.x / 32;
  if (row < n) f(TeamLane<CudaWarp>{}, row);
}

template <class B, class F>
void for_each_held(B& be, Index n, F f) {
  if (n == 0) return;
  cuda_call(be, cuda_held_rows<F>, cuda_blocks(n, threads_that_hold / 32), threads_that_hold, 0, f, n);
}

// run(packs) with the fewest packs a worker that hold C columns, where these views can be moved in packs. Says whether it was run.
template <class Run, class... V>
bool held(Index C, Run run, V... views) {
  if (!(begins_pack<8>(views.data) && ...)) return false;
  if (holds_rows<bf16, 1>(C)) run(std::integral_constant<int, 1>{});
  else if (holds_rows<bf16, 2>(C)) run(std::integral_constant<int, 2>{});
  else if (holds_rows<bf16, 3>(C)) run(std::integral_constant<int, 3>{});
  else if (holds_rows<bf16, 4>(C)) run(std::integral_constant<int, 4>{});
  else return false;
  return true;
}

template <class B>
bool held_norm(B& be, View<const bf16, 2> a, View<const bf16, 2> b, View<bf16, 2> x, View<const float, 1> gain, View<const float, 1> shift,
               float eps, View<bf16, 2> y, View<float, 2> stats) {
  auto const run = [&](auto packs) {
    for_each_held(be, a.rows(), HeldNorm<bf16, decltype(packs)::value>{a, b, x, gain, shift, y, stats, eps});
  };
  return held(a.cols(), run, a, b, x, gain, shift, y);
}

template <class B>
void layer_norm(cuda_tag, B& be, View<const bf16, 2> x, View<const float, 1> gain, View<const float, 1> shift, float eps,
                View<bf16, 2> y, View<float, 2> stats) {
  if (!held_norm(be, x, {}, {}, gain, shift, eps, y, stats)) layer_norm(any_tag{}, be, x, gain, shift, eps, y, stats);
}

template <class B>
void add_layer_norm(cuda_tag, B& be, View<const bf16, 2> a, View<const bf16, 2> b, View<const float, 1> gain, View<const float, 1> shift,
                    float eps, View<bf16, 2> x, View<bf16, 2> y, View<float, 2> stats) {
  if (!held_norm(be, a, b, x, gain, shift, eps, y, stats)) add_layer_norm(any_tag{}, be, a, b, gain, shift, eps, x, y, stats);
}

template <class B>
void layer_norm_backward(cuda_tag tag, B& be, LayerNormRowBackward<bf16> const& rows, View<float, 1> dgain, View<float, 1> dshift,
                         View<float, 2> partial) {
  Index const N = rows.x.rows(), C = rows.x.cols();
  auto const run = [&](auto packs) {
    using Held = HeldNormBackward<bf16, decltype(packs)::value>;
    Index const chunks = Held::chunks(N);
    auto* const room = static_cast<float*>(be.on->workspace());
    static_assert(Held::most_chunks * 2 * 1024 * sizeof(float) <= CudaDevice::workspace_bytes);
    View<float, 2> const d_gain(room, chunks, C), d_shift(room + chunks * C, chunks, C);
    for_each_held(be, chunks, Held{rows, d_gain, d_shift});
    add_column_sums(tag, be, chunks, ElementOf<float>{d_gain}, dgain, View<float, 2>(partial.data, column_chunks, C));
    add_column_sums(tag, be, chunks, ElementOf<float>{d_shift}, dshift, View<float, 2>(partial.data, column_chunks, C));
  };
  if (N > 0 && held(C, run, rows.x, rows.gain, rows.dy, rows.addend, rows.dx)) return;
  layer_norm_backward(any_tag{}, be, rows, dgain, dshift, partial);
}

}  // namespace afire
