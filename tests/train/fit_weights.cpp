// Weights for a model: by name, adapted to its sizes as timm does, and refused with a list of all that differs.
#include <afire/io/layout_weights.hpp>
#include <afire/train/model_of_weights.hpp>
#include <doctest/doctest.h>

#include "tests/support/message.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/vit_names.hpp"

using namespace afire;
using namespace afire_test;

namespace {

bool has(std::string const& words, std::string const& part) { return words.find(part) != words.npos; }

std::vector<Wanted> wanted_of(NamedShapes const& names) {
  std::vector<Wanted> all;
  for (auto const& [name, shape] : names) all.push_back({name, shape});
  return all;
}

// Zeros, but for the tensors that are given.
std::vector<Weight> zeros(NamedShapes const& names, std::vector<Weight> const& given = {}) {
  std::vector<Weight> all;
  for (auto const& [name, shape] : names) {
    all.push_back(made_weight(name, shape, std::vector<float>(static_cast<std::size_t>(stored_bytes(Dtype::f32, shape) / 4))));
    for (auto const& w : given)
      if (w.name == name) all.back() = w;
  }
  return all;
}

std::vector<float> counted(std::size_t n) {
  std::vector<float> all(n);
  for (std::size_t i = 0; i < n; ++i) all[i] = static_cast<float>(i);
  return all;
}

std::vector<float> fitted(FittedWeights const& w, std::vector<Wanted> const& wanted, std::string const& name) {
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (wanted[i].name == name) return w.values[i];
  throw error("the test finds no " + name);
}

}  // namespace

TEST_CASE("patterns: a star is any number of letters, and many stars take no time") {
  CHECK(fits_pattern("head.*", "head.weight"));
  CHECK(fits_pattern("*", ""));
  CHECK(fits_pattern("a*b*c", "axxbyyc"));
  CHECK(fits_pattern("*.bias", "a.bias.bias"));
  CHECK_FALSE(fits_pattern("head.*", "ahead.weight"));
  CHECK_FALSE(fits_pattern("", "a"));
  CHECK_FALSE(fits_pattern("a*b", "ac"));
  std::string stars, letters(5000, 'a');
  for (int i = 0; i < 2000; ++i) stars += "*a";
  CHECK_FALSE(fits_pattern(stars + "b", letters));
  Differences differ("head.*,decoder.pos_embed");
  CHECK(differ.allows("head.bias"));
  CHECK(differ.allows("encoder.head.bias"));               // as timm calls it
  CHECK(differ.allows("decoder.pos_embed"));
  CHECK_FALSE(differ.allows("decoder.norm.bias"));
}

TEST_CASE("what is missing, of another shape or left over is listed at once, and allowed by patterns") {
  auto const here = under("encoder.", vit_names());
  auto there = vit_names(4, 1) + NamedShapes{{"head.weight", {2, 4}}};
  there[3].second = {5};
  auto const weights = zeros(under("encoder.", there));
  std::string const said = message([&] { fit_weights(weights, wanted_of(here), "", "x does not fit:"); });
  CHECK(has(said, "x does not fit:\n  missing in the file (12):\n    encoder.blocks.1.norm1.weight\n"));
  CHECK(has(said, "\n  of another shape (1):\n    encoder.patch_embed.proj.bias (5), the model has (4)"));
  CHECK(has(said, "\n  not in the model (1):\n    encoder.head.weight"));
  CHECK(has(message([&] { fit_weights(weights, wanted_of(here), "head.*,blocks.1.*", "x:"); }), "x:\n  of another shape (1)"));
  CHECK(has(message([&] { fit_weights(weights, wanted_of(here), "heads.*,blocks.1.*", "x:"); }),
            "\n  nothing that differs fits \"heads.*\""));
  auto const fit = fit_weights(weights, wanted_of(here), "head.*,encoder.blocks.1.*,*.bias", "x:");
  CHECK(fitted(fit, wanted_of(here), "encoder.patch_embed.proj.bias").empty());
  CHECK(fitted(fit, wanted_of(here), "encoder.blocks.1.norm1.weight").empty());
  CHECK(fitted(fit, wanted_of(here), "encoder.blocks.0.norm1.weight").size() == 4);
  CHECK(fit.notes.empty());

  // An encoder alone says nothing of a head; with a head, all of it has to be there.
  auto const with_head = here + NamedShapes{{"head.a", {2}}, {"head.b", {2}}};
  CHECK(fit_weights(zeros(here), wanted_of(with_head), "", "x:").values.back().empty());
  CHECK(has(message([&] { fit_weights(zeros(here + NamedShapes{{"head.a", {2}}}), wanted_of(with_head), "", "x:"); }), "head.b"));
}

TEST_CASE("other films: positions are resampled behind the rows of other tokens, patch kernels too") {
  std::string const table = "encoder.pos_embed", kernel = "encoder.patch_embed.proj.weight";
  auto const from = under("encoder.", vit_names(4, 1, 3, 4, 3)), to = under("encoder.", vit_names(4, 1, 3, 2, 5));
  auto const positions = counted(40), kernels = counted(4 * 3 * 16);
  auto const wanted = wanted_of(to);
  auto const given = zeros(from, {made_weight(table, {1, 10, 4}, positions), made_weight(kernel, {4, 3, 4, 4}, kernels)});
  auto const fit = fit_weights(given, wanted, "", "x:");
  auto const close = [](std::vector<float> const& a, std::vector<double> const& b) {
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == static_cast<float>(b[i]));
  };
  close(fitted(fit, wanted, table), resample_positions({positions.begin(), positions.end()}, 1, {3, 3}, {5, 5}));
  close(fitted(fit, wanted, kernel), resample_patches({kernels.begin(), kernels.end()}, 4, 2));
  CHECK(fit.notes == std::vector<std::string>{"encoder.pos_embed: 3 x 3 positions became 5 x 5",
                                              "encoder.patch_embed.proj.weight: (4, 3, 4, 4) became (4, 3, 2, 2)"});
}

TEST_CASE("a table of the patches alone gives the tokens in front of them zeros") {
  auto from = under("encoder.", vit_names());
  from[1].second = {1, 4, 4};
  auto const wanted = wanted_of(under("encoder.", vit_names()));
  auto const fit = fit_weights(zeros(from, {made_weight("encoder.pos_embed", {1, 4, 4}, counted(16))}), wanted, "", "x:");
  auto const table = fitted(fit, wanted, "encoder.pos_embed");
  CHECK(std::vector<float>(table.begin(), table.begin() + 4) == std::vector<float>(4, 0.0f));
  CHECK(std::vector<float>(table.begin() + 4, table.end()) == counted(16));
  // The other way round something would be lost.
  CHECK(has(message([&] { fit_weights(zeros(under("encoder.", vit_names())), wanted_of(from), "", "x:"); }), "of another shape (1)"));
}

TEST_CASE("three channels are summed for one, one is shared out to three") {
  std::string const kernel = "encoder.patch_embed.proj.weight";
  auto const colour = under("encoder.", vit_names()), grey = under("encoder.", vit_names(4, 2, 1));
  auto const kernels = counted(4 * 3 * 4), one = counted(4 * 4);
  auto const three = zeros(colour, {made_weight(kernel, {4, 3, 2, 2}, kernels)});
  auto const single = zeros(grey, {made_weight(kernel, {4, 1, 2, 2}, one)});
  auto const summed = fitted(fit_weights(three, wanted_of(grey), "", "x:"), wanted_of(grey), kernel);
  for (std::size_t n = 0; n < 4; ++n)
    for (std::size_t i = 0; i < 4; ++i) CHECK(summed[4 * n + i] == kernels[12 * n + i] + kernels[12 * n + 4 + i] + kernels[12 * n + 8 + i]);
  auto const shared = fitted(fit_weights(single, wanted_of(colour), "", "x:"), wanted_of(colour), kernel);
  for (std::size_t i = 0; i < shared.size(); ++i) CHECK(shared[i] == doctest::Approx(one[i / 12 * 4 + i % 4] / 3));
}

TEST_CASE("another number of channels sees the same in a grey film, whatever is taken off each channel") {
  std::string const kernel = "encoder.patch_embed.proj.weight", bias = "encoder.patch_embed.proj.bias";
  auto const pixels = imagenet();
  // What patch n of a grey film, the value v everywhere but `more` at one pixel, gives.
  auto const response = [&](FittedWeights const& w, std::vector<Wanted> const& wanted, std::size_t n, std::size_t channels, double v) {
    auto const k = fitted(w, wanted, kernel);
    double sum = static_cast<double>(fitted(w, wanted, bias)[n]);
    for (std::size_t c = 0; c < channels; ++c)
      for (std::size_t i = 0; i < 4; ++i)
        sum += static_cast<double>(k[(n * channels + c) * 4 + i]) * (v + (i == 2 ? 0.25 : 0) - pixels.mean[c]) / pixels.deviation[c];
    return sum;
  };
  auto const three = wanted_of(under("encoder.", vit_names())), one = wanted_of(under("encoder.", vit_names(4, 2, 1)));
  for (bool const fewer : {true, false}) {
    auto const &from = fewer ? three : one, &to = fewer ? one : three;
    std::size_t const had = fewer ? 3 : 1, has = fewer ? 1 : 3;
    auto const given = zeros(under("encoder.", vit_names(4, 2, fewer ? 3 : 1)),
                             {made_weight(kernel, {4, fewer ? 3 : 1, 2, 2}, counted(16 * had)), made_weight(bias, {4}, counted(4))});
    auto const before = fit_weights(given, from, "", "x:", pixels), after = fit_weights(given, to, "", "x:", pixels);
    for (std::size_t n = 0; n < 4; ++n)
      for (double const v : {0.0, 0.3, 1.0})
        CHECK(response(after, to, n, has, v) == doctest::Approx(response(before, from, n, had, v)).epsilon(1e-5));
    CHECK(before.notes.empty());
    CHECK(after.notes.at(0).ends_with("with the channels' mean and deviation in kernels and bias"));
  }
}

TEST_CASE("layer scale becomes part of the projection before it where the model has none") {
  NamedShapes const scales{{"encoder.blocks.0.ls1.gamma", {4}}, {"encoder.blocks.0.ls2.gamma", {4}}};
  auto const plain = under("encoder.", vit_names(4, 1));
  auto const w = made_weight("encoder.blocks.0.attn.proj.weight", {4, 4}, counted(16));
  auto const b = made_weight("encoder.blocks.0.attn.proj.bias", {4}, counted(4));
  auto const gamma = made_weight("encoder.blocks.0.ls1.gamma", {4}, {1, 2, 3, 4});
  auto const fit = fit_weights(zeros(plain + scales, {w, b, gamma}), wanted_of(plain), "", "x:");
  auto const weight = fitted(fit, wanted_of(plain), w.name), bias = fitted(fit, wanted_of(plain), b.name);
  for (std::size_t i = 0; i < 16; ++i) CHECK(weight[i] == static_cast<float>(i * (1 + i / 4)));
  CHECK(bias == std::vector<float>{0, 2, 6, 12});
  CHECK(fit.notes == std::vector<std::string>{"layer scale was multiplied into attn.proj and mlp.fc2"});
  // A model that has it takes it as it is.
  auto const same = fit_weights(zeros(plain + scales, {w, gamma}), wanted_of(plain + scales), "", "x:");
  CHECK(fitted(same, wanted_of(plain + scales), w.name) == counted(16));
  CHECK(same.notes.empty());
}

TEST_CASE("the model that tensors belong to is told by their shapes") {
  NamedShapes const registers{{"reg_token", {1, 2, 4}}, {"blocks.0.ls1.gamma", {4}}, {"blocks.0.ls2.gamma", {4}},
                              {"blocks.1.ls1.gamma", {4}}, {"blocks.1.ls2.gamma", {4}}};
  auto names = vit_names(4, 2, 1, 3, 5) + registers;
  names[1].second = {1, 25, 4};
  auto const part = zeros(under("encoder.", names));
  ViTConfig const c = config_of(part);
  CHECK(c.image == 15);
  CHECK(c.patch == 3);
  CHECK(c.channels == 1);
  CHECK(c.depth == 2);
  CHECK(c.registers == 2);
  CHECK_FALSE(c.front_positions);
  CHECK(c.layer_scale > 0);
  CHECK(c.qkv_bias);
  CHECK(message([&] { expect_whole(part, "", "x:"); }) == "(no error)");

  auto const whole = under("encoder.", vit_names());
  CHECK(message([&] { expect_whole(zeros(whole), "", "x:"); }) == "(no error)");
  for (std::size_t i = 0; i < whole.size(); ++i) {         // every single name is needed
    auto without = zeros(whole);
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(has(message([&] { expect_whole(without, "", "x:"); }), whole[i].first));
  }
  auto unbiased = whole;
  std::erase_if(unbiased, [](auto const& tensor) { return tensor.first.ends_with("qkv.bias"); });
  CHECK_FALSE(config_of(zeros(unbiased)).qkv_bias);
  CHECK(message([&] { expect_whole(zeros(unbiased), "", "x:"); }) == "(no error)");
  auto const mean = under("encoder.", vit_names()) + NamedShapes{{"encoder.fc_norm.weight", {4}}, {"encoder.fc_norm.bias", {4}}};
  CHECK(has(message([&] { expect_whole(zeros(mean), "", "x:"); }), "not in the model (2):\n    encoder.norm.bias"));
}

TEST_CASE("shapes that are no model's, however large they say they are") {
  auto const said = [](std::string const& name, std::vector<Index> const& shape) {
    auto names = under("encoder.", vit_names());
    for (auto& [there, was] : names)
      if (there == name) was = shape;
    return message([&] { expect_whole(zeros(names), "", "x:"); });
  };
  CHECK(has(said("encoder.pos_embed", {1, 7, 4}), "no square of patches"));
  CHECK(has(said("encoder.pos_embed", {5, 4}), "3 sizes are expected"));
  CHECK(has(said("encoder.patch_embed.proj.weight", {Index{1} << 40, 3, 2, 0}), "none of them 0"));
  CHECK(has(said("encoder.patch_embed.proj.weight", {4, 2, 2, 2}), "channels must be 1 or 3"));
  CHECK(has(said("encoder.patch_embed.proj.weight", {5, 3, 2, 2}), "multiple of 4"));
  CHECK(has(said("encoder.blocks.0.mlp.fc1.weight", {8, 4}), "of another shape"));
  auto const far = under("encoder.", vit_names()) + NamedShapes{{"encoder.blocks.99999.norm1.weight", {4}}};
  CHECK(has(message([&] { expect_whole(zeros(far), "", "x:"); }), "too few for the 100000 blocks"));
  CHECK(has(message([&] { expect_whole({}, "", "x:"); }), "there is no \"encoder.patch_embed.proj.weight\""));
  auto const wide = under("encoder.", vit_names()) + NamedShapes{{"decoder.embedding.weight", {4000, 4}}, {"decoder.pos_embed", {1, 5, 4}}};
  CHECK(has(message([&] { expect_whole(zeros(wide), "", "x:"); }), "5 x 4000 belong to"));
}
