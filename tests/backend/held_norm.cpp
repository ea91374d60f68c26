// Layer norm by teams that hold their row, as a GPU runs it, against the reference: widths that fill no pack of workers, chunks of uneven
// length, sums in place of a norm alone, gradients that are written where they were read. Both orders of the workers.
#include <afire/backend/held_norm.hpp>
#include <afire/testing/compare.hpp>
#include <doctest/doctest.h>

#include "tests/support/emulated_team.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

template <class T> constexpr double near_enough = std::is_same_v<T, double> ? 1e-12 : std::is_same_v<T, float> ? 1e-5 : 1e-2;

template <class T, class V, class W>
void near(char const* name, V got, W want) {
  Tensor<double, 1> a(got.size()), b(want.size());
  for (Index i = 0; i < got.size(); ++i) a(i) = static_cast<double>(wide(got.data[i])), b(i) = static_cast<double>(wide(want.data[i]));
  auto const d = difference(name, a.view(), b.view());
  CHECK_MESSAGE(d.worst <= near_enough<T>, report(d));
}

template <class T, int packs>
void compare_norms(Index N, Index C) {
  CAPTURE(N);
  CAPTURE(C);
  using S = Accum<T>;
  REQUIRE(holds_rows<T, packs>(C));
  auto const a = random_tensor<T, 2>(1, N, C), b = random_tensor<T, 2>(2, N, C), dy = random_tensor<T, 2>(3, N, C);
  auto const gain = random_tensor<S, 1>(4, C), shift = random_tensor<S, 1>(5, C);
  Reference reference{.threads = 1};
  S const eps = static_cast<S>(1e-6);
  Tensor<T, 2> x(N, C), y(N, C), z(N, C);
  Tensor<S, 2> stats(N, 2), partial(column_chunks, C);
  add_layer_norm(reference, a, b, gain, shift, eps, x.view(), y.view(), stats.view());
  layer_norm(reference, a, gain, shift, eps, z.view(), Tensor<S, 2>(N, 2).view());
  for (bool const backwards : {false, true}) {
    Tensor<T, 2> x2(N, C), y2(N, C), z2(N, C);
    Tensor<S, 2> stats2(N, 2), stats3(N, 2);
    for_each_row_of_teams<EmulatedWarp>(N, HeldNorm<T, packs>{a, b, x2, gain, shift, y2, stats2, eps}, backwards);
    for_each_row_of_teams<EmulatedWarp>(N, HeldNorm<T, packs>{a, {}, {}, gain, shift, z2, stats3, eps}, backwards);
    near<S>("x", x2.view(), x.view()), near<T>("y", y2.view(), y.view()), near<S>("stats", stats2.view(), stats.view());
    near<T>("y without a sum", z2.view(), z.view());
    for (bool const joined : {false, true}) {            // with a gradient that comes along the residual, whose memory is written
      Tensor<T, 2> dx = random_tensor<T, 2>(6, N, C), dx2 = random_tensor<T, 2>(6, N, C);
      auto dgain = random_tensor<S, 1>(7, C), dshift = random_tensor<S, 1>(8, C), dgain2 = random_tensor<S, 1>(7, C),
           dshift2 = random_tensor<S, 1>(8, C);
      auto const addend = [&](Tensor<T, 2> const& d) { return joined ? View<const T, 2>(d) : View<const T, 2>{}; };
      layer_norm_backward(reference, x, gain, stats, dy, addend(dx), dx.view(), dgain.view(), dshift.view(), partial.view());
      using Held = HeldNormBackward<T, packs>;
      Index const chunks = Held::chunks(N);
      Tensor<S, 2> d_gain(chunks, C), d_shift(chunks, C);
      for_each_row_of_teams<EmulatedWarp>(chunks, Held{{x, gain, stats, dy, addend(dx2), dx2}, d_gain, d_shift}, backwards);
      add_column_sums(reference, View<const S, 2>(d_gain), dgain2.view(), partial.view());
      add_column_sums(reference, View<const S, 2>(d_shift), dshift2.view(), partial.view());
      near<T>("dx", dx2.view(), dx.view()), near<S>("dgain", dgain2.view(), dgain.view()), near<S>("dshift", dshift2.view(), dshift.view());
    }
  }
}

}  // namespace

TEST_CASE("a row that is held gives the reference's norm and gradients") {
  compare_norms<double, 1>(5, 64);
  compare_norms<double, 1>(3, 6);
  compare_norms<double, 3>(53, 190);
  compare_norms<float, 2>(17, 132);
  compare_norms<bf16, 1>(7, 192);
  compare_norms<bf16, 2>(5, 384);
  compare_norms<bf16, 3>(35, 768);
  compare_norms<bf16, 4>(2, 1000);
}

TEST_CASE("which rows can be held") {
  CHECK(holds_rows<bf16, 3>(768));
  CHECK_FALSE(holds_rows<bf16, 2>(768));
  CHECK_FALSE(holds_rows<bf16, 4>(764));
  CHECK(HeldNormBackward<bf16, 1>::chunks(1) == 1);
  CHECK(HeldNormBackward<bf16, 1>::chunks(50432) == 2048);
}
