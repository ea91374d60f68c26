// afire/ssl/cost.hpp -- floating-point operations of one training step for one film, from the sizes alone
//
//   block(w, n) = 24 n w^2 + 4 n^2 w       four w x w maps of attention, two w x 4w maps of the MLP, two products with the scores
//   step = 3 (encoder + decoder + head) + encoder + head         forward and twice that backward; the teacher goes forward only
//
//   double gflop = 1e-9 * step_flops(vit_small, PerPositionHead{}, TransformerDecoder{});
//
// Only products are counted, a multiplication and an addition as two.
#pragma once
#include <afire/nn/decoder.hpp>
#include <afire/nn/head.hpp>

namespace afire {

// Forward, one film: a transformer block on `tokens` rows.
inline double block_flops(Index width, Index tokens, Index mlp_ratio) {
  double const w = static_cast<double>(width), n = static_cast<double>(tokens);
  return 2 * n * (4 + 2 * static_cast<double>(mlp_ratio)) * w * w + 4 * n * n * w;
}

// Forward, one film: patch embedding and blocks.
inline double encoder_flops(ViTConfig const& c) {
  double const patch = static_cast<double>(c.patch * c.patch * c.channels);
  return static_cast<double>(c.depth) * block_flops(c.width, c.all_tokens(), c.mlp_ratio) +
         2 * static_cast<double>(c.tokens() * c.width) * patch;
}

// Forward, one film: the map from the encoder's width, blocks, the map to pixels.
inline double decoder_flops(TransformerDecoder const& d, ViTConfig const& c) {
  double const n = static_cast<double>(c.all_tokens()), patch = static_cast<double>(c.patch * c.patch * c.channels);
  return static_cast<double>(d.depth) * block_flops(d.width, c.all_tokens(), d.mlp_ratio) +
         2 * n * static_cast<double>(d.width) * (static_cast<double>(c.width) + patch);
}

// Forward, one film: the MLP and the scores of all patches.
template <class Head>
double head_flops(Head const& h, ViTConfig const& c) {
  Index const weights = c.width * h.hidden + h.hidden * h.hidden + h.hidden * h.out + h.out * h.prototypes;
  return 2 * static_cast<double>(c.tokens()) * static_cast<double>(weights);
}

template <class Head>
double step_flops(ViTConfig const& c, Head const& head, TransformerDecoder const& decoder) {
  double const encoder = encoder_flops(c), scores = head_flops(head, c);
  return 3 * (encoder + decoder_flops(decoder, c) + scores) + encoder + scores;
}

}  // namespace afire
