// afire/ssl/method_config.hpp -- what a method is built from: sizes and choices of its parts, and its objective
//
//   MethodConfig<PerPositionHead, TransformerDecoder, Objective> config{vit_small, {}, {}, objective};        // ssl/method.hpp
//   config.vit.image, config.head.prototypes, config.checkpointing.recompute
#pragma once
#include <afire/nn/checkpointing.hpp>
#include <afire/nn/pool.hpp>
#include <afire/ssl/fits.hpp>

namespace afire {

template <class Head, class DecoderConfig, class Objective, class Sight = InPixels, class TeacherKind = Teacher<Ema>,
          class Checkpoints = KeepActivations>
struct MethodConfig {
  ViTConfig vit;
  Head head;
  DecoderConfig decoder;
  Objective objective;
  Sight sight = {};
  TeacherKind teacher = {};
  Views views = {};
  Pool pool = {0, 1};                      // tokens whose mean is scored as the image's; {0, 1}: the class token
  Checkpoints checkpointing = {};
};

}  // namespace afire
