// Elements in packs of 16 bytes give what they give one by one, whatever is over at the end, and are left alone where memory does not
// begin at a pack. GELU's backward in tiles is the same. The directions' gradients as a product are those of a worker each.
#include <afire/backend/element_packs.hpp>
#include <afire/backend/gelu_tile.hpp>
#include <afire/backend/reference.hpp>
#include <afire/op/cosine.hpp>
#include <afire/op/gelu.hpp>
#include <afire/op/residual.hpp>
#include <doctest/doctest.h>

#include "tests/support/emulated_team.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

// Compilers may round in between or not.
template <class T>
void same(View<const T, 1> a, View<const T, 1> b) {
  double const tolerance = std::is_same_v<T, double> ? 1e-14 : std::is_same_v<T, float> ? 1e-6 : 1e-2;
  for (Index i = 0; i < a.size(); ++i)
    CHECK(std::fabs(static_cast<double>(wide(a(i))) - static_cast<double>(wide(b(i)))) <= tolerance);
}

}  // namespace

TEST_CASE_TEMPLATE("packs of elements are the elements", T, double, float, bf16) {
  Reference be{.threads = 1};
  for (Index const N : {1, 7, 8, 64, 83})
    for (Index const begin : {0, 1}) {                   // at 1 no pack fits
      CAPTURE(N);
      auto const a = random_tensor<T, 1>(1, N + 1), b = random_tensor<T, 1>(2, N + 1);
      Tensor<T, 1> y(N + 1), y2(N + 1), dx(N + 1), dx2(N + 1);
      auto const of = [&](auto& x) { return x.view().slice(begin, N); };
      ElementPacks<Gelu, T, 1, 1> const packs{{of(a)}, {of(y2)}};
      CHECK(packs.possible() == (begin == 0));
      gelu(any_tag{}, be, View<const T, 1>(of(a)), of(y));
      for_each_pack(be, N, packs);
      same<T>(y.view(), y2.view());
      gelu_backward(any_tag{}, be, View<const T, 1>(of(a)), View<const T, 1>(of(b)), of(y), of(dx));
      copy(be, of(b), of(dx2));
      for_each_pack(be, N, ElementPacks<GeluBackward, T, 2, 2>{{of(a), of(dx2)}, {of(y2), of(dx2)}});        // in place
      same<T>(y.view(), y2.view()), same<T>(dx.view(), dx2.view());
      add(any_tag{}, be, View<const T, 1>(of(a)), View<const T, 1>(of(b)), of(y));
      for_each_pack(be, N, ElementPacks<Add, T, 2, 1>{{of(a), of(b)}, {of(y2)}});
      same<T>(y.view(), y2.view());
    }
}

TEST_CASE_TEMPLATE("GELU's backward in tiles gives the elements, and the sums down the columns of what it wrote", T, double, float, bf16) {
  using S = Accum<T>;
  using Tile = GeluBackwardTile<T>;
  Reference be{.threads = 1};
  Index const n = Tile::size, shapes[][2] = {{1, n}, {3, 5 * n}, {53, 32 * n}, {19, 70 * n}};          // less than a tile, one, more
  for (auto const& shape : shapes)
    for (bool const backwards : {false, true}) {
      Index const N = shape[0], C = shape[1];
      CAPTURE(N);
      CAPTURE(C);
      auto const x = random_tensor<T, 2>(1, N, C), dy = random_tensor<T, 2>(2, N, C);
      auto dbias = random_tensor<S, 1>(3, C), dbias2 = random_tensor<S, 1>(3, C);
      Tensor<T, 2> y(N, C), y2(N, C), dx(N, C), dx2(N, C);
      Tensor<S, 2> partial(column_chunks, C), sums(Tile::chunks(N), C);
      gelu_backward(any_tag{}, be, x.view().flat(), dy.view().flat(), y.view().flat(), dx.view().flat());
      std::copy(dy.begin(), dy.end(), dx2.begin());
      Tile const tile{x, dx2, y2, dx2, sums};                                    // in place
      REQUIRE(tile.possible());
      for_each_row_of_teams<EmulatedWarp>(Tile::tiles(C) * sums.extent(0), tile, backwards);
      same<T>(y.view().flat(), y2.view().flat()), same<T>(dx.view().flat(), dx2.view().flat());
      add_column_sums(be, View<const T, 2>(dx2), dbias.view(), partial.view());             // of what is stored
      add_column_sums(be, View<const S, 2>(sums), dbias2.view(), partial.view());
      for (Index c = 0; c < C; ++c) CHECK(std::fabs(static_cast<double>(dbias(c) - dbias2(c))) <= (sizeof(S) == 8 ? 1e-12 : 1e-5));
    }
  CHECK_FALSE(Tile{Tensor<T, 2>(2, 3), {}, {}, {}, {}}.possible());
  CHECK(Tile::chunks(50432) == 512);
}

TEST_CASE("gradients of directions by a product are those of a worker a direction") {
  Index const B = 9, L = 5, K = 7, C = 6;
  Reference be{.threads = 1};
  for (Index const positions : {L, Index{1}})
    for (bool const gain_learns : {false, true}) {
      auto const z = random_tensor<double, 3>(1, B, L, C), v = random_tensor<double, 3>(2, positions, K, C);
      auto const s = random_tensor<double, 3>(3, B, L, K), ds = random_tensor<double, 3>(4, B, L, K);
      auto const g = random_tensor<double, 1>(5, positions * K);
      Tensor<double, 2> r(positions, K), scratch(1 + column_chunks, positions * K);
      Tensor<double, 3> scaled(B, L, K);
      inverse_norms(be, v.view(), g, r.view());
      for_each_row(be, B * L, ScaleGradient<double>{ds.view().as(B * L, K), r, scaled.view().as(B * L, K), L});
      auto dv = random_tensor<double, 3>(6, positions, K, C), dv2 = random_tensor<double, 3>(6, positions, K, C);
      auto dg = random_tensor<double, 1>(7, positions * K), dg2 = random_tensor<double, 1>(7, positions * K);
      auto const how = [&](Tensor<double, 3>& out, Tensor<double, 1>& gains) {
        return DirectionGradient<double>{z, v, g, r.view().flat(), s, ds, out, gain_learns ? gains.view() : View<double, 1>{}};
      };
      direction_gradients(any_tag{}, be, how(dv, dg), View<const double, 3>(scaled));
      direction_gradients_by_product(be, how(dv2, dg2), View<const double, 3>(scaled), scratch.view());
      for (Index i = 0; i < dv.size(); ++i) CHECK(dv2.data()[i] == doctest::Approx(dv.data()[i]).epsilon(1e-12));
      for (Index i = 0; i < dg.size(); ++i) CHECK(dg2.data()[i] == doctest::Approx(dg.data()[i]).epsilon(1e-12));
    }
}
