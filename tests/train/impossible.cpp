// Configurations that cannot be meant are refused where they are read, each in one sentence.
#include <limits>
#include <string>

#include <doctest/doctest.h>

#include <afire/backend/reference.hpp>
#include <afire/data/views.hpp>
#include <afire/ssl/cross_views.hpp>
#include <afire/ssl/masking.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/trainer.hpp>

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
  CHECK(sentence([] { Sinkhorn{.temperature = 0}.validate(); }) == "sinkhorn: the temperature is 0; a number above 0 is needed");
  CHECK(sentence([] { Sinkhorn{.iterations = -1}.validate(); }) == "sinkhorn: -1 iterations; at least 0 are needed");
  CHECK(sentence([] { CentreSharpen{.momentum = 2}.validate(); }) == "centre and sharpen: the momentum is 2; it must lie in 0 ... 1");
  CHECK(sentence([] { TwoCrops{.crops = {.flip_share = no_number}}.validate(); }) == "crop: flip_share is nan; it must lie in 0 ... 1");
  Sizes const sizes{.batch = 4, .tokens = 4, .prototypes = 8, .views = {2, 2}, .width = 8};
  CHECK(sentence([&] { Arena a; TokenContrast<>{.temperature = no_number}.plan<float>(a, sizes); }) ==
        "token contrast: the temperature is nan; a number above 0 is needed");
  CHECK(sentence([&] { Arena a; CrossViews<>{.temperature = 0}.plan<float>(a, sizes); }) ==
        "cross views: the temperature is 0; a number above 0 is needed");
}
