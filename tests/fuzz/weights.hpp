// tests/fuzz/weights.hpp -- what is done with a file of weights, whatever its bytes are: every tensor read, every layout tried
#pragma once
#include <afire/io/layout_weights.hpp>
#include <afire/io/pth.hpp>
#include <afire/train/model_of_weights.hpp>

#include "tests/support/memory_file.hpp"

namespace afire_test {

// Calls f; an error is an answer too.
template <class F>
void answers(F f) {
  try {
    f();
  } catch (afire::error const&) {}
}

inline void read_everything(std::string_view bytes) {
  using namespace afire;
  static MemoryFile const memory;
  memory.write(bytes.data(), bytes.size());
  static std::vector<Wanted> const model{{"encoder.cls_token", {1, 1, 4}}, {"encoder.reg_token", {1, 1, 4}},
                                         {"encoder.pos_embed", {1, 11, 4}}, {"encoder.patch_embed.proj.weight", {4, 1, 3, 3}},
                                         {"encoder.patch_embed.proj.bias", {4}}, {"encoder.blocks.0.attn.proj.weight", {4, 4}},
                                         {"encoder.blocks.0.mlp.fc2.bias", {4}}, {"encoder.norm.weight", {4}}, {"head.mlp.0.bias", {3}}};
  static std::vector<Wanted> const coloured{{"encoder.pos_embed", {1, 9, 4}}, {"encoder.patch_embed.proj.weight", {4, 3, 2, 2}},
                                            {"encoder.patch_embed.proj.bias", {4}}, {"encoder.blocks.0.attn.proj.bias", {4}},
                                            {"encoder.blocks.0.ls1.gamma", {4}}, {"decoder.pos_embed", {1, 10, 4}}};
  answers([&] {
    TensorFile const file = open_tensors(memory.path());
    for (auto const& t : file) {
      answers([&] { file.read<double>(t.name); });
      answers([&] { file.read<float>(t.name); });
      answers([&] { file.read<std::int8_t>(t.name); });
    }
    answers([&] { file.read<float>("no such name"); });
    std::vector<Weight> part;
    for (LayoutWish const& wish : {LayoutWish{}, {"student"}, {"", "hf"}, {"", "dinov2"}, {"", "afire"}, {"", "none"}})
      answers([&] {
        Layout const layout = find_layout(file, wish);
        described(file, layout);
        if (layout.is_afire()) answers([&] { released_weights(checkpoint_weights(file, layout)); });
        part = part_weights(file, layout);
      });
    answers([&] { timm_weights(part); });
    for (auto const* allowed : {"", "*", "head.*,*blocks*.bias,norm.weight*"}) {
      answers([&] { expect_whole(part, allowed, "x:"); });
      answers([&] { fit_weights(part, model, allowed, "x:"); });
      answers([&] { fit_weights(part, coloured, allowed, "x:", imagenet()); });
    }
  });
}

}  // namespace afire_test
