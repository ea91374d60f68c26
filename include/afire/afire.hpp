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
#include <afire/core/utf8.hpp>
#include <afire/core/view.hpp>

#include <afire/backend/parallel.hpp>
#include <afire/backend/reference.hpp>
#include <afire/backend/wide.hpp>

#include <afire/op/attention.hpp>
#include <afire/op/batch_norm.hpp>
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
#include <afire/nn/pool.hpp>
#include <afire/nn/position.hpp>
#include <afire/nn/resample.hpp>
#include <afire/nn/sight.hpp>
#include <afire/nn/scaled_block.hpp>
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

#include <afire/data/cache.hpp>
#include <afire/data/csv.hpp>
#include <afire/data/films.hpp>
#include <afire/data/folder.hpp>
#include <afire/data/hash.hpp>
#include <afire/data/image.hpp>
#include <afire/data/loader.hpp>
#include <afire/data/manifest.hpp>
#include <afire/data/overlap.hpp>
#include <afire/data/phantom.hpp>
#include <afire/data/phantom_anatomy.hpp>
#include <afire/data/phantom_body.hpp>
#include <afire/data/phantom_bones.hpp>
#include <afire/data/phantom_canvas.hpp>
#include <afire/data/phantom_film.hpp>
#include <afire/data/phantom_findings.hpp>
#include <afire/data/phantom_frame.hpp>
#include <afire/data/phantom_vessels.hpp>
#include <afire/data/picture.hpp>
#include <afire/data/read_film.hpp>
#include <afire/data/resize.hpp>
#include <afire/data/where.hpp>

#include <afire/io/dtype.hpp>
#include <afire/io/file.hpp>
#include <afire/io/json.hpp>
#include <afire/io/json_parse.hpp>
#include <afire/io/json_value.hpp>
#include <afire/io/mapped.hpp>
#include <afire/io/safetensors.hpp>
#include <afire/io/safetensors_writer.hpp>

#include <afire/train/checkpoint.hpp>
#include <afire/train/fit.hpp>
#include <afire/train/interrupt.hpp>
#include <afire/train/log.hpp>
#include <afire/train/optimizer.hpp>
#include <afire/train/parameter_groups.hpp>
#include <afire/train/progress.hpp>
#include <afire/train/resume.hpp>
#include <afire/train/run_row.hpp>
#include <afire/train/schedule.hpp>
#include <afire/train/trainer.hpp>
#include <afire/train/update_rules.hpp>
#include <afire/train/validation.hpp>

#include <afire/eval/anomaly.hpp>
#include <afire/eval/binary.hpp>
#include <afire/eval/bootstrap.hpp>
#include <afire/eval/calibration.hpp>
#include <afire/eval/cluster.hpp>
#include <afire/eval/collapse.hpp>
#include <afire/eval/components.hpp>
#include <afire/eval/covariance.hpp>
#include <afire/eval/delong.hpp>
#include <afire/eval/eigen_symmetric.hpp>
#include <afire/eval/kmeans.hpp>
#include <afire/eval/knn.hpp>
#include <afire/eval/metrics.hpp>
#include <afire/eval/multiclass.hpp>
#include <afire/eval/multilabel.hpp>
#include <afire/eval/partition.hpp>
#include <afire/eval/pca.hpp>
#include <afire/eval/probe.hpp>

#include <afire/picture/axis.hpp>
#include <afire/picture/colour.hpp>
#include <afire/picture/colour_key.hpp>
#include <afire/picture/curves.hpp>
#include <afire/picture/heat_map.hpp>
#include <afire/picture/intervals.hpp>
#include <afire/picture/markup.hpp>
#include <afire/picture/panels.hpp>
#include <afire/picture/report.hpp>
#include <afire/picture/scatter.hpp>
#include <afire/picture/style.hpp>
#include <afire/picture/svg.hpp>

#include <afire/testing/compare.hpp>
#include <afire/testing/gradcheck.hpp>
