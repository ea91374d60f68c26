// Blocks that keep their input alone: the same bits as those that keep all, whatever happens to their memory between the passes, and the
// memory of one block for all of them.
#include <afire/nn/checkpointing.hpp>
#include <afire/nn/decoder.hpp>
#include <afire/testing/gradcheck.hpp>
#include <doctest/doctest.h>

#include <array>

#include "tests/support/backends.hpp"
#include "tests/support/memory.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

constexpr Index films = 3, tokens = 5, C = 16, N = films * tokens;

template <class T>
auto plan_block(Block<T> const& block, bool recompute) {
  return planned([&](Arena& a) {
    auto const again = a.recompute(recompute);
    return block.plan(a, films, tokens);
  });
}

// Bytes of activations that a plan keeps, and the scratch beside them.
template <class Plan>
std::array<Index, 2> bytes_of(Plan plan, bool recompute) {
  Arena counting;
  auto const again = counting.recompute(recompute);
  plan(counting);
  return {counting.kept_bytes(), counting.scratch_bytes()};
}

}  // namespace

TEST_CASE_TEMPLATE_DEFINE("a block that is computed again gives the same bits", Target, bits) {
  using T = typename Target::Type;
  typename Target::Backend be;
  for (bool const scaled : {false, true})
    for (bool const dropped : {false, true}) {
      Block<T> block(C, 2, 4, 1e-6, scaled ? 0.5 : 0.0);
      ParamStore<T> store(be, block, Gradients::yes);
      randomise(be, store, 1);
      auto const x = random_tensor<T, 2>(2, N, C), dy = random_tensor<T, 2>(3, N, C);
      auto keep1 = random_tensor<Accum<T>, 1>(4, films), keep2 = random_tensor<Accum<T>, 1>(5, films);
      keep1(1) = 0, keep2(2) = 0;
      auto const passes = [&](bool recompute) {
        auto run = plan_block(block, recompute);
        CHECK((run.arena.kept_bytes() == 0) == recompute);
        if (dropped) run.saved.keep1 = keep1.view(), run.saved.keep2 = keep2.view();
        Tensor<T, 2> y(N, C), dx(N, C);
        fill(be, store.gradients(), 0);
        block.forward(be, x, y.view(), run.saved);
        if (recompute) {                                 // as another block does, which has the same memory
          auto const other = random_tensor<T, 2>(6, N, C);
          Tensor<T, 2> forgotten(N, C);
          block.forward(be, other, forgotten.view(), run.saved);
        }
        block.backward(be, x, dy, dx.view(), run.saved);
        std::vector<double> all;
        for (auto const& v : y) all.push_back(static_cast<double>(wide(v)));
        for (auto const& v : dx) all.push_back(static_cast<double>(wide(v)));
        for (auto const& v : store.gradients()) all.push_back(static_cast<double>(v));
        return all;
      };
      auto const kept = passes(false);
      CHECK(std::all_of(kept.begin(), kept.end(), [](double v) { return std::isfinite(v); }));
      CHECK(passes(true) == kept);
    }
}
TEST_CASE_TEMPLATE_APPLY(bits, Targets);

TEST_CASE("gradient of a block that is computed again") {
  Reference be{.threads = 1};
  for (double const scale : {0.0, 0.5}) {
    Block<double> block(C, 2, 4, 1e-6, scale);
    ParamStore<double> store(be, block, Gradients::yes);
    randomise(be, store, 1);
    auto x = random_tensor<double, 2>(2, N, C);
    auto const dy = random_tensor<double, 2>(3, N, C);
    Tensor<double, 2> y(N, C), dx(N, C);
    auto run = plan_block(block, true);
    GradCheck check;
    check.input("x", x.view().flat(), dx.view().flat());
    check.parameters(store);
    auto const r = check([&] { return block.forward(be, x, y.view(), run.saved), dot(y.view().flat(), dy.view().flat()); },
                         [&] { block.backward(be, x, dy, dx.view(), run.saved); });
    CHECK_MESSAGE(r.worst <= 1e-9, r.text());
  }
}

TEST_CASE("what a plan saves: every block but one, and nothing else") {
  Index const batch = 32;
  ViT<bf16> const encoder(vit_small);
  Decoder<bf16> const decoder(TransformerDecoder{}, vit_small);
  auto const one = [&](Block<bf16> const& block) {
    return bytes_of([&](Arena& a) { block.plan(a, batch, vit_small.all_tokens()); }, false);
  };
  auto const check = [&](auto const& net, Index depth) {
    auto const plan = [&](Arena& a) { net.plan(a, batch); };
    auto const block = one(net.blocks[0]);
    auto const all = bytes_of(plan, false), again = bytes_of(plan, true);
    CHECK(all[0] - again[0] == depth * block[0]);        // what the blocks kept
    CHECK(again[1] - all[1] == block[0]);                // one of them stands beside their scratch now
    CHECK(again[0] + again[1] < 0.4 * static_cast<double>(all[0] + all[1]));
  };
  check(encoder, vit_small.depth);
  check(decoder, TransformerDecoder{}.depth);

  auto const forgetting = [&](Arena& a) {                // a teacher's plan is what it was
    auto const forget = a.forget();
    encoder.plan(a, batch);
  };
  CHECK(bytes_of(forgetting, true) == bytes_of(forgetting, false));
}
