// Laws that the operations obey, on every backend and in every type.
#include <afire/nn/position.hpp>
#include <afire/op/attention.hpp>
#include <afire/op/cosine.hpp>
#include <afire/op/gelu.hpp>
#include <afire/op/patchify.hpp>
#include <afire/op/residual.hpp>
#include <afire/testing/compare.hpp>
#include <doctest/doctest.h>

#include "tests/support/backends.hpp"
#include "tests/support/memory.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

template <class T>
double number(T const& x) { return static_cast<double>(wide(x)); }

template <class S>
Tensor<S, 1> constant(Index n, double value) {
  Tensor<S, 1> x(n);
  for (S& v : x) v = static_cast<S>(value);
  return x;
}

}  // namespace

TEST_CASE_TEMPLATE_DEFINE("rows of a layer norm have mean 0 and variance 1, however they are shifted and scaled", Target, norm) {
  using T = typename Target::Type;
  using S = Accum<T>;
  typename Target::Backend be;
  auto x = random_tensor<T, 2>(1, 40, 64);
  for (Index n = 0; n < 40; ++n)
    for (Index c = 0; c < 64; ++c) x(n, c) = T(number(x(n, c)) * static_cast<double>(1 + n) + static_cast<double>(n % 5));
  Tensor<T, 2> y(40, 64);
  Tensor<S, 2> stats(40, 2);
  layer_norm(be, x, constant<S>(64, 1), constant<S>(64, 0), S(1e-6), y.view(), stats.view());
  double const allowed = std::is_same_v<T, bf16> ? 4e-3 : 1e-5;
  for (Index n = 0; n < 40; ++n) {
    double mean = 0, square = 0;
    for (Index c = 0; c < 64; ++c) mean += number(y(n, c)) / 64, square += number(y(n, c)) * number(y(n, c)) / 64;
    CHECK(std::fabs(mean) < allowed);
    CHECK(std::fabs(square - 1) < 2 * allowed);
  }
  // A constant row gives the shift, not a division by zero.
  Tensor<T, 2> flat(1, 64), out(1, 64);
  fill(be, flat.view().flat(), T(7.0f));
  layer_norm(be, flat, constant<S>(64, 2), constant<S>(64, 0.5), S(1e-6), out.view(), stats.view().slice(0, 1));
  for (T const& v : out) CHECK(number(v) == 0.5);
}
TEST_CASE_TEMPLATE_APPLY(norm, Targets);

TEST_CASE_TEMPLATE_DEFINE("attention: equal values pass, constant shifts of all keys change nothing, unpack undoes pack", Target, attend) {
  using T = typename Target::Type;
  using S = Accum<T>;
  typename Target::Backend be;
  Index const batch = 3, H = 2, L = 7, D = 8, C = H * D;
  auto qkv = random_tensor<T, 2>(1, batch * L, 3 * C);
  for (Index n = 0; n < batch * L; ++n)
    for (Index c = 0; c < C; ++c) qkv(n, 2 * C + c) = T(static_cast<float>(c));           // v is the same at all tokens
  Tensor<T, 4> packed(3, batch * H, L, D);
  Tensor<T, 3> o(batch, L, C);
  Tensor<S, 2> log_sum(batch * H, L);
  auto const work = planned([&](Arena& a) { return plan_attention<T>(a, batch, H, L, D); });
  pack_heads(be, qkv, packed.view(), H);
  attention(be, packed, o.view(), log_sum.view(), work.saved);
  for (Index n = 0; n < batch * L; ++n)
    for (Index c = 0; c < C; ++c)
      CHECK(number(o.data()[n * C + c]) == doctest::Approx(static_cast<double>(c)).epsilon(std::is_same_v<T, bf16> ? 1e-2 : 1e-5));

  Tensor<T, 2> back(batch * L, 3 * C);
  for_each_row(be, batch * L, UnpackHeads<T>{packed, back, H});
  CHECK(std::memcmp(back.data(), qkv.data(), static_cast<std::size_t>(qkv.size()) * sizeof(T)) == 0);
  CHECK(wide(packed(1, 1 * H + 1, 4, 3)) == wide(qkv(1 * L + 4, C + 1 * D + 3)));          // k of film 1, head 1, token 4, channel 3

  // Scores of thousands: the largest wins, and nothing overflows.
  for (T& v : packed) v = T(0.0f);
  for (Index l = 0; l < L; ++l) {
    packed(0, 0, l, 0) = T(100.0f), packed(1, 0, l, 0) = T(l == 2 ? 100.0f : -100.0f);
    packed(2, 0, l, 0) = T(static_cast<float>(l));
  }
  attention(be, packed, o.view(), log_sum.view(), work.saved);
  for (Index l = 0; l < L; ++l) CHECK(number(o(0, l, 0)) == 2);
}
TEST_CASE_TEMPLATE_APPLY(attend, Targets);

TEST_CASE_TEMPLATE_DEFINE("probabilities are positive and rows of them sum to 1", Target, softmax) {
  using T = typename Target::Type;
  using S = Accum<T>;
  typename Target::Backend be;
  auto const scores = random_tensor<S, 2>(1, 30, 50);
  auto work = random_tensor<S, 2>(1, 30, 50);
  Tensor<T, 2> probs(30, 50);
  Tensor<S, 1> log_sum(30);
  for_each_row(be, 30, ProbabilityRow<T>{work, probs, log_sum, S(3)});
  for (Index n = 0; n < 30; ++n) {
    double sum = 0;
    for (Index c = 0; c < 50; ++c) {
      sum += number(probs(n, c));
      double const want = std::exp(3 * number(scores(n, c)) - number(log_sum(n)));
      CHECK(number(probs(n, c)) == doctest::Approx(want).epsilon(std::is_same_v<T, bf16> ? 8e-3 : 2e-5));
    }
    CHECK(sum == doctest::Approx(1).epsilon(std::is_same_v<T, bf16> ? 5e-3 : 1e-6));
  }
}
TEST_CASE_TEMPLATE_APPLY(softmax, Targets);

TEST_CASE_TEMPLATE_DEFINE("unit rows have length 1 or 0, and cosines lie in -1 ... 1", Target, cosine) {
  using T = typename Target::Type;
  using S = Accum<T>;
  typename Target::Backend be;
  auto x = random_tensor<T, 2>(1, 12, 20);
  for (Index c = 0; c < 20; ++c) x(3, c) = T(0.0f), x(4, c) = T(number(x(4, c)) * 1e6), x(5, c) = T(number(x(5, c)) * 1e-6);
  Tensor<T, 2> z(12, 20);
  Tensor<S, 1> inverse(12);
  unit_rows(be, x, z.view(), inverse.view());
  double const allowed = std::is_same_v<T, bf16> ? 4e-3 : 1e-6;
  for (Index n = 0; n < 12; ++n)
    CHECK(std::sqrt(dot(z.view().row(n), z.view().row(n))) == doctest::Approx(n == 3 ? 0 : 1).epsilon(allowed));

  // Directions that are the tokens themselves, at any length, have the cosine 1 with them.
  Tensor<T, 3> v(4, 3, 20);
  for (Index p = 0; p < 4; ++p)
    for (Index k = 0; k < 3; ++k)
      for (Index c = 0; c < 20; ++c) v(p, k, c) = T(number(z(k * 4 + p, c)) * static_cast<double>(k + 1));
  auto const g = constant<S>(12, 1);
  Tensor<S, 2> r(4, 3);
  Tensor<S, 3> s(3, 4, 3);
  for (Index c = 0; c < 20; ++c) v(3, 0, c) = T(1.0f);                                     // the zero row's place
  inverse_norms(be, View<const T, 3>(v), g, r.view());
  cosine_scores(be, View<const T, 3>(z.view().as(3, 4, 20)), View<const T, 3>(v), r, s.view());
  for (Index b = 0; b < 3; ++b)
    for (Index p = 0; p < 4; ++p) {
      CHECK(number(s(b, p, b)) == doctest::Approx(b == 0 && p == 3 ? 0 : 1).epsilon(allowed));
      for (Index k = 0; k < 3; ++k) CHECK(std::fabs(number(s(b, p, k))) <= 1 + allowed);
    }
}
TEST_CASE_TEMPLATE_APPLY(cosine, Targets);

TEST_CASE("unpatchify undoes patchify, and patches are numbered row by row, channels last") {
  Reference be;
  for (Index const channels : {1, 3}) {
    Index const P = 4, grid = 3, S = P * grid;
    auto image = random_tensor<float, 4>(1, 2, channels, S, S);
    Tensor<float, 4> back(2, channels, S, S);
    Tensor<float, 3> rows(2, grid * grid, P * P * channels);
    patchify(be, image.view(), P, rows.view());
    for (Index c = 0; c < channels; ++c) CHECK(rows(1, 1 * grid + 2, (3 * P + 1) * channels + c) == image(1, c, 1 * P + 3, 2 * P + 1));
    unpatchify(be, rows.view(), P, back.view());
    CHECK(std::equal(image.begin(), image.end(), back.begin()));
  }
}

TEST_CASE("a decoder's rows become grey films through mean and deviation") {
  Reference be;
  Tensor<float, 3> rows(1, 1 + 4, 4 * 3);
  double const mean[3] = {0.4, 0.5, 0.6}, deviation[3] = {0.2, 0.25, 0.5};
  auto const brightness = [](Index j, Index i) { return 0.1 * static_cast<double>(j) + 0.02 * static_cast<double>(i); };
  for (Index j = 0; j < 4; ++j)
    for (Index i = 0; i < 4; ++i)
      for (Index c = 0; c < 3; ++c) rows(0, j + 1, i * 3 + c) = static_cast<float>((brightness(j, i) - mean[c]) / deviation[c]);
  Tensor<float, 3> grey(1, 4, 4);
  grey_from_rows<Reference, float>(be, rows.view(), 2, 3, mean, deviation, grey.view());
  for (Index y = 0; y < 4; ++y)
    for (Index x = 0; x < 4; ++x) {
      Index const j = y / 2 * 2 + x / 2, i = y % 2 * 2 + x % 2;
      CHECK(static_cast<double>(grey(0, y, x)) == doctest::Approx(255 * brightness(j, i)).epsilon(1e-5));
    }
}

TEST_CASE("the position table: class row zero, columns before rows, sines before cosines, rounded to float") {
  auto const table = sine_cosine_table(8, 2, 3);
  REQUIRE(table.size() == 7 * 8);
  for (std::size_t c = 0; c < 8; ++c) CHECK(table[c] == 0);
  auto const row = [&](std::size_t r, std::size_t c) { return table.data() + (1 + r * 3 + c) * 8; };
  double const want[8] = {std::sin(2.0), std::sin(0.02), std::cos(2.0), std::cos(0.02),
                          std::sin(1.0), std::sin(0.01), std::cos(1.0), std::cos(0.01)};
  for (std::size_t c = 0; c < 8; ++c) CHECK(row(1, 2)[c] == static_cast<double>(static_cast<float>(want[c])));
  CHECK_THROWS_WITH_AS(sine_cosine_table(6, 2, 2), "position table: width 6 is not a multiple of 4", error);
}
