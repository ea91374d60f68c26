// Whose names a file has is found by them; the same tensors come out under ours, and go back to timm's and the released ones bit for bit.
#include <iomanip>      // first: its std::quoted must not be taken for ours

#include <afire/io/layout_weights.hpp>
#include <afire/io/pth.hpp>
#include <doctest/doctest.h>

#include "tests/support/message.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/vit_names.hpp"

using namespace afire;
using namespace afire_test;

namespace {

bool has(std::string const& words, std::string const& part) { return words.find(part) != words.npos; }

std::vector<std::string> names_of(std::vector<Weight> const& weights) {
  std::vector<std::string> all;
  for (auto const& w : weights) all.push_back(w.name);
  return all;
}

Weight const& named(std::vector<Weight> const& weights, std::string const& name) {
  for (auto const& w : weights)
    if (w.name == name) return w;
  throw error("the test finds no " + name);
}

// Our names of the plain transformer, in its order.
std::vector<std::string> plain() {
  std::vector<std::string> all;
  for (auto const& [name, shape] : vit_names()) all.push_back("encoder." + name);
  return all;
}

// The names of a head of L positions with K directions, in a tensor each or stacked.
NamedShapes head_names(bool apart, Index L = 4, Index K = 3, Index out = 2) {
  NamedShapes all{{"mlp.0.weight", {5, 4}}, {"mlp.0.bias", {5}},        {"mlp.2.weight", {5, 5}},
                  {"mlp.2.bias", {5}},      {"mlp.4.weight", {out, 5}}, {"mlp.4.bias", {out}}};
  if (!apart) return all + NamedShapes{{"last_layers.*.weight_g", {L, K, 1}}, {"last_layers.*.weight_v", {L, K, out}}};
  for (Index j = 0; j < L; ++j) {
    std::string const layer = "last_layers." + std::to_string(j) + ".";
    all = all + NamedShapes{{layer + "weight_g", {K, 1}}, {layer + "weight_v", {K, out}}};
  }
  return all;
}

NamedShapes model(std::string const& prefix, bool decoder, bool apart) {
  NamedShapes all = under(prefix + "encoder.", vit_names());
  if (decoder) all = all + under(prefix + "decoder.", {{"embedding.weight", {4, 4}}, {"mask_token", {1, 4, 4}}});
  return all + under(prefix + "head.", head_names(apart));
}

}  // namespace

TEST_CASE("layouts that have timm's names under a prefix") {
  TemporaryFolder const folder;
  struct Case {
    char const* word;
    std::string prefix;
    NamedShapes more;                      // that do not belong to the encoder
  };
  for (auto const& [word, prefix, more] :
       {Case{"timm", "", {}}, {"timm", "model.", {}}, {"timm", "state_dict.model.", {{"epoch", {}}}},
        {"dino", "teacher.backbone.", under("student.module.backbone.", vit_names()) + NamedShapes{{"teacher.head.mlp.0.weight", {2, 2}}}},
        {"dino", "student.module.backbone.", {}},
        {"ibot", "teacher.backbone.",
         {{"teacher.backbone.masked_embed", {1, 4}}, {"student.backbone.patch_embed.proj.weight", {4, 3, 2, 2}}}},
        {"dinov2", "", {{"mask_token", {1, 4}}, {"register_tokens", {1, 2, 4}}}},
        {"mae", "model.",
         {{"model.mask_token", {1, 1, 8}}, {"model.decoder_embed.weight", {8, 4}}, {"model.decoder_blocks.0.norm1.weight", {8}}}},
        {"mrm", "model.", {{"model.decoder_embed.weight", {8, 4}}, {"model.bert_encoder.layer.0.weight", {2, 2}}}}}) {
    std::string const which = std::string(word) + " under " + prefix;          // clang captures no names of a binding
    CAPTURE(which);
    write_tensors(folder / "x", under(prefix, vit_names()) + more);
    TensorFile const file = open_tensors(folder / "x");
    Layout const layout = find_layout(file);
    CHECK(layout_word(layout.kind) == std::string(word));
    CHECK(layout.prefix == prefix);
    auto names = names_of(part_weights(file, layout));
    if (std::string(word) == "dinov2") {
      CHECK(names.back() == "encoder.reg_token");
      names.pop_back();
    }
    CHECK(names == plain());
    CHECK(find_layout(file, {.from = word}).prefix == prefix);
    CHECK(has(described(file, layout), prefix.empty() ? "no prefix" : "\"" + prefix + "\""));
  }
}

TEST_CASE("Hugging Face's names: query, key and value become one, plain and under a prefix") {
  TemporaryFolder const folder;
  for (bool const dinov2 : {false, true})
    for (std::string const prefix : {"", "vit."}) {
      CAPTURE(dinov2);
      NamedShapes names{{"embeddings.cls_token", {1, 1, 4}},
                        {"embeddings.mask_token", {1, 4}},
                        {"embeddings.position_embeddings", {1, 5, 4}},
                        {"embeddings.patch_embeddings.projection.weight", {4, 3, 2, 2}},
                        {"embeddings.patch_embeddings.projection.bias", {4}}};
      for (std::string const layer : {"encoder.layer.0.", "encoder.layer.1."}) {
        auto const block = [&](std::string const& vit, std::string const& dino, std::vector<Index> const& weight, Index bias) {
          std::string const name = layer + (dinov2 ? dino : vit);
          names = names + NamedShapes{{name + ".weight", weight}, {name + ".bias", {bias}}};
        };
        block("layernorm_before", "norm1", {4}, 4);
        for (std::string const part : {"attention.attention.key", "attention.attention.query", "attention.attention.value"})
          block(part, part, {4, 4}, 4);
        block("attention.output.dense", "attention.output.dense", {4, 4}, 4);
        block("layernorm_after", "norm2", {4}, 4);
        block("intermediate.dense", "mlp.fc1", {16, 4}, 16);
        block("output.dense", "mlp.fc2", {4, 16}, 4);
        if (dinov2) names = names + NamedShapes{{layer + "layer_scale1.lambda1", {4}}, {layer + "layer_scale2.lambda1", {4}}};
      }
      names = names + NamedShapes{{"layernorm.weight", {4}}, {"layernorm.bias", {4}}, {"pooler.dense.weight", {4, 4}}};
      write_tensors(folder / "x", under(prefix, names) + NamedShapes{{"classifier.weight", {2, 4}}});
      TensorFile const file = open_tensors(folder / "x");
      Layout const layout = find_layout(file);
      CHECK(layout.kind == LayoutKind::hf);
      CHECK(layout.prefix == prefix);
      auto const weights = part_weights(file, layout);
      auto found = names_of(weights), wanted = plain();
      if (dinov2)
        for (auto const* more : {"0.ls1", "0.ls2", "1.ls1", "1.ls2"}) wanted.push_back("encoder.blocks." + std::string(more) + ".gamma");
      if (prefix.empty()) wanted.push_back("encoder.classifier.weight");           // without a prefix all belongs to the encoder
      std::sort(found.begin(), found.end()), std::sort(wanted.begin(), wanted.end());
      CHECK(found == wanted);
      for (std::string const ending : {"weight", "bias"}) {
        std::vector<float> all;
        for (std::string const part : {"query", "key", "value"})
          for (float const x : file.read<float>(prefix + "encoder.layer.1.attention.attention." + part + "." + ending)) all.push_back(x);
        CHECK(read_weight<float>(named(weights, "encoder.blocks.1.attn.qkv." + ending)) == all);
      }
    }
}

TEST_CASE("query, key and value that do not belong together") {
  std::vector<float> const x(4), y(6);
  auto const q = made_weight("b.attn.q.weight", {2, 2}, x), k = made_weight("b.attn.k.weight", {2, 2}, x);
  auto const v = made_weight("b.attn.v.weight", {2, 3}, y);
  CHECK(message([&] { with_qkv({q, k}); }) ==
        "\"b.attn.q.weight\" is there, \"b.attn.v.weight\" is not: query, key and value belong together");
  CHECK(has(message([&] { with_qkv({q, k, v}); }), "have to be alike"));
  CHECK(has(message([&] { with_stacked_layers({made_weight("h.last_layers.1.weight_v", {2, 2}, x)}); }), "position 0 is missing"));
}

TEST_CASE("last layers that are a single number, of a file that says so of a tensor for all positions") {
  TemporaryFolder const folder;
  write_tensors(folder / "x", under("student.encoder.", vit_names()) + NamedShapes{{"student.head.last_layers.*.weight_v", {}}});
  TensorFile const file = open_tensors(folder / "x");
  CHECK(message([&] { released_weights(checkpoint_weights(file, find_layout(file))); }) ==
        "\"student.module.head.last_layers.*.weight_v\" is a single number; a row for each position is needed");
}

TEST_CASE("DINOv2: chunks of blocks, the position of the class token where there are registers, SwiGLU") {
  TemporaryFolder const folder;
  auto const names = vit_names() + NamedShapes{{"mask_token", {1, 4}}, {"register_tokens", {1, 2, 4}}, {"blocks.0.ls1.gamma", {4}}};
  write_renamed(folder / "x", names, [](std::string const& name) {
    bool const block = name.starts_with("blocks.");
    return "teacher.backbone." + (block ? "blocks.0." + name.substr(7) : name);
  });
  TensorFile const file = open_tensors(folder / "x");
  auto const weights = part_weights(file, find_layout(file));
  CHECK(find_layout(file).kind == LayoutKind::dinov2);
  CHECK(read_weight<float>(named(weights, "encoder.blocks.1.norm1.bias")) == file.read<float>("teacher.backbone.blocks.0.1.norm1.bias"));
  auto const table = file.read<float>("teacher.backbone.pos_embed"), token = file.read<float>("teacher.backbone.cls_token");
  auto const patches = named(weights, "encoder.pos_embed"), folded = named(weights, "encoder.cls_token");
  CHECK(patches.shape == std::vector<Index>{1, 4, 4});
  CHECK(read_weight<float>(patches) == std::vector<float>(table.begin() + 4, table.end()));
  for (std::size_t c = 0; c < 4; ++c) CHECK(read_weight<float>(folded)[c] == token[c] + table[c]);

  write_tensors(folder / "x", vit_names() + NamedShapes{{"blocks.0.mlp.w12.weight", {8, 4}}});
  TensorFile const gated = open_tensors(folder / "x");
  auto const refused = [&](char const* name) {
    return text(folder / "x", ": \"blocks.0.mlp.", name, ".weight\" belongs to a SwiGLU, the gated MLP of DINOv2's ViT-g; ",
                "blocks of afire have GELU, so take a model without it, such as DINOv2's ViT-S, ViT-B or ViT-L");
  };
  CHECK(message([&] { part_weights(gated, find_layout(gated)); }) == refused("w12"));
  // timm's names, the second with both halves in fc1
  for (auto const* name : {"fc1_g", "fc1"}) {
    auto of_timm = vit_names();
    std::erase_if(of_timm, [](auto const& tensor) { return tensor.first.starts_with("blocks.0.mlp."); });
    of_timm.push_back({text("blocks.0.mlp.", name, ".weight"), {12, 4}}), of_timm.push_back({"blocks.0.mlp.fc2.weight", {4, 6}});
    write_tensors(folder / "x", of_timm);
    TensorFile const halves = open_tensors(folder / "x");
    CHECK(message([&] { part_weights(halves, find_layout(halves)); }) == refused(name));
  }
}

TEST_CASE("a checkpoint of afire to the released names and back is the same bit for bit") {
  TemporaryFolder const folder;
  NamedShapes const names = model("student.", true, false) + model("teacher.", false, false) +
                            under("optimizer.first.", {{"encoder.cls_token", {1, 1, 4}}, {"head.last_layers.*.weight_v", {4, 3, 2}}}) +
                            NamedShapes{{"objective.prototype", {4, 3}}};
  write_tensors(folder / "ours", names, {{"config", "{\"depth\": 2}"}, {"step", "7"}});
  TensorFile const ours = open_tensors(folder / "ours");
  Layout const layout = find_layout(ours);
  CHECK(layout.kind == LayoutKind::afire);
  CHECK(layout.prefix == "teacher.encoder.");
  write_weights(folder / "released", released_weights(checkpoint_weights(ours, layout)), ours.metadata());

  TensorFile const released = open_tensors(folder / "released");
  CHECK(released.find("student.module.encoder.blocks.1.attn.qkv.weight"));
  CHECK(released.find("teacher.encoder.norm.bias"));
  CHECK(released.at("AFiRe_loss.prototype").shape == std::vector<Index>{1, 4, 3});
  CHECK(released.at("student.module.head.last_layers.3.weight_v").shape == std::vector<Index>{3, 2});
  CHECK(released.at("teacher.head.last_layers.0.weight_g").shape == std::vector<Index>{3, 1});
  CHECK_FALSE(released.find("optimizer.first.encoder.cls_token"));
  auto const all = ours.read<float>("student.head.last_layers.*.weight_v");
  auto const last = released.read<float>("student.module.head.last_layers.3.weight_v");
  CHECK(std::equal(last.begin(), last.end(), all.begin() + 18, all.end()));

  Layout const back = find_layout(released);
  CHECK(back.kind == LayoutKind::released);
  write_weights(folder / "back", checkpoint_weights(released, back), released.metadata());
  CHECK(read_file(folder / "back") == read_file(folder / "ours"));
}

TEST_CASE("one part of AFiRe: teacher or student, the decoder is the student's; to timm and back the encoder is the same") {
  TemporaryFolder const folder;
  NamedShapes const moments{{"optimizer.state.0.exp_avg", {4}}};
  write_tensors(folder / "x", model("student.module.", true, true) + model("teacher.", false, true) + moments);
  TensorFile const file = open_tensors(folder / "x");
  auto const teacher = part_weights(file, find_layout(file)), student = part_weights(file, find_layout(file, {.part = "student"}));
  CHECK(read_weight<float>(named(teacher, "encoder.norm.bias")) == file.read<float>("teacher.encoder.norm.bias"));
  CHECK(read_weight<float>(named(student, "encoder.norm.bias")) == file.read<float>("student.module.encoder.norm.bias"));
  CHECK(read_weight<float>(named(teacher, "decoder.mask_token")) == file.read<float>("student.module.decoder.mask_token"));
  CHECK(named(teacher, "head.last_layers.*.weight_v").shape == std::vector<Index>{4, 3, 2});
  CHECK(teacher.size() == student.size());

  auto const encoder = timm_weights(teacher);
  CHECK(encoder.size() == vit_names().size());
  for (auto const& w : encoder) CHECK((!has(w.name, "encoder") && w.name != "mask_token"));
  write_weights(folder / "timm", encoder, {});
  TensorFile const timm = open_tensors(folder / "timm");
  write_weights(folder / "back", part_weights(timm, find_layout(timm)), {});
  TensorFile const back = open_tensors(folder / "back");
  for (auto const& t : back) {
    auto const& was = file.at("teacher." + t.name);
    CHECK(std::equal(t.bytes().begin(), t.bytes().end(), was.bytes().begin(), was.bytes().end()));
  }
}

TEST_CASE("what has no vision transformer, or several, or not the part that is asked for") {
  TemporaryFolder const folder;
  auto const said = [&](NamedShapes const& names, LayoutWish const& wish = {}) {
    write_tensors(folder / "x", names);
    return message([&] { find_layout(open_tensors(folder / "x"), wish); });
  };
  CHECK(has(said({{"conv1.weight", {2, 2}}}), "holds no vision transformer; its first is \"conv1.weight\""));
  CHECK(has(said({}), "none of its 0 names"));
  CHECK(has(said(under("a.", vit_names()) + under("b.", vit_names())), "holds 2 encoders (\"a.\", \"b.\")"));
  CHECK(has(said(vit_names(), {.part = "teacher"}), "holds no teacher"));
  CHECK(has(said(under("teacher.encoder.", vit_names()), {.part = "student"}), "holds no student"));
  CHECK(has(said(vit_names(), {.from = "hf"}), "with the names of hf"));
  CHECK(has(said(vit_names(), {.from = "released"}), "let the layout be found"));
  CHECK(has(said(vit_names(), {.from = "dyno"}), "\"dyno\" is no layout"));
}

TEST_CASE("pieces are cut and joined without moving a number") {
  std::vector<float> const x{0, 1, 2, 3, 4, 5};
  auto const a = made_weight("a", {3, 2}, x), b = made_weight("b", {3, 2}, {6, 7, 8, 9, 10, 11});
  auto const both = stacked("both", {a, b});
  CHECK(both.shape == std::vector<Index>{6, 2});
  CHECK(read_weight<int>(slice_of(both, 2, 2)) == std::vector<int>{4, 5, 6, 7});
  CHECK(read_weight<int>(slice_of(both, 6, 0)).empty());
  CHECK(read_weight<int>(row_of(stacked_on_new_axis("s", {a, b}), "r", 1)) == std::vector<int>{6, 7, 8, 9, 10, 11});
  CHECK(has(message([&] { slice_of(both, 5, 2); }), "has no rows 5 ... 6"));
  CHECK(has(message([&] { stacked("s", {made_weight("n", {}, {1.0f})}); }), "is a single number"));
}
