// tests/support/vit_names.hpp -- a small vision transformer as a list of timm's names and shapes, written to a file under any names
//
//   auto const names = vit_names();                                  // width 4, 2 blocks, patches of 2 x 2 x 3, 2 x 2 of them
//   write_tensors(folder / "x", under("model.", names));
#pragma once
#include <string>
#include <utility>
#include <vector>

#include <afire/io/safetensors_writer.hpp>

namespace afire_test {

using NamedShapes = std::vector<std::pair<std::string, std::vector<afire::Index>>>;

inline NamedShapes vit_names(afire::Index C = 4, afire::Index depth = 2, afire::Index channels = 3, afire::Index patch = 2,
                             afire::Index grid = 2) {
  NamedShapes all{{"cls_token", {1, 1, C}},
                  {"pos_embed", {1, 1 + grid * grid, C}},
                  {"patch_embed.proj.weight", {C, channels, patch, patch}},
                  {"patch_embed.proj.bias", {C}}};
  NamedShapes const block{{"norm1.weight", {C}},          {"norm1.bias", {C}},       {"attn.qkv.weight", {3 * C, C}},
                          {"attn.qkv.bias", {3 * C}},     {"attn.proj.weight", {C, C}}, {"attn.proj.bias", {C}},
                          {"norm2.weight", {C}},          {"norm2.bias", {C}},       {"mlp.fc1.weight", {4 * C, C}},
                          {"mlp.fc1.bias", {4 * C}},      {"mlp.fc2.weight", {C, 4 * C}}, {"mlp.fc2.bias", {C}}};
  for (afire::Index i = 0; i < depth; ++i)
    for (auto const& [name, shape] : block) all.push_back({"blocks." + std::to_string(i) + "." + name, shape});
  all.push_back({"norm.weight", {C}});
  all.push_back({"norm.bias", {C}});
  return all;
}

// Element i of tensor n is n + i / 1024, under the name that renamed gives it; "" leaves it out.
template <class Renamed>
void write_renamed(std::string const& path, NamedShapes const& tensors, Renamed renamed, afire::Metadata const& metadata = {}) {
  afire::SafetensorsWriter file(path, metadata);
  for (auto const& [name, shape] : tensors)
    if (std::string const there = renamed(name); !there.empty()) file.declare(there, afire::Dtype::f32, shape);
  float n = 0;
  for (auto const& [name, shape] : tensors) {
    std::vector<float> values(static_cast<std::size_t>(afire::stored_bytes(afire::Dtype::f32, shape) / 4));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = n + static_cast<float>(i) / 1024;
    if (std::string const there = renamed(name); !there.empty()) file.write(there, values);
    ++n;
  }
  file.commit();
}
inline void write_tensors(std::string const& path, NamedShapes const& tensors, afire::Metadata const& metadata = {}) {
  write_renamed(path, tensors, [](std::string const& name) { return name; }, metadata);
}

inline NamedShapes under(std::string const& prefix, NamedShapes all) {
  for (auto& [name, shape] : all) name = prefix + name;
  return all;
}
inline NamedShapes operator+(NamedShapes a, NamedShapes const& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace afire_test
