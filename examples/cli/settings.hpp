// examples/cli/settings.hpp -- every setting of a pre-training, written once: flag, name in config.json, default, bounds and help
//
//   Settings s = resolve({{"model", "small"}, {"batch", "16"}}, &config);      // defaults < --config < presets of flags < flags
//   Json all = settings_json(s);                                               // config.json; read back by resolve
//   for_each_setting(s, [](Field const& field, auto& value) { ... });
//
// A setting of the groups model, training and method decides what is learnt: it is kept in every checkpoint, and a resume refuses others.
#pragma once
#include <cstdint>
#include <utility>

#include <afire/dist/one_machine.hpp>
#include <afire/io/json.hpp>
#include <examples/cli/exit_code.hpp>

namespace afire::cli {

enum class Group { films, model, training, method, run };

struct Settings {
  std::string films, where, validation, validation_where;
  Index phantom = 0, validation_phantom = 0;
  bool allow_shared = false, skip_broken = false;
  std::string range = "full", disk_cache;
  Index cache_mib = 4096;

  std::string model = "tiny";
  Index width = 192, depth = 12, heads = 3, mlp_ratio = 4, patch = 16, image = 224, channels = 3, registers = 0;
  std::string positions = "sines";
  bool front_positions = true, qkv_bias = true;
  double layer_scale = 0, drop_path = 0;
  Index decoder_width = 192, decoder_depth = 4, decoder_heads = 6;
  Index head_hidden = 1024, head_out = 256, prototypes = 256;

  Index batch = 32, accumulate = 1, epochs = 100, seed = 0;
  std::string optimizer = "adamw";
  double lr = 0, min_lr = 1e-6, warmup_epochs = -1;
  bool scale_lr = true;
  double weight_decay = 0.04, weight_decay_end = 0.4, momentum = 0.9, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, eta = 0.001;
  std::string clip = "tensor";
  double clip_norm = 3;
  Index freeze_epochs = 1;
  double ema = 0.996, ema_end = 1;

  bool faithful = false;
  std::string lesion_axes = "upright", lesion_clip = "lesion", lesion_overlap = "saturate", lesion_edge = "soft", lesion_texture = "varied";
  Index lesions_most = 4, lesion_smallest = 19, lesion_largest = 154;
  double lesion_dark = 0.25, clean_share = 0.1;
  std::string prototype_rule = "corrected", decay = "corrected", restore = "everywhere";
  double temperature = 0.1, sinkhorn_temperature = 0.05, prototype_momentum = 0.75, contrast_weight = 1, restoration_weight = 1;
  Index sinkhorn_iterations = 3;
  std::string pool = "auto";

  std::string backend, dtype;                          // empty: the best that is there
  std::string lesions = "loader";
  bool deterministic = true, recompute = false;
  Index device = 0, steps = 0, threads = 0, loader_threads = 1, checkpoint_steps = 0, keep = 2, monitor_films = 128;
  std::string out = "run", resume = "never", init, init_allow, init_part, init_from;

  OneMachine ranks = {};                               // no setting: the other processes of this run, once they are there
};

struct Field {
  char const* name;                                    // --name, and "name" in config.json
  Group group;
  char const* kind;                                    // "N", "X", "PATH" ..., or "this|that": nothing else is taken
  char const* help;
  double least = -1e300, most = 1e300;                 // of a number
};

inline constexpr double nearly_one = 0.999999;          // what keeps all of itself learns nothing

// Calls f(field, value) for each setting.
template <class S, class F>
void for_each_setting(S& s, F f) {
  using enum Group;
  f(Field{"films", films, "PATH", "a folder of PNG and JPEG films, or a manifest: a CSV file with a column 'file'"}, s.films);
  f(Field{"where", films, "K=V,...", "only rows of the manifest with these values, e.g. normal=1,split=train"}, s.where);
  f(Field{"phantom", films, "N", "N procedural chest films instead of --films", 0, 1e7}, s.phantom);
  f(Field{"validation", films, "PATH", "films to judge on after each epoch; the best checkpoint is kept as best.safetensors"},
    s.validation);
  f(Field{"validation-where", films, "K=V,...", "only these rows of the validation manifest"}, s.validation_where);
  f(Field{"validation-phantom", films, "N", "N other procedural films to judge on", 0, 1e7}, s.validation_phantom);
  f(Field{"allow-shared", films, "", "go on although patients or films are in both training and validation"}, s.allow_shared);
  f(Field{"skip-broken", films, "", "leave out films that cannot be read; each is named, and counted at the end"}, s.skip_broken);
  f(Field{"range", films, "full|12bit|minmax|percentiles", "what becomes black and white in films of 9 to 16 bits"}, s.range);
  f(Field{"cache-mib", films, "N", "memory for decoded films; what does not fit is decoded again", 0, 1e9}, s.cache_mib);
  f(Field{"disk-cache", films, "FILE", "keeps decoded films for the next run"}, s.disk_cache);

  f(Field{"model", model, "tiny|small|base", "preset: width 192, 384 or 768, heads 3, 6 or 12; decoder 192 x 4, 512 x 8, 512 x 8"},
    s.model);
  f(Field{"width", model, "N", "columns of a token", 4, 65536}, s.width);
  f(Field{"depth", model, "N", "blocks of the encoder", 1, 1024}, s.depth);
  f(Field{"heads", model, "N", "heads of the encoder's attention", 1, 1024}, s.heads);
  f(Field{"mlp-ratio", model, "N", "columns inside a block's MLP for each column of a token", 1, 64}, s.mlp_ratio);
  f(Field{"patch", model, "N", "pixels along a patch", 1, 1024}, s.patch);
  f(Field{"image", model, "N", "pixels along a film, after resizing", 1, 16384}, s.image);
  f(Field{"channels", model, "N", "3: weights are exchangeable with timm's;  1: grey", 1, 3}, s.channels);
  f(Field{"registers", model, "N", "register tokens between the class token and the patches", 0, 1024}, s.registers);
  f(Field{"positions", model, "sines|learned", "the encoder's position table: fixed sines and cosines, or trained"}, s.positions);
  f(Field{"front-positions", model, "", "let class and register tokens have positions, not the patches alone"}, s.front_positions);
  f(Field{"layer-scale", model, "X", "where the factors of each block's branches begin, e.g. 1e-5; 0: there are none", 0, 1e6},
    s.layer_scale);
  f(Field{"qkv-bias", model, "", "let queries, keys and values of the encoder have a bias"}, s.qkv_bias);
  f(Field{"decoder-width", model, "N", "columns of a token in the decoder", 4, 65536}, s.decoder_width);
  f(Field{"decoder-depth", model, "N", "blocks of the decoder", 1, 1024}, s.decoder_depth);
  f(Field{"decoder-heads", model, "N", "heads of the decoder's attention", 1, 1024}, s.decoder_heads);
  f(Field{"head-hidden", model, "N", "columns inside the projection head", 1, 65536}, s.head_hidden);
  f(Field{"head-out", model, "N", "columns of a token when it is compared with directions", 1, 65536}, s.head_out);
  f(Field{"prototypes", model, "N", "prototypes of each position", 2, 1e6}, s.prototypes);

  f(Field{"batch", training, "N", "films computed at once, by all ranks together", 1, 1e6}, s.batch);
  f(Field{"accumulate", training, "N", "batches of a step: as a batch N times as large, in the memory of one", 1, 1e6}, s.accumulate);
  f(Field{"epochs", training, "N", "times that each film is seen; the schedules end there", 1, 1e6}, s.epochs);
  f(Field{"seed", training, "N", "decides weights, order and lesions", 0}, s.seed);
  f(Field{"optimizer", training, "adamw|sgd|lars", "rule of the update"}, s.optimizer);
  f(Field{"lr", training, "X", "learning rate for 256 films a step; 0: 5e-4 for adamw, 0.05 for sgd, 0.5 for lars", 0, 1e6}, s.lr);
  f(Field{"scale-lr", training, "", "multiply the rate by films a step / 256"}, s.scale_lr);
  f(Field{"min-lr", training, "X", "rate at the end of the cosine", 0, 1e6}, s.min_lr);
  f(Field{"warmup-epochs", training, "X", "linear warm-up; negative: 10, or a tenth of a training shorter than 100", -1e6, 1e6},
    s.warmup_epochs);
  f(Field{"weight-decay", training, "X", "at the beginning", 0, 1e6}, s.weight_decay);
  f(Field{"weight-decay-end", training, "X", "at the end of its cosine", 0, 1e6}, s.weight_decay_end);
  f(Field{"momentum", training, "X", "of sgd and lars", 0, nearly_one}, s.momentum);
  f(Field{"beta1", training, "X", "of adamw", 0, nearly_one}, s.beta1);
  f(Field{"beta2", training, "X", "of adamw", 0, nearly_one}, s.beta2);
  f(Field{"eps", training, "X", "of adamw", 1e-30, 1}, s.eps);
  f(Field{"eta", training, "X", "of lars", 1e-9, 1e6}, s.eta);
  f(Field{"clip", training, "none|tensor|global", "shorten the gradient of each tensor, or of all together"}, s.clip);
  f(Field{"clip-norm", training, "X", "to this length", 1e-9, 1e9}, s.clip_norm);
  f(Field{"freeze-epochs", training, "N", "in which the head's directions stand still", 0, 1e6}, s.freeze_epochs);
  f(Field{"drop-path", training, "X", "share of films that skip the last block's branches in the student, less in those before it", 0, 1},
    s.drop_path);
  f(Field{"ema", training, "X", "momentum of the teacher at the beginning", 0, 1}, s.ema);
  f(Field{"ema-end", training, "X", "and at the end of its cosine", 0, 1}, s.ema_end);

  f(Field{"faithful", method, "", "all choices of the released code, below and --warmup-epochs 10"}, s.faithful);
  f(Field{"lesion-axes", method, "upright|released", "released: rows and columns of the texture exchanged (Q1)"}, s.lesion_axes);
  f(Field{"lesion-clip", method, "lesion|released", "released: every pixel of the film is clipped at 235 (Q2)"}, s.lesion_clip);
  f(Field{"lesion-overlap", method, "saturate|released", "released: sums wrap at 256 (Q3)"}, s.lesion_overlap);
  f(Field{"lesion-edge", method, "soft|released", "released: rectangles with visible edges, any touched pixel marks its patch (Q4)"},
    s.lesion_edge);
  f(Field{"lesion-texture", method, "varied|released", "released: one texture a film, brightening only (Q5)"}, s.lesion_texture);
  f(Field{"lesion-dark", method, "X", "share of lesions that are darker than the film", 0, 1}, s.lesion_dark);
  f(Field{"lesions-most", method, "N", "lesions of a film: 1 to N", 1, 100}, s.lesions_most);
  f(Field{"lesion-smallest", method, "N", "sides of a lesion's box at 224 pixels; released: 16", 1, 224}, s.lesion_smallest);
  f(Field{"lesion-largest", method, "N", "released: 128", 1, 224}, s.lesion_largest);
  f(Field{"clean-share", method, "X", "films without a lesion; released: 0 (Q6)", 0, 1}, s.clean_share);
  f(Field{"prototype-rule", method, "corrected|released", "released: overwritten at each step of the first epoch (Q15)"}, s.prototype_rule);
  f(Field{"decay", method, "corrected|released", "released: tokens and directions decay too (Q21, Q22)"}, s.decay);
  f(Field{"restore", method, "everywhere|lesions", "pixels that count; released: everywhere (Q18)"}, s.restore);
  f(Field{"temperature", method, "X", "of the student's softmax", 1e-6, 1e6}, s.temperature);
  f(Field{"sinkhorn-temperature", method, "X", "of the targets", 1e-6, 1e6}, s.sinkhorn_temperature);
  f(Field{"sinkhorn-iterations", method, "N", "0: a plain softmax, without balance", 0, 1000}, s.sinkhorn_iterations);
  f(Field{"prototype-momentum", method, "X", "of the prototypes' average", 0, nearly_one}, s.prototype_momentum);
  f(Field{"pool", method, "auto|token|mean", "what stands for a film: class token or mean of patches; auto: what is scored, else the mean"},
    s.pool);
  f(Field{"contrast-weight", method, "X", "of the token contrast", 0, 1e6}, s.contrast_weight);
  f(Field{"restoration-weight", method, "X", "of the restoration", 0, 1e6}, s.restoration_weight);

  f(Field{"backend", run, "onednn|eigen|reference|cuda", "what computes; else the fastest of the CPU's that was built in"}, s.backend);
  f(Field{"device", run, "N", "of --backend cuda: which GPU, counted from 0; several ranks take one each", 0, 1024}, s.device);
  f(Field{"dtype", run, "f32|bf16", "of products; else bf16 on a GPU, and where the processor has AMX or AVX-512 bf16 and oneDNN is there"},
    s.dtype);
  f(Field{"deterministic", run, "", "the same bits for any number of threads"}, s.deterministic);
  f(Field{"threads", run, "N", "of the computation; 0: all", 0, 1024}, s.threads);
  f(Field{"recompute", run, "", "keep only the input of each block, and compute the block again backward: less memory, the same bits"},
    s.recompute);
  f(Field{"loader-threads", run, "N", "that read films and draw lesions", 1, 256}, s.loader_threads);
  f(Field{"lesions", run, "loader|device", "who draws them; device: of --backend cuda, the same films from half the bytes"}, s.lesions);
  f(Field{"steps", run, "N", "stop after step N, although the schedule goes on; 0: after the last epoch", 0}, s.steps);
  f(Field{"checkpoint-steps", run, "N", "save every N steps; 0: after each epoch", 0}, s.checkpoint_steps);
  f(Field{"keep", run, "N", "checkpoints that stay", 1}, s.keep);
  f(Field{"monitor-films", run, "N", "films that monitors are taken on after each epoch", 1, 1e6}, s.monitor_films);
  f(Field{"out", run, "DIR", "folder of the run"}, s.out);
  f(Field{"resume", run, "never|auto", "auto: continue the newest good checkpoint of --out, or start"}, s.resume);
  f(Field{"init", run, "WEIGHTS", "start from a .safetensors or .pth file of timm, DINO, iBOT, DINOv2, MAE, MRM, Hugging Face or AFiRe"},
    s.init);
  f(Field{"init-allow", run, "PATTERN,...", "names that may be missing, left over or of another shape in it, e.g. head.*,decoder.*"},
    s.init_allow);
  f(Field{"init-part", run, "teacher|student", "whose weights of it; else the teacher's where there are both"}, s.init_part);
  f(Field{"init-from", run, "timm|dino|ibot|dinov2|mae|mrm|hf|released|afire", "whose names it has; else that is found by its names"},
    s.init_from);
}

using Given = std::vector<std::pair<std::string, std::string>>;          // flags as typed: name without dashes, value; "true", "false"

Settings resolve(Given const& flags, Json const* config = nullptr, std::string const& config_path = {}, Settings defaults = {});
Json settings_json(Settings const& s);                 // with the version of the program
Json deciding_json(Settings const& s);                 // only what decides what is learnt, with dtype; not on what machine
void read_settings(Json const& config, std::string const& path, Settings& s);

// A name of `names` that is close to `word`; empty: none is.
std::string nearest(std::string const& word, std::vector<std::string> const& names);

}  // namespace afire::cli
