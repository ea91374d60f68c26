// afire/afire.hpp -- all of afire that needs no third party; backends on libraries and film readers are included beside it
//
//   #include <afire/afire.hpp>
//   #include <afire/backend/onednn.hpp>
#pragma once
#include <afire/core/arena.hpp>
#include <afire/core/backend.hpp>
#include <afire/core/bf16.hpp>
#include <afire/core/config.hpp>
#include <afire/core/error.hpp>
#include <afire/core/exact.hpp>
#include <afire/core/lane.hpp>
#include <afire/core/param.hpp>
#include <afire/core/rng.hpp>
#include <afire/core/tensor.hpp>
#include <afire/core/view.hpp>

#include <afire/backend/parallel.hpp>
#include <afire/backend/reference.hpp>
#include <afire/backend/wide.hpp>

#include <afire/op/attention.hpp>
#include <afire/op/column_sum.hpp>
#include <afire/op/cosine.hpp>
#include <afire/op/gelu.hpp>
#include <afire/op/layer_norm.hpp>
#include <afire/op/math.hpp>
#include <afire/op/patchify.hpp>
#include <afire/op/residual.hpp>
#include <afire/op/sinkhorn.hpp>

#include <afire/nn/attention.hpp>
#include <afire/nn/block.hpp>
#include <afire/nn/decoder.hpp>
#include <afire/nn/embed.hpp>
#include <afire/nn/head.hpp>
#include <afire/nn/layer_norm.hpp>
#include <afire/nn/linear.hpp>
#include <afire/nn/position.hpp>
#include <afire/nn/vit.hpp>

#include <afire/ssl/assignment.hpp>
#include <afire/ssl/bilinear8.hpp>
#include <afire/ssl/circle.hpp>
#include <afire/ssl/contour.hpp>
#include <afire/ssl/cost.hpp>
#include <afire/ssl/lesion.hpp>
#include <afire/ssl/lesion_texture.hpp>
#include <afire/ssl/masking.hpp>
#include <afire/ssl/method.hpp>
#include <afire/ssl/networks.hpp>
#include <afire/ssl/objective.hpp>
#include <afire/ssl/otsu.hpp>
#include <afire/ssl/prototypes.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/teacher.hpp>
#include <afire/ssl/token_contrast.hpp>

#include <afire/data/phantom.hpp>

#include <afire/train/checkpoint.hpp>
#include <afire/train/optimizer.hpp>
#include <afire/train/parameter_groups.hpp>
#include <afire/train/schedule.hpp>
#include <afire/train/trainer.hpp>
#include <afire/train/update_rules.hpp>
#include <afire/train/validation.hpp>
