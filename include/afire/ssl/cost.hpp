// afire/ssl/cost.hpp -- floating-point operations of one training step for one film, from the sizes alone
//
//   block(w, n) = 24 n w^2 + 4 n^2 w       four w x w maps of attention, two maps of the MLP (here w x 4w), two products with the scores
//   student: 3 V (encoder + head + decoder)         V views, forward and twice that backward
//   teacher: G (encoder + head)                     of the G views that it sees, forward only
//   recomputed: 16 n w^2 + 4 n^2 w of each block of the student, all but the MLP's second map, where blocks are computed again
//
//   double gflop = 1e-9 * step_flops(method).all();
//
// Only products of the networks are counted, a multiplication and an addition as two; a head or decoder of a kind not known here as none.
#pragma once
#include <afire/ssl/networks.hpp>

namespace afire {

// Forward, one film: a transformer block on `tokens` rows.
inline double block_flops(Index width, Index tokens, Index mlp_ratio) {
  double const w = static_cast<double>(width), n = static_cast<double>(tokens);
  return 2 * n * (4 + 2 * static_cast<double>(mlp_ratio)) * w * w + 4 * n * n * w;
}

// Forward, one film: patch embedding, and blocks on `tokens` rows: all of them, or those that are left.
inline double encoder_flops(ViTConfig const& c, Index tokens) {
  double const patch = static_cast<double>(c.seen_patch() * c.seen_patch() * c.channels);
  return static_cast<double>(c.depth) * block_flops(c.width, tokens, c.mlp_ratio) + 2 * static_cast<double>(c.tokens() * c.width) * patch;
}

// Forward, one film: maps from the encoder's width and to pixels, and blocks between them where there are any.
template <class Decoder>
double decoder_flops(Decoder const& d, ViTConfig const& c) {
  double const n = static_cast<double>(c.all_tokens()), patch = static_cast<double>(c.patch * c.patch * c.channels);
  double const width = static_cast<double>(c.width);
  if constexpr (requires { d.depth; })
    return static_cast<double>(d.depth) * block_flops(d.width, c.all_tokens(), d.mlp_ratio) +
           2 * n * static_cast<double>(d.width) * (width + patch);
  else return 2 * n * width * patch;
}

// Blocks computed again (nn/checkpointing.hpp), one film: all of them but the MLP's second map.
inline double recomputed_flops(Index width, Index depth, Index mlp_ratio, Index tokens) {
  double const w = static_cast<double>(width), last = 2 * static_cast<double>(tokens) * static_cast<double>(mlp_ratio) * w * w;
  return static_cast<double>(depth) * (block_flops(width, tokens, mlp_ratio) - last);
}

// Forward, one token: the head's maps, of a projector and its predictor both.
template <class Head>
double head_flops(Head const& h, Index width) {
  Index weights = 0;
  if constexpr (requires { h.projector; }) return head_flops(h.projector, width) + head_flops(h.predictor, h.projector.out);
  else if constexpr (requires { h.layers; })
    weights = h.layers == 1 ? width * h.out : width * h.hidden + (h.layers - 2) * h.hidden * h.hidden + h.hidden * h.out;
  else if constexpr (requires { h.mlp; }) return head_flops(h.mlp, width) + 2 * static_cast<double>(h.mlp.out * h.prototypes);
  else if constexpr (requires { h.prototypes; })
    weights = width * h.hidden + h.hidden * h.hidden + h.hidden * h.out + h.out * h.prototypes;
  return 2 * static_cast<double>(weights);
}

struct StepFlops {                         // for one film, by part
  double encoder = 0, decoder = 0, head = 0, teacher_encoder = 0, teacher_head = 0;
  double all() const { return encoder + decoder + head + teacher_encoder + teacher_head; }
};

template <class Method>
StepFlops step_flops(Method const& method) {
  constexpr Needs needs = Method::needs;
  auto const& c = method.config();
  Index seen = c.vit.all_tokens();
  if constexpr (requires { c.sight.kept; }) seen -= c.vit.tokens() - c.sight.kept;
  double const scored = static_cast<double>((needs.scores ? c.vit.tokens() : 0) + (needs.class_scores ? 1 : 0));
  double const views = static_cast<double>(c.views.student), learns = 3 * views;
  double const again = c.checkpointing.recompute ? 1 : 0;
  auto const learnt = [&](ViTConfig const& vit, Index tokens) {                    // of a view, by the encoder
    return 3 * encoder_flops(vit, tokens) + again * recomputed_flops(vit.width, vit.depth, vit.mlp_ratio, tokens);
  };
  double const teaches = static_cast<double>(c.views.teacher * (needs.observes + needs.targets));
  double encoder = views * learnt(c.vit, seen);
  if constexpr (requires { c.sight.side; }) {
    ViTConfig small_view = c.vit;
    small_view.image = c.sight.side;
    double const share = static_cast<double>(c.views.teacher) / views;
    encoder = share * encoder + (1 - share) * views * learnt(small_view, small_view.all_tokens());
  }
  StepFlops f{.encoder = encoder, .head = learns * scored * head_flops(c.head, c.vit.width)};
  if constexpr (needs.film) {
    f.decoder = learns * decoder_flops(c.decoder, c.vit);
    if constexpr (requires { c.decoder.depth; })
      f.decoder += again * views * recomputed_flops(c.decoder.width, c.decoder.depth, c.decoder.mlp_ratio, c.vit.all_tokens());
  }
  if constexpr (needs.teacher) {
    f.teacher_encoder = teaches * encoder_flops(c.vit, c.vit.all_tokens());
    f.teacher_head = teaches * scored * head_flops(teacher_config(c.head), c.vit.width);
  }
  return f;
}

}  // namespace afire
