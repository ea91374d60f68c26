// Configurations that cannot be meant are refused where a part is taken up, before anything is computed, each in one sentence.
// docs/errors.md lists the sentences; tests/structure/messages.sh makes the list from the comparisons below.
#include <limits>
#include <string>

#include <doctest/doctest.h>

#include <afire/backend/reference.hpp>
#include <afire/data/phantom.hpp>
#include <afire/data/views.hpp>
#include <afire/nn/mlp_head.hpp>
#include <afire/ssl/barlow_twins.hpp>
#include <afire/ssl/cross_views.hpp>
#include <afire/ssl/dense_objective.hpp>
#include <afire/ssl/erasing.hpp>
#include <afire/ssl/hidden.hpp>
#include <afire/ssl/info_nce.hpp>
#include <afire/ssl/masking.hpp>
#include <afire/ssl/negative_cosine.hpp>
#include <afire/ssl/nt_xent.hpp>
#include <afire/ssl/position_objective.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/sinkhorn_queue.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/ssl/vicreg.hpp>
#include <afire/ssl/view_agreement.hpp>
#include <afire/train/fit.hpp>

using namespace afire;

namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();
constexpr ViTConfig vit{.image = 16, .patch = 8, .channels = 1, .width = 8, .depth = 1, .heads = 2};

template <class F>
std::string sentence(F f) {
  try {
    f();
  } catch (error const& e) { return e.what(); }
  return "";
}

// Of a part that is asked itself.
template <class Part>
std::string refuses(Part part) {
  return sentence([&] { part.validate(); });
}

// Of an objective that plans its memory: two views of two films with four patches, eight prototypes.
template <class Objective>
std::string plans(Objective objective) {
  return sentence([&] {
    Arena arena;
    objective.template plan<float>(arena, Sizes{.batch = 4, .tokens = 4, .prototypes = 8, .views = {2, 2}, .width = 8});
  });
}

// Of a training that restores what this masking took.
template <class Masking>
std::string masks(Masking masking, TrainOptions options = {.batch = 2}) {
  return sentence([&] {
    Reference cpu{.threads = 1};
    TransformerDecoder const decoder{.width = 8, .depth = 1, .heads = 2};
    Trainer trainer{cpu, Compute<float>{}, vit, NoHead{}, decoder, masking, NoTeacher{}, Restoration<>{}, AdamW{}, options};
  });
}

// Of a training whose parts are those given.
std::string trains(AdamW rule, TrainOptions options, TransformerDecoder decoder = {.width = 8, .depth = 1, .heads = 2},
                   SyntheticLesion lesions = {}, Ema ema = {}) {
  return sentence([&] {
    Reference cpu{.threads = 1};
    Trainer trainer{cpu, Compute<float>{}, vit, NoHead{}, decoder, lesions, Teacher<Ema>{ema}, Restoration<>{}, rule, options};
  });
}

}  // namespace

TEST_CASE("a training refuses what cannot be meant before it takes memory") {
  TrainOptions const fine{.batch = 2};
  CHECK(trains({}, fine) == "");
  CHECK(trains({}, {.batch = 0}) == "training: batch 0, accumulate 1; each must be at least 1");
  CHECK(trains({}, {.pool = {-1, 2}}) == "training: pool is 2 tokens from token -1 on");
  CHECK(trains({}, {.pool = {2, 4}}) == "training: pool is 4 tokens from token 2 on, there are 5");
  CHECK(trains({}, {.batch = 2, .accumulate = -1}) == "training: batch 2, accumulate -1; each must be at least 1");
  CHECK(trains({}, {.batch = 2, .min_lr = no_number}) == "training: min_lr is nan; a number of at least 0 is needed");
  CHECK(trains({}, {.batch = 2, .weight_decay = -1}) == "training: weight_decay is -1; a number of at least 0 is needed");
  CHECK(trains({}, {.batch = 2, .update = {.clip_norm = 0}}) == "training: clip_norm is 0; a number above 0 is needed");
  CHECK(trains({}, {.batch = 2, .update = {.clip = Clip::none, .clip_norm = 0}}) == "");
  CHECK(trains({.lr = no_number}, fine) == "training: lr is nan; a number of at least 0 is needed");
  CHECK(trains({.b1 = 1}, fine) == "adam: b1 is 1; it must lie in 0 ... 1, without 1");
  CHECK(trains({.b2 = no_number}, fine) == "adam: b2 is nan; it must lie in 0 ... 1, without 1");
  CHECK(trains({.eps = 0}, fine) == "adam: eps is 0; a number above 0 is needed");
  CHECK(trains({}, fine, {.width = 8, .depth = 0, .heads = 2}) ==
        "decoder: width 8, depth 0, heads 2, mlp_ratio 4; each must be at least 1");
  CHECK(trains({}, fine, {.width = 8, .depth = 1, .heads = 3}) == "decoder: width 8; it must be a multiple of 4 and of heads, 3");
  CHECK(trains({}, fine, {.width = 8, .depth = 1, .heads = 2}, {.clean_share = 2}) == "lesion: clean_share is 2; it must lie in 0 ... 1");
  CHECK(trains({}, fine, {.width = 8, .depth = 1, .heads = 2}, {}, {.momentum = 2}) ==
        "teacher: the momentum is 2; it must lie in 0 ... 1");
  CHECK(trains({}, {.batch = Index{1} << 52}).substr(0, 36) == "not enough memory for an activation ");
  CHECK(sentence([] {
          Reference cpu;
          ProjectionHead<float> head(SharedHead{.hidden = Index{1} << 40}, 8, 4);
          ParamStore<float>(cpu, head, Gradients::no);
        }).substr(0, 26) == "not enough memory for the ");
}

TEST_CASE("rules, heads, assignments, prototypes and crops refuse what cannot be meant") {
  CHECK(sentence([] { Sgd{.momentum = 1}.validate(); }) == "sgd: the momentum is 1; it must lie in 0 ... 1, without 1");
  CHECK(sentence([] { Lars{.eta = 0}.validate(); }) == "lars: eta is 0; a number above 0 is needed");
  CHECK(sentence([] { Lion{.b1 = -1}.validate(); }) == "lion: b1 is -1; it must lie in 0 ... 1, without 1");
  CHECK(sentence([] { ProjectionHead<float>(SharedHead{.prototypes = 0}, 8, 4); }) ==
        "head: hidden 1024, out 256, prototypes 0; each must be at least 1");
  CHECK(sentence([] { Prototypes{.momentum = 1}.validate(); }) == "prototypes: the momentum is 1; it must lie in 0 ... 1, without 1");
  CHECK(sentence([] { Mlp<float>({.layers = 0}, 8); }) == "mlp: 0 layers, 2048 hidden, 256 out; each must be at least 1");
  CHECK(refuses(MlpHead{.eps = 0}) == "mlp: eps is 0; a number above 0 is needed");
  CHECK(refuses(Sinkhorn{.temperature = 0}) == "sinkhorn: the temperature is 0; a number above 0 is needed");
  CHECK(refuses(Sinkhorn{.iterations = -1}) == "sinkhorn: -1 iterations; at least 0 are needed");
  CHECK(refuses(SinkhornQueue{.length = 0}) == "sinkhorn queue: a length of 0; at least 1 is needed");
  CHECK(refuses(Softmax{.temperature = -1}) == "softmax: the temperature is -1; a number above 0 is needed");
  CHECK(refuses(CentreSharpen{.momentum = 2}) == "centre and sharpen: the momentum is 2; it must lie in 0 ... 1");
}

TEST_CASE("objectives refuse temperatures, weights and queues that cannot be meant where they plan their memory") {
  CHECK(plans(TokenContrast<>{.temperature = no_number}) == "token contrast: the temperature is nan; a number above 0 is needed");
  CHECK(plans(PositionInfoNce{.contrast = {.temperature = 0}}) == "position contrast: the temperature is 0; a number above 0 is needed");
  CHECK(plans(PositionInfoNce{.prototypes = {.momentum = -1}}) == "prototypes: the momentum is -1; it must lie in 0 ... 1, without 1");
  CHECK(plans(CrossViews<>{.temperature = 0}) == "cross views: the temperature is 0; a number above 0 is needed");
  CHECK(plans(CrossViews<SinkhornQueue>{.assignment = {.length = 3}}) ==
        "sinkhorn queue: a length of 3; at least the 4 rows of a micro-batch are needed");
  CHECK(plans(DenseObjective{.lambda = 2}) == "dense objective: lambda is 2; it must lie in 0 ... 1");
  CHECK(plans(DenseObjective{.length = 1}) == "dense objective: a length of 1; at least the 2 rows of a micro-batch are needed");
  CHECK(plans(DenseObjective{.contrast = {.temperature = 0}}) == "queue contrast: the temperature is 0; a number above 0 is needed");
  CHECK(plans(ViewAgreement{NtXent{.temperature = 0}}) == "two-view contrast: the temperature is 0; a number above 0 is needed");
  CHECK(plans(ViewAgreement{InfoNce{.temperature = no_number}}) == "info nce: the temperature is nan; a number above 0 is needed");
  CHECK(plans(TeacherAgreement{InfoNce{.factor = 0}}) == "info nce: the factor is 0; a number above 0 is needed");
  CHECK(plans(ViewAgreement{NegativeCosine{.offset = no_number}}) == "negative cosine: the offset is nan; a number is needed");
  CHECK(plans(ViewAgreement{BarlowTwins{.lambda = -1}}) == "barlow twins: lambda is -1; a number of at least 0 is needed");
  CHECK(plans(ViewAgreement{VicReg{.invariance = -1}}) == "vicreg: the invariance's weight is -1; a number of at least 0 is needed");
  CHECK(plans(ViewAgreement{VicReg{.covariance = no_number}}) ==
        "vicreg: the covariance's weight is nan; a number of at least 0 is needed");
  CHECK(plans(ViewAgreement{VicReg{.eps = 0}}) == "vicreg: eps is 0; a number above 0 is needed");
  CHECK(plans(no_number * Restoration<>{}) == "objective: its weight is nan; a number of at least 0 is needed");
  CHECK(plans(Restoration<>{} + -1.0 * Restoration<>{}) == "objective: its weight is -1; a number of at least 0 is needed");
  CHECK(plans(Restoration<Weighted>{.where = {.lesion = -1}}) ==
        "restoration: the weight of lesions is -1; a number of at least 0 is needed");
  CHECK(plans(Restoration<Weighted>{.where = {0, 0}}) == "restoration: both weights are 0; there is nothing to restore");
  CHECK(plans(Restoration<Everywhere, SmoothL1>{.distance = {.beta = 0}}) == "smooth L1: beta is 0; a number above 0 is needed");
  CHECK(plans(Restoration<Everywhere, Huber>{.distance = {.delta = -1}}) == "huber: delta is -1; a number above 0 is needed");
}

TEST_CASE("maskings and views refuse what cannot be meant before a film is read") {
  CHECK(masks(Masked{RandomPatches{.ratio = 0.5}, 8}) == "");
  CHECK(masks(Masked{RandomPatches{.ratio = 2}, 8}) == "random patches: the ratio is 2; it must lie in 0 ... 1");
  CHECK(masks(Dropped{RandomPatches{.ratio = no_number}, 8}) == "random patches: the ratio is nan; it must lie in 0 ... 1");
  CHECK(masks(Dropped{RandomPatches{.ratio = 1}, 8}) == "method: 0 patches of 4 are to be kept; at least one, but not all");
  CHECK(masks(Masked{RandomPatches{}, 16}) == "hidden patches: patches of 16 pixels, the encoder's have 8; give the encoder's patch");
  CHECK(masks(Masked{RandomPatches{}, 0}) == "hidden patches: patches of 0 pixels; at least 1 is needed");
  CHECK(masks(Masked{CoarsePatches{.side = 0}, 8}) == "coarse patches: squares of 0 patches; at least 1 is needed");
  CHECK(masks(Masked{CoarsePatches{.side = 3}, 8}) == "coarse patches: 2 x 2 patches cannot be cut into squares of 3");
  CHECK(masks(Masked{BlockPatches{.ratio = 0.8, .spread = 0.5}, 8}) == "block patches: the largest ratio is 1.3; it must lie in 0 ... 1");
  CHECK(masks(Masked{BlockPatches{.ratio = no_number}, 8}) == "block patches: the largest ratio is nan; it must lie in 0 ... 1");
  CHECK(masks(Masked{BlockPatches{.share = -1}, 8}) == "block patches: the share of films is -1; it must lie in 0 ... 1");
  CHECK(masks(Masked{BlockPatches{.attempts = 0}, 8}) == "block patches: 0 attempts at a block; at least 1 is needed");
  CHECK(masks(Masked{BlockPatches{.aspect = 2}, 8}) ==
        "block patches: an aspect of 2 and blocks of at least 16 patches; 0 < aspect <= 1 and smallest >= 1 are needed");
  CHECK(masks(Dropped{BlockPatches{}, 8}) ==
        "block patches: blocks may hide fewer patches than asked for; where the number must be fixed use .fill_up = true, with .spread = 0 "
        "and .share = 1");
  CHECK(masks(Erasing{.most = -1}) == "erasing: 1 to -1 rectangles; 0 <= fewest <= most <= 1000 is needed");
  CHECK(masks(Erasing{.largest = no_number}) ==
        "erasing: rectangles of 0.02 to nan of the film with aspects up to 3; 0 < smallest <= largest <= 1 and aspect >= 1 are needed");
  CHECK(refuses(RandomCrop{.smallest = 0}) ==
        "crop: areas of 0 to 1 with aspects up to 1.33333; 0 < smallest <= largest <= 1 and aspect >= 1 are needed");
  CHECK(masks(TwoCrops{.crops = {.flip_share = no_number}}) == "crop: flip_share is nan; it must lie in 0 ... 1");
  CHECK(masks(TwoCrops{.intensity = {.gamma = no_number}}) == "intensity: gamma is nan; it must lie in 0 ... 5");
  CHECK(masks(TwoCrops{.intensity = {.least_blur = 0}}) ==
        "intensity: a blur of 0 to 1.5 pixels; 0 < least_blur <= most_blur <= 5 is needed");
  CHECK(masks(TwoCrops{.intensity = {.most_noise = -1}}) == "intensity: noise to -1 grey levels; it must lie in 0 ... 255");
  CHECK(masks(SeenCrop{.views = {.crops = {.turn = 360}}}) == "crop: a turn of 360 degrees; it must lie in 0 ... 180");
  CHECK(masks(MultiCrop{.locals = -3}) == "multi-crop: -3 small crops; 0 ... 1000 are possible");
  CHECK(masks(MultiCrop{.local = {.aspect = no_number}}) ==
        "crop: areas of 0.2 to 1 with aspects up to nan; 0 < smallest <= largest <= 1 and aspect >= 1 are needed");
  CHECK(masks(MaskedViews{TwoCrops{}, Masked{CoarsePatches{.side = 3}, 8}}) ==
        "coarse patches: 2 x 2 patches cannot be cut into squares of 3");
  CHECK(masks(MaskedViews{TwoCrops{}, SyntheticLesion{.dark_share = -1}}) == "lesion: dark_share is -1; it must lie in 0 ... 1");
}

TEST_CASE("a training loop refuses what cannot be meant before it opens its folder") {
  CHECK(refuses(FitOptions{.epochs = 0}) == "fit: epochs 0, keep 2, monitor_films 128; each must be at least 1");
  CHECK(refuses(FitOptions{.steps = -1}) == "fit: steps -1, checkpoint_steps 0; each must be at least 0");
  CHECK(sentence([] {
          Reference cpu{.threads = 1};
          Trainer trainer{cpu, Compute<float>{}, vit, NoHead{}, TransformerDecoder{.width = 8, .depth = 1, .heads = 2}, SyntheticLesion{},
                          NoTeacher{}, Restoration<>{}, AdamW{}, TrainOptions{.batch = 2}};
          painter_of(trainer);
        }) == "lesions on the device: this backend computes in the host's memory; let the loader draw them (--lesions loader)");
  CHECK(sentence([] { Loader(PhantomFilms{.count = 8}, Clean{}, {.batch = 2, .planned = true}); }) ==
        "loader: this masking has no lesions that a device could paint; use --lesions loader");
  CHECK(masks(Clean{}, {.batch = 2, .normalisation = {{0, 0, 0}, {1, 0, 1}}}) ==
        "training: a channel's deviation is 0; a number above 0 is needed");
}
