// afire/backend/cuda/attention.cuh -- attention in bf16 by tensor cores, for heads of 32 and 64 columns; others by products and rows
//
//   attention(gpu, packed, o, log_sum, work);    attention_backward(gpu, packed, o, log_sum, d_o, d_qkv, work);    // op/attention.hpp
//
// For these widths packed holds q, k and v as the product of the tokens wrote them, (B L, 3 C): nn/attention.hpp lets it write there, and
// nothing is packed or unpacked, which would move 2 x 464 MB a layer of ViT-B at 256 films, forward and backward. Nothing of work is used.
#pragma once
#include <afire/backend/cuda/attention_backward.cuh>
#include <afire/backend/cuda/thread.cuh>
#include <afire/op/attention.hpp>

namespace afire {

template <class T>
bool reads_heads_in_place(cuda_tag, Index head_width) {
  return std::is_same_v<T, bf16> && (head_width == 32 || head_width == 64);
}

template <class B, class T>
void pack_heads(cuda_tag tag, B& be, View<const T, 2> qkv, View<T, 4> packed, Index heads) {
  if (!reads_heads_in_place<T>(tag, packed.extent[3])) pack_heads(any_tag{}, be, qkv, packed, heads);
  else if (qkv.data != packed.data) copy(be, qkv.flat(), packed.flat());
}

// What both directions are called with.
struct StreamedHeads {
  View<const bf16, 2> qkv;                 // (B L, 3 C)
  Index rows, width;                       // B L, C
  int tokens, heads;
  float scale;
  Index blocks;                            // of 64 rows

  StreamedHeads(View<const bf16, 4> packed, View<const bf16, 3> o)
      : rows(o.extent[0] * o.extent[1]), width(o.extent[2]), tokens(static_cast<int>(o.extent[1])),
        heads(static_cast<int>(packed.extent[1] / o.extent[0])), scale(1 / math::sqrt(static_cast<float>(packed.extent[3]))),
        blocks(packed.extent[1] * ((o.extent[1] + tile_rows - 1) / tile_rows)) {
    qkv = View<const bf16, 2>(packed.data, rows, 3 * width);
  }
};

template <int D, class B>
void stream_attention(B& be, StreamedHeads const& h, View<bf16, 3> o, View<float, 2> log_sum) {
  run_body(be, AttentionForward<D>{h.qkv, o.as(h.rows, h.width), log_sum, h.tokens, h.heads, h.scale}, h.blocks);
}

template <class B>
void attention(cuda_tag tag, B& be, View<const bf16, 4> packed, View<bf16, 3> o, View<float, 2> log_sum, AttentionWork<bf16> const& w) {
  Index const D = packed.extent[3];
  if (!reads_heads_in_place<bf16>(tag, D)) return attention(any_tag{}, be, packed, o, log_sum, w);
  StreamedHeads const h(packed, o);
  if (D == 32) stream_attention<32>(be, h, o, log_sum);
  else stream_attention<64>(be, h, o, log_sum);
}

template <int D, class B>
void stream_attention_backward(B& be, StreamedHeads const& h, View<const bf16, 3> o, View<const float, 2> log_sum, View<const bf16, 3> d_o,
                               View<bf16, 2> d_qkv) {
  auto const y = o.as(h.rows, h.width), dy = d_o.as(h.rows, h.width);
  run_body(be, AttentionBackward<D, false>{h.qkv, y, dy, log_sum, d_qkv, h.tokens, h.heads, h.scale}, h.blocks);
  run_body(be, AttentionBackward<D, true>{h.qkv, y, dy, log_sum, d_qkv, h.tokens, h.heads, h.scale}, h.blocks);
}

template <class B>
void attention_backward(cuda_tag tag, B& be, View<const bf16, 4> packed, View<const bf16, 3> o, View<const float, 2> log_sum,
                        View<const bf16, 3> d_o, View<bf16, 2> d_qkv, AttentionWork<bf16> const& w) {
  Index const D = packed.extent[3];
  if (!reads_heads_in_place<bf16>(tag, D)) return attention_backward(any_tag{}, be, packed, o, log_sum, d_o, d_qkv, w);
  StreamedHeads const h(packed, o);
  if (D == 32) stream_attention_backward<32>(be, h, o, log_sum, d_o, d_qkv);
  else stream_attention_backward<64>(be, h, o, log_sum, d_o, d_qkv);
}

}  // namespace afire
