// Streaming attention as the tensor cores of a GPU compute it, emulated thread by thread, against the reference in double: lengths that do
// not divide, both head sizes, forward and backward. And the emulation itself refuses what it is there to refuse.
// slow: a fiber a thread, 128 in a block; under AddressSanitizer each change of fibers is dear
#include <afire/backend/cuda/attention_backward.cuh>
#include <afire/backend/reference.hpp>
#include <afire/op/attention.hpp>
#include <afire/testing/compare.hpp>
#include <doctest/doctest.h>

#include "tests/support/emulated_gpu.hpp"
#include "tests/support/memory.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

template <class T>
Tensor<T, 2> random_rows(std::uint64_t seed, Index rows, Index columns, double scale) {
  Tensor<T, 2> x(rows, columns);
  Random const random(seed, Purpose::test);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = T(wide(bf16(scale * random.normal(static_cast<std::uint64_t>(i)))));
  return x;
}

template <int D>
void compare_attention(Index B, Index L, Index H) {
  CAPTURE(D);
  CAPTURE(L);
  CAPTURE(H);
  Index const C = H * D, tiles = (L + tile_rows - 1) / tile_rows;
  auto const scale = static_cast<float>(1 / std::sqrt(static_cast<double>(D)));
  auto const qkv = random_rows<bf16>(1, B * L, 3 * C, 1.5), d_o = random_rows<bf16>(2, B * L, C, 1);
  auto const wide_qkv = random_rows<double>(1, B * L, 3 * C, 1.5), wide_d_o = random_rows<double>(2, B * L, C, 1);

  Reference reference;
  auto const work = planned([&](Arena& arena) { return plan_attention<double>(arena, B, H, L, D); });
  Tensor<double, 4> packed(3, B * H, L, D);
  Tensor<double, 3> want(B, L, C);
  Tensor<double, 2> want_sum(B * H, L), want_d(B * L, 3 * C);
  pack_heads(reference, wide_qkv.view(), packed.view(), H);
  attention(reference, packed.view(), want.view(), want_sum.view(), work.saved);
  attention_backward(reference, packed.view(), want.view(), want_sum.view(), wide_d_o.view().as(B, L, C), want_d.view(), work.saved);

  Tensor<bf16, 2> o(B * L, C), d_qkv(B * L, 3 * C);
  Tensor<float, 2> sum(B * H, L);
  int const blocks = static_cast<int>(B * H * tiles), tokens = static_cast<int>(L), heads = static_cast<int>(H);
  run_emulated(AttentionForward<D>{qkv.view(), o.view(), sum.view(), tokens, heads, scale}, blocks, tile_threads);
  AttentionBackward<D, false> const queries{qkv.view(), o.view(), d_o.view(), sum.view(), d_qkv.view(), tokens, heads, scale};
  AttentionBackward<D, true> const keys{qkv.view(), o.view(), d_o.view(), sum.view(), d_qkv.view(), tokens, heads, scale};
  run_emulated(queries, blocks, tile_threads);
  run_emulated(keys, blocks, tile_threads);

  auto const near = [](char const* name, auto got, auto wanted, double tolerance) {
    auto const d = difference(name, got, wanted);
    CHECK_MESSAGE(d.worst <= tolerance, report(d));
  };
  near("o", o.view().flat(), want.view().flat(), 1e-2);
  near("log_sum", sum.view().flat(), want_sum.view().flat(), 1e-5);
  near("d_qkv", d_qkv.view().flat(), want_d.view().flat(), 1e-2);
}

TEST_CASE("attention by tiles agrees with the reference in double for lengths that do not divide") {
  compare_attention<64>(1, 197, 3);
  compare_attention<32>(1, 197, 6);
  compare_attention<64>(1, 50, 12);
  compare_attention<32>(2, 50, 3);
  compare_attention<64>(2, 33, 3);
  compare_attention<32>(3, 1, 12);
  compare_attention<64>(1, 64, 1);
  compare_attention<32>(1, 65, 2);
}

// What a body must not do, one wrong at a time.
enum class Wrong { nothing, outside_shared, outside_view, unwritten, race, race_of_reader, divided, misaligned, two_writers, early_end };

struct WrongBody {
  static constexpr int shared_bytes = 64 * 4;
  Wrong wrong;
  View<float, 2> y;                        // (1, 64)
  template <class Thread>
  void operator()(Thread const& t) const {
    auto const x = t.template shared<float>(0, 64);
    int const i = t.index(), next = (i + 1) % 64;
    if (wrong != Wrong::unwritten) x.write(i, 1.0f);
    if (wrong != Wrong::race) t.sync();
    float const v = x.template read<float>(wrong == Wrong::outside_shared ? i + 1 : next);
    if (wrong == Wrong::race_of_reader) x.write(i, v);
    if (wrong == Wrong::misaligned) x.template read<Quad>(2);
    if (wrong == Wrong::early_end && i == 40) return;
    if (wrong == Wrong::divided && i % 2 == 0) t.sync_warp();
    else t.swap(v, 1);
    if (wrong == Wrong::early_end) t.sync();
    t.store(y, 0, wrong == Wrong::two_writers ? i / 2 : wrong == Wrong::outside_view ? next + 1 : i, v);
  }
};

TEST_CASE("the emulation refuses what a GPU would do silently") {
  Tensor<float, 2> y(1, 64);
  auto const run = [&](Wrong wrong) { run_emulated(WrongBody{wrong, y.view()}, 1, 64); };
  CHECK_NOTHROW(run(Wrong::nothing));
  CHECK(y(0, 63) == 1.0f);
  CHECK_THROWS_AS(run(Wrong::outside_shared), error);
  CHECK_THROWS_AS(run(Wrong::outside_view), error);
  CHECK_THROWS_AS(run(Wrong::unwritten), error);
  CHECK_THROWS_AS(run(Wrong::race), error);
  CHECK_THROWS_AS(run(Wrong::race_of_reader), error);
  CHECK_THROWS_AS(run(Wrong::divided), error);
  CHECK_THROWS_AS(run(Wrong::misaligned), error);
  CHECK_THROWS_AS(run(Wrong::two_writers), error);
  CHECK_THROWS_AS(run(Wrong::early_end), error);
}
