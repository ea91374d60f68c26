// afire/nn/checkpointing.hpp -- what transformer blocks keep between forward and backward: all that backward reads, or their input alone
//
//   KeepActivations    a block of N rows keeps about 10 N C elements; backward reads them
//   RecomputeBlocks    it keeps its input, N C, and backward begins with the block's forward once more, all but its last product:
//                      the same bits, the memory of one block for all of them, two thirds of the blocks' forward more (Chen et al., 2016)
//
//   Trainer{cpu, Compute<bf16>{}, ..., AdamW{}, TrainOptions{.batch = 32}, RecomputeBlocks{}};
//   auto const again = arena.recompute(checkpointing.recompute);          // what a method does while it plans the student
//
//   static_assert(explain_checkpointing<Mine>());                         // of one's own: struct Mine { bool recompute; };
//
// Random numbers are values and drop path's factors are kept, so that what is computed again is what was.
#pragma once
#include <concepts>

namespace afire {

struct KeepActivations {
  static constexpr bool recompute = false;
};
struct RecomputeBlocks {
  static constexpr bool recompute = true;
};

template <class C>
concept Checkpointing = requires(C const& c) {
  { c.recompute } -> std::convertible_to<bool>;
};

template <class C>
consteval bool explain_checkpointing() {
  static_assert(Checkpointing<C>,
                "afire: this Checkpointing does not say whether blocks are computed again. Give KeepActivations or RecomputeBlocks, or "
                "one with  bool recompute;");
  return true;
}

}  // namespace afire
