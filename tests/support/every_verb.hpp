// tests/support/every_verb.hpp -- all verbs on one backend in one type, from the same inputs; what they give, as doubles
//
// Inputs are exact in bf16, so that every type starts from the same numbers.
#pragma once
#include <string>
#include <vector>

#include <afire/op/attention.hpp>
#include <afire/op/cosine.hpp>
#include <afire/op/gelu.hpp>
#include <afire/op/patchify.hpp>
#include <afire/op/residual.hpp>
#include <afire/op/sinkhorn.hpp>

#include "tests/support/memory.hpp"
#include "tests/support/random.hpp"

namespace afire_test {

struct Given {
  std::string verb;
  std::vector<double> values;
};

template <class T, int Rank, class... N>
Tensor<T, Rank> exact_tensor(std::uint64_t seed, N... sizes) {
  Tensor<T, Rank> x(sizes...);
  auto const narrow = random_tensor<bf16, 1>(seed, x.size());
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = T(wide(narrow(i)));
  return x;
}

template <class T>
struct Logarithm {                         // no sum of these is exact
  View<const T, 1> x;
  AFIRE_HD Accum<T> operator()(Index i) const { return wide(x(i)) * static_cast<Accum<T>>(std::log(1.5 + static_cast<double>(i % 1000))); }
};

inline Given given(std::string verb, auto view) {
  Given g{std::move(verb), {}};
  for (auto const& v : view.flat()) g.values.push_back(static_cast<double>(wide(v)));
  return g;
}

// Attention of made-up heads, forward and backward.
template <class T>
struct AttentionBothWays {
  Tensor<T, 4> packed;                     // (3, B H, L, D)
  Tensor<T, 3> o;                          // (B, L, H D)
  Tensor<Accum<T>, 2> log_sum;             // (B H, L)
  Tensor<T, 2> d_qkv;                      // (B L, 3 H D)

  template <class B>
  AttentionBothWays(B& be, Index batch, Index H, Index L, Index D)
      : packed(3, batch * H, L, D), o(batch, L, H * D), log_sum(batch * H, L), d_qkv(batch * L, 3 * H * D) {
    auto const qkv = exact_tensor<T, 2>(11, batch * L, 3 * H * D);
    auto const d_o = exact_tensor<T, 3>(12, batch, L, H * D);
    auto const work = planned([&](Arena& a) { return plan_attention<T>(a, batch, H, L, D); });
    pack_heads(be, qkv, packed.view(), H);
    attention(be, packed, o.view(), log_sum.view(), work.saved);
    attention_backward(be, packed, o, log_sum, d_o, d_qkv.view(), work.saved);
  }
};

template <class T, class B>
std::vector<Given> every_verb(B& be) {
  using S = Accum<T>;
  std::vector<Given> all;
  auto const give = [&](std::string verb, auto view) { all.push_back(given(std::move(verb), view)); };
  Index const N = 700, C = 75;

  auto const x = exact_tensor<T, 2>(1, N, C), dy = exact_tensor<T, 2>(2, N, C), other = exact_tensor<T, 2>(3, N, C);
  Tensor<T, 2> y(N, C), dx(N, C), sum(N, C);
  auto const gain = exact_tensor<S, 1>(4, C), shift = exact_tensor<S, 1>(5, C);
  Tensor<S, 2> stats(N, 2), partial(column_chunks, 4 * C);
  auto dgain = exact_tensor<S, 1>(6, C), dshift = exact_tensor<S, 1>(7, C);

  Tensor<S, 1> total(1);
  total(0) = reduce(be, x.size(), Logarithm<T>{x.view().flat()});
  give("reduce", total.view());
  copy(be, x.view().flat(), y.view().flat());
  give("copy", y.view());

  layer_norm(be, x, gain, shift, S(1e-6), y.view(), stats.view());
  give("layer_norm", y.view()), give("layer_norm: stats", stats.view());
  layer_norm_backward(be, x, gain, stats, dy, other, dx.view(), dgain.view(), dshift.view(), partial.view());
  give("layer_norm_backward: dx", dx.view()), give("layer_norm_backward: dgain", dgain.view());
  give("layer_norm_backward: dshift", dshift.view());
  add(be, x, other, sum.view());
  give("add", sum.view());
  add_layer_norm(be, x, other, gain, shift, S(1e-6), sum.view(), y.view(), stats.view());
  give("add_layer_norm: x", sum.view()), give("add_layer_norm: y", y.view()), give("add_layer_norm: stats", stats.view());
  gelu(be, x, y.view());
  give("gelu", y.view());
  gelu_backward(be, x, dy, y.view(), dx.view());
  give("gelu_backward: y", y.view()), give("gelu_backward: dx", dx.view());
  gelu_backward(be, x, dy, y.view(), dx.view(), dshift.view(), partial.view());
  give("gelu_backward: dx beside its sums", dx.view()), give("gelu_backward: dbias", dshift.view());
  add_column_sums(be, View<const T, 2>(x), dshift.view(), partial.view());
  give("add_column_sums", dshift.view());

  auto const w = exact_tensor<T, 2>(8, 2 * C, C);
  auto const bias = exact_tensor<S, 1>(9, 2 * C);
  Tensor<T, 2> product(N, 2 * C);
  auto dw = exact_tensor<S, 2>(10, 2 * C, C);
  gemm(be, matrix(View<const T, 2>(x)), transposed(matrix(w.view())), matrix(product.view()), GemmOf<T>{.bias = bias.view()});
  give("gemm: x W^T + b", product.view());
  gemm(be, matrix(View<const T, 2>(product)), matrix(w.view()), matrix(dx.view()));
  give("gemm: dy W", dx.view());
  gemm(be, transposed(matrix(View<const T, 2>(product))), matrix(View<const T, 2>(x)), matrix(dw.view()), GemmOf<T>{.add = true});
  give("gemm: dW += dy^T x", dw.view());

  Index const batch = 5, H = 3, L = 37, D = 20;
  AttentionBothWays<T> const heads(be, batch, H, L, D);
  give("pack_heads", heads.packed.view()), give("attention", heads.o.view());
  give("attention: log_sum", heads.log_sum.view()), give("attention_backward", heads.d_qkv.view());

  auto const tokens = exact_tensor<T, 2>(13, batch * L, D);
  auto const ds = exact_tensor<S, 3>(14, batch, L, 30);
  Tensor<T, 2> z(batch * L, D), dz(batch * L, D);
  Tensor<S, 1> inverse(batch * L);
  unit_rows(be, tokens, z.view(), inverse.view());
  give("unit_rows", z.view());
  for (Index const positions : {L, Index{1}}) {
    auto const v = exact_tensor<T, 3>(15, positions, 30, D);
    auto const g = exact_tensor<S, 1>(16, positions * 30);
    Tensor<S, 2> r(positions, 30);
    Tensor<S, 3> scores(batch, L, 30);
    auto dv = exact_tensor<S, 3>(17, positions, 30, D);
    auto dg = exact_tensor<S, 1>(18, positions * 30);
    Tensor<T, 3> scaled(batch, L, 30);
    View<T, 3> const z3 = z.view().as(batch, L, D), dz3 = dz.view().as(batch, L, D);
    inverse_norms(be, v.view(), g, r.view());
    cosine_scores(be, View<const T, 3>(z3), v.view(), r, scores.view());
    cosine_scores_backward(be, View<const T, 3>(z3), v.view(), g, r, scores, ds, dz3, dv.view(), dg.view(), scaled.view());
    std::string const shared = positions == 1 ? ", shared" : "";
    give("inverse_norms" + shared, r.view()), give("cosine_scores" + shared, scores.view());
    give("cosine_scores_backward: dz" + shared, dz.view()), give("cosine_scores_backward: dv" + shared, dv.view());
    give("cosine_scores_backward: dg" + shared, dg.view());
  }
  Tensor<T, 2> dt(batch * L, D);
  unit_rows_backward(be, z, inverse, dz, dt.view());
  give("unit_rows_backward", dt.view());

  auto image = exact_tensor<T, 4>(19, 3, 3, 24, 24);
  Tensor<T, 3> rows(3, 9, 192);
  patchify(be, image.view(), 8, rows.view());
  give("patchify", rows.view());
  auto const decoded = exact_tensor<T, 3>(20, 3, 10, 192);
  Tensor<float, 3> grey(3, 24, 24);
  double const mean[3] = {0.4, 0.5, 0.6}, deviation[3] = {0.2, 0.3, 0.25};
  grey_from_rows<B, T>(be, decoded.view(), 8, 3, mean, deviation, grey.view());
  give("grey_from_rows", grey.view());

  auto const scores = exact_tensor<S, 2>(21, L, 50);
  Tensor<S, 2> targets(L, 50);
  Tensor<S, 1> f(50), g(L);
  sinkhorn(be, scores, 0.5, 3, targets.view(), f.view(), g.view());
  give("sinkhorn", targets.view());
  return all;
}

}  // namespace afire_test
