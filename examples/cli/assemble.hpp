// examples/cli/assemble.hpp -- from settings to the parts of a method
//
//   Method<T, PerPositionHead, TransformerDecoder, Objective> method(be, method_config(s), s.batch);
#pragma once
#include <afire/ssl/masking.hpp>
#include <afire/ssl/method.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/trainer.hpp>
#include <examples/cli/settings.hpp>

namespace afire::cli {

inline ViTConfig vit_config(Settings const& s) {
  demands(s.drop_path < 1, "--drop-path is ", s.drop_path, "; less than 1 is needed");
  demands(s.drop_path == 0 || s.depth > 1, "--drop-path ", s.drop_path,
      ": the first block never drops a branch, so --depth must be at least 2");
  ViTConfig const c{.image = s.image, .patch = s.patch, .channels = s.channels, .width = s.width, .depth = s.depth, .heads = s.heads,
                    .mlp_ratio = s.mlp_ratio, .registers = s.registers, .layer_scale = s.layer_scale,
                    .learned_positions = s.positions == "learned", .front_positions = s.front_positions, .qkv_bias = s.qkv_bias,
                    .drop_path = s.drop_path};
  try {
    expect_possible(c);
  } catch (error const& e) { throw Failure(ExitCode::usage, e.what()); }
  demands(s.decoder_width % s.decoder_heads == 0 && s.decoder_width % 4 == 0, "--decoder-width is ", s.decoder_width,
          "; it must be a multiple of 4 and of --decoder-heads, ", s.decoder_heads);
  return c;
}

inline PerPositionHead head_config(Settings const& s) { return {.hidden = s.head_hidden, .out = s.head_out, .prototypes = s.prototypes}; }

inline TransformerDecoder decoder_config(Settings const& s) {
  return {.width = s.decoder_width, .depth = s.decoder_depth, .heads = s.decoder_heads};
}

inline Sinkhorn sinkhorn_config(Settings const& s) {
  return {.temperature = s.sinkhorn_temperature, .iterations = static_cast<int>(s.sinkhorn_iterations)};
}

inline Prototypes prototype_config(Settings const& s) {
  return {.momentum = s.prototype_momentum,
          .rule = s.prototype_rule == "released" ? PrototypeRule::released : PrototypeRule::bias_corrected};
}

template <class Assignment = Sinkhorn>
TokenContrast<Assignment> contrast_config(Settings const& s, Assignment assignment, Tokens tokens = Tokens::normal) {
  return {assignment, s.temperature, prototype_config(s), tokens};
}
inline auto contrast_config(Settings const& s) { return contrast_config(s, sinkhorn_config(s)); }

inline auto objective_config(Settings const& s) {
  demands(s.contrast_weight > 0 || s.restoration_weight > 0, "--contrast-weight and --restoration-weight are 0; there is nothing to learn");
  Restoration<Weighted> const restoration{.where = {.lesion = 1, .elsewhere = s.restore == "lesions" ? 0.0 : 1.0}};
  return s.contrast_weight * contrast_config(s) + s.restoration_weight * restoration;
}
using Objective = decltype(objective_config({}));

// Whether blocks are computed again is chosen when the program runs, too.
struct ChosenCheckpointing {
  bool recompute = false;
};

inline MethodConfig<PerPositionHead, TransformerDecoder, Objective, InPixels, Teacher<Ema>, ChosenCheckpointing> method_config(
    Settings const& s) {
  return {vit_config(s), head_config(s), decoder_config(s), objective_config(s), {}, {}, {}, {0, 1}, {s.recompute}};
}
template <class T>
using MethodOf = Method<T, PerPositionHead, TransformerDecoder, Objective, InPixels, Teacher<Ema>, ChosenCheckpointing>;

inline SyntheticLesion lesion_config(Settings const& s) {
  demands(s.lesion_smallest <= s.lesion_largest, "--lesion-smallest is ", s.lesion_smallest, ", --lesion-largest ", s.lesion_largest,
          "; the smallest must not be larger");
  SyntheticLesion l;
  SyntheticLesion const released = faithful_lesions();
  if (s.lesion_axes == "released") l.axes = released.axes;
  if (s.lesion_clip == "released") l.clip = released.clip, l.ceiling = released.ceiling;
  if (s.lesion_overlap == "released") l.overlap = released.overlap;
  if (s.lesion_edge == "released") l.edge = released.edge, l.patch_share = released.patch_share;
  if (s.lesion_texture == "released") l.texture = released.texture;
  if (s.faithful) l.order = released.order;
  l.most = static_cast<int>(s.lesions_most);
  l.smallest = static_cast<int>(s.lesion_smallest), l.largest = static_cast<int>(s.lesion_largest);
  l.dark_share = static_cast<float>(s.lesion_dark), l.clean_share = static_cast<float>(s.clean_share);
  return l;
}

inline UpdateOptions update_config(Settings const& s) {
  return {.clip = s.clip == "none" ? Clip::none : s.clip == "global" ? Clip::global : Clip::per_tensor, .clip_norm = s.clip_norm,
          .decay = s.decay == "released" ? DecayRule::released : DecayRule::corrected};
}

// The tokens that stand for a film; {0, 0}: as the method has it.
inline Pool pool_config(Settings const& s) {
  ViTConfig const vit = vit_config(s);
  return s.pool == "auto" ? Pool{0, 0} : s.pool == "token" ? Pool{0, 1} : Pool{vit.front(), vit.tokens()};
}

inline TrainOptions train_options(Settings const& s) {
  return {.batch = s.batch, .accumulate = s.accumulate, .seed = static_cast<std::uint64_t>(s.seed), .min_lr = s.min_lr,
          .warmup_epochs = s.warmup_epochs, .weight_decay = s.weight_decay, .weight_decay_end = s.weight_decay_end,
          .freeze_epochs = s.freeze_epochs, .scale_lr = s.scale_lr, .update = update_config(s), .pool = pool_config(s)};
}

// Calls f with the rule of --optimizer.
template <class F>
auto with_rule(Settings const& s, F f) {
  auto const rate = [&](double otherwise) { return s.lr > 0 ? s.lr : otherwise; };
  if (s.optimizer == "sgd") return f(Sgd{.lr = rate(0.05), .momentum = s.momentum});
  if (s.optimizer == "lars") return f(Lars{.lr = rate(0.5), .momentum = s.momentum, .eta = s.eta});
  return f(AdamW{.lr = rate(5e-4), .b1 = s.beta1, .b2 = s.beta2, .eps = s.eps});
}

}  // namespace afire::cli
