// afire/io/layout_names.hpp -- one name for a tensor, whosever it is; and those that are several tensors there and one here
//
//   timm_name("register_tokens")                                      "reg_token";  "" where it is no part of an encoder
//   timm_name_of_hf("encoder.layer.3.output.dense.bias")              "blocks.3.mlp.fc2.bias"
//   with_qkv(weights)                                                 attn.q, attn.k, attn.v -> attn.qkv (3 C, C)
//   with_stacked_layers(weights)                                      last_layers.0 ... L - 1 -> last_layers.* (L, K, out)
//
// What is not known keeps its name, so that it can be said (train/fit_weights.hpp).
#pragma once
#include <map>
#include <optional>

#include <afire/io/weight.hpp>

namespace afire {

// "blocks.11.norm1.weight" after "blocks.": number 11 and the rest "norm1.weight".
inline std::optional<std::pair<Index, std::string_view>> numbered_name(std::string_view name, std::string_view before) {
  if (!name.starts_with(before)) return {};
  name.remove_prefix(before.size());
  std::size_t const dot = name.find('.');
  Index n = 0;
  if (dot == 0 || dot == name.npos || dot > 6 || name.substr(0, dot).find_first_not_of("0123456789") != name.npos) return {};
  for (char const c : name.substr(0, dot)) n = 10 * n + (c - '0');
  return std::pair{n, name.substr(dot + 1)};
}

// The name in timm of an encoder's tensor, "" for what is left out.
inline std::string timm_name(std::string_view name) {
  for (std::string_view const part : {"mask_token", "masked_embed", "decoder_", "bert"})
    if (name.starts_with(part)) return "";
  if (name == "register_tokens") return "reg_token";
  if (auto const block = numbered_name(name, "blocks."))                // DINOv2's chunks: blocks.CHUNK.BLOCK.
    if (auto const inner = numbered_name(block->second, "")) return text("blocks.", inner->first, ".", inner->second);
  return std::string(name);
}

// The same of ViTModel and Dinov2Model; "attn.q", "attn.k", "attn.v" are still apart.
inline std::string timm_name_of_hf(std::string_view name) {
  using Pair = std::pair<std::string_view, std::string_view>;
  auto const replaced = [&](std::string_view in, std::initializer_list<Pair> all) -> std::string {
    for (auto const& [from, to] : all)
      if (in.starts_with(from)) return to.empty() ? "" : std::string(to) + std::string(in.substr(from.size()));
    return std::string(in);
  };
  if (auto const layer = numbered_name(name, "encoder.layer."))
    return text("blocks.", layer->first, ".",
                replaced(layer->second, {{"attention.attention.query.", "attn.q."},
                                         {"attention.attention.key.", "attn.k."},
                                         {"attention.attention.value.", "attn.v."},
                                         {"attention.output.dense.", "attn.proj."},
                                         {"layernorm_before.", "norm1."},
                                         {"layernorm_after.", "norm2."},
                                         {"intermediate.dense.", "mlp.fc1."},
                                         {"output.dense.", "mlp.fc2."},
                                         {"layer_scale1.lambda1", "ls1.gamma"},
                                         {"layer_scale2.lambda1", "ls2.gamma"}}));
  return replaced(name, {{"embeddings.cls_token", "cls_token"},
                         {"embeddings.position_embeddings", "pos_embed"},
                         {"embeddings.register_tokens", "reg_token"},
                         {"embeddings.patch_embeddings.projection.", "patch_embed.proj."},
                         {"embeddings.mask_token", ""},
                         {"layernorm.", "norm."},
                         {"pooler.", ""}});
}

// Query, key and value of a block, stacked in this order where the first of them stands.
inline std::vector<Weight> with_qkv(std::vector<Weight> const& apart) {
  std::map<std::string, Weight const*, std::less<>> by_name;
  for (auto const& w : apart) by_name.insert({w.name, &w});
  std::vector<Weight> fused;
  for (auto const& w : apart) {
    auto const at = w.name.find(".attn.");
    char const which = at != w.name.npos && w.name.size() > at + 7 && w.name[at + 7] == '.' ? w.name[at + 6] : ' ';
    if (which == 'k' || which == 'v') continue;
    if (which != 'q') {
      fused.push_back(w);
      continue;
    }
    std::vector<Weight> parts;
    for (char const letter : {'q', 'k', 'v'}) {
      std::string name = w.name;
      name[at + 6] = letter;
      auto const found = by_name.find(name);
      expects(found != by_name.end(), quoted(w.name), " is there, ", quoted(name), " is not: query, key and value belong together");
      parts.push_back(*found->second);
    }
    fused.push_back(stacked(w.name.substr(0, at) + ".attn.qkv" + w.name.substr(at + 7), parts));
  }
  return fused;
}

// Last layers of positions 0 ... L - 1 under one name, "head.last_layers.*.weight_v", (L, K, out).
inline std::vector<Weight> with_stacked_layers(std::vector<Weight> const& apart) {
  std::vector<Weight> all;
  std::map<std::string, std::pair<std::size_t, std::map<Index, Weight>>> stacks;          // name; where it stands, its layers
  for (auto const& w : apart) {
    auto const at = w.name.find("last_layers.");
    auto const layer = at == w.name.npos ? std::nullopt : numbered_name(std::string_view(w.name).substr(at), "last_layers.");
    if (!layer) {
      all.push_back(w);
      continue;
    }
    std::string const name = text(w.name.substr(0, at), "last_layers.*.", layer->second);
    auto const [stack, first] = stacks.insert({name, {all.size(), {}}});
    if (first) all.push_back({name});
    stack->second.second.insert({layer->first, w});
  }
  for (auto const& [name, stack] : stacks) {
    std::vector<Weight> layers;
    for (auto const& [position, w] : stack.second) {
      expects(position == static_cast<Index>(layers.size()), quoted(name), ": the last layer of position ", layers.size(), " is missing");
      layers.push_back(w);
    }
    all[stack.first] = stacked_on_new_axis(name, std::move(layers));
  }
  return all;
}

// DINOv2 adds positions to class token and patches, but not to its registers. As timm has it, the class token keeps its position for good.
inline void fold_class_position(std::vector<Weight>& encoder) {
  Weight *registers = nullptr, *positions = nullptr, *token = nullptr;
  for (auto& w : encoder) {
    if (w.name == "encoder.reg_token") registers = &w;
    if (w.name == "encoder.pos_embed") positions = &w;
    if (w.name == "encoder.cls_token") token = &w;
  }
  if (!registers || !positions || !token || positions->shape.size() != 3 || positions->shape[0] != 1) return;
  std::vector<Index> const rows(positions->shape.begin() + 1, positions->shape.end());
  Weight const table{positions->name, positions->dtype, rows, positions->pieces};
  auto sum = read_weight<float>(*token);
  auto const first = read_weight<float>(slice_of(table, 0, 1));
  expects(sum.size() == first.size(), "the class token ", shape_text(token->shape), " and the positions ", shape_text(positions->shape),
          " differ in width");
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += first[i];
  *token = made_weight(token->name, token->shape, std::move(sum));
  Weight patches = slice_of(table, 1, rows[0] - 1);
  patches.shape.insert(patches.shape.begin(), 1);
  *positions = std::move(patches);
}

}  // namespace afire
