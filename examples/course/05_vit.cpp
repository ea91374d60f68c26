// A vision transformer, its parameters under timm's names, and weights that travel through a safetensors file.
//
// prints:
//   vit_small: 21665664 parameters, as timm's vit_small_patch16_224 without its classifier
//   30 tensors, from cls_token to norm.bias
//   the blocks' first product is blocks.0.attn.qkv.weight (96, 32)
//   before loading, another start gives other tokens: true
//   after loading, the same tokens to the last bit: true
//   weights.safetensors has no tensor "blocks.2.norm1.weight" among its 30; its first is "cls_token"
#include <algorithm>
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/io/safetensors_writer.hpp>
#include <afire/nn/vit.hpp>

using namespace afire;

// [model]
// A transformer with memory: parameters in one flat buffer, activations in one arena that a dry run has measured.
struct Model {
  ViT<float> vit;
  ParamStore<float> store;
  Arena arena;
  ViT<float>::Saved saved;

  Model(Reference& cpu, ViTConfig config, Index batch, std::uint64_t seed) : vit(config), store(cpu, vit, Gradients::no) {
    initialise(cpu, store, seed);
    Arena counting;
    vit.plan(counting, batch);
    arena = Arena(counting, allocate<std::byte>(cpu, counting.bytes()));
    saved = vit.plan(arena, batch);
  }

  std::vector<float> tokens(Reference& cpu, View<const float, 4> image) {         // (B, channels, S, S) -> (B, 1 + L, C)
    vit.forward(cpu, ImagePixels<float>{image}, saved);
    return {saved.tokens.begin(), saved.tokens.end()};
  }
};
// [/model]

// [save]
void save(ParamStore<float> const& store, std::string const& path) {
  SafetensorsWriter file(path);
  for (auto& [name, param, offset] : store) file.declare(name, Dtype::f32, param.shape);
  for (auto& [name, param, offset] : store) file.write(name, param.value);
  file.commit();                                         // only a whole file gets the name
}
// [/save]

// [load]
// Names and shapes are timm's, so a file that timm's models were saved to is read by the same loop.
void load(ParamStore<float>& store, std::string const& path) {
  SafetensorsFile const file(path);
  for (auto& [name, param, offset] : store) file.read(name, param.value);
}
// [/load]

int main() {
  Index size = 0;
  ViT<float> small(vit_small);
  for (auto& [name, param] : parameters<float>(small)) size += param->size();
  std::printf("vit_small: %td parameters, as timm's vit_small_patch16_224 without its classifier\n", size);

  Reference cpu;
  constexpr ViTConfig config = checked(ViTConfig{.image = 32, .patch = 8, .width = 32, .depth = 2, .heads = 2});
  Model first(cpu, config, 1, 1), second(cpu, config, 1, 2);
  std::printf("%td tensors, from %s to %s\n", first.store.count(),
              first.store.begin()->name.c_str(), (first.store.end() - 1)->name.c_str());
  for (auto& [name, param, offset] : first.store)
    if (name == "blocks.0.attn.qkv.weight")
      std::printf("the blocks' first product is %s %s\n", name.c_str(), shape_text(param.shape).c_str());

  Tensor<float, 4> image(1, 3, 32, 32);
  for (Index i = 0; i < image.size(); ++i) image.data()[i] = static_cast<float>(i % 17) / 8 - 1;
  auto const wanted = first.tokens(cpu, image);
  std::printf("before loading, another start gives other tokens: %s\n", second.tokens(cpu, image) != wanted ? "true" : "false");
  save(first.store, "weights.safetensors");
  load(second.store, "weights.safetensors");
  std::printf("after loading, the same tokens to the last bit: %s\n", second.tokens(cpu, image) == wanted ? "true" : "false");

  // [deeper]
  ViTConfig deeper = config;
  deeper.depth = 3;
  Model third(cpu, deeper, 1, 3);
  try {
    load(third.store, "weights.safetensors");
  } catch (error const& e) { std::printf("%s\n", e.what()); }
  // [/deeper]
  std::remove("weights.safetensors");
}
