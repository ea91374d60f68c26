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
  answers([&] {
    TensorFile const file = open_tensors(memory.path());
    for (auto const& t : file) answers([&] { file.read<double>(t.name); });
    std::vector<Weight> part;
    for (auto const* from : {"", "hf", "dinov2"})
      answers([&] {
        Layout const layout = find_layout(file, {.from = from});
        described(file, layout);
        if (layout.is_afire()) released_weights(checkpoint_weights(file, layout));
        part = part_weights(file, layout);
        timm_weights(part);
        expect_whole(part, "*", "x:");
        fit_weights(part, {{"encoder.pos_embed", {1, 10, 4}}, {"encoder.patch_embed.proj.weight", {4, 1, 3, 3}}}, "*", "x:");
      });
  });
}

}  // namespace afire_test
