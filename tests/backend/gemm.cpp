// Products of every backend against a plain triple loop in double, for every way a matrix can lie in memory.
#include <afire/testing/compare.hpp>
#include <doctest/doctest.h>

#include <array>

#include "tests/support/backends.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

enum class Lie { plain, transposed, padded, transposed_padded, by_token, broadcast };

// A batch of matrices of the given size that lies in memory as asked, and the memory.
template <class T>
struct Laid {
  Tensor<T, 1> memory;
  Matrices<T> at;

  Laid(Index batch, Index rows, Index cols, Lie lie, std::uint64_t seed) {
    bool const turned = lie == Lie::transposed || lie == Lie::transposed_padded;
    bool const padded = lie == Lie::padded || lie == Lie::transposed_padded;
    Index const r = turned ? cols : rows, c = turned ? rows : cols, stride = c + (padded ? 5 : 0);
    memory = random_tensor<T, 1>(seed, batch * (r + 2) * (stride + 1) + 7);
    Matrices<T> m{memory.data() + (padded ? 3 : 0), batch, r, c, (padded ? r + 2 : r) * stride, stride, 1};
    if (lie == Lie::by_token) m.batch_stride = c, m.row_stride = batch * c;
    if (lie == Lie::broadcast) m.batch_stride = 0;
    at = turned ? afire::transposed(m) : m;
  }
  Matrices<const T> read() const {
    return {at.data, at.batch, at.rows, at.cols, at.batch_stride, at.row_stride, at.col_stride};
  }
  template <class U>
  static double get(Matrices<U> m, Index b, Index i, Index j) {
    return static_cast<double>(wide(m.data[b * m.batch_stride + i * m.row_stride + j * m.col_stride]));
  }
};

template <class U>
void check(std::string const& what, Matrices<U> c, std::vector<double> const& want, double allowed) {
  std::vector<double> got;
  for (Index b = 0; b < c.batch; ++b)
    for (Index i = 0; i < c.rows; ++i)
      for (Index j = 0; j < c.cols; ++j) got.push_back(Laid<U>::get(c, b, i, j));
  auto const d = difference(what, View<const double, 1>(got.data(), got.size()), View<const double, 1>(want.data(), want.size()));
  CHECK_MESSAGE(d.worst <= allowed, report(d));
}

template <class B, class T, class U>
void product(B& be, Index batch, Index M, Index K, Index N, Lie lie_a, Lie lie_b, Lie lie_c, bool with_bias, bool add, float alpha = 1) {
  Laid<T> const a(batch, M, K, lie_a, 1), b(batch, K, N, lie_b, 2);
  Laid<U> const c(batch, M, N, lie_c, 3);
  auto const before = random_tensor<U, 1>(3, c.memory.size());
  auto const bias = random_tensor<Accum<T>, 1>(4, N);
  std::vector<double> want;
  for (Index m = 0; m < batch; ++m)
    for (Index i = 0; i < M; ++i)
      for (Index j = 0; j < N; ++j) {
        double sum = 0;
        for (Index k = 0; k < K; ++k) sum += Laid<T>::get(a.read(), m, i, k) * Laid<T>::get(b.read(), m, k, j);
        sum *= static_cast<double>(alpha);
        if (with_bias) sum += static_cast<double>(bias(j));
        if (add) sum += Laid<U>::get(c.at, m, i, j);
        want.push_back(sum);
      }
  GemmOf<T> how{.alpha = alpha, .add = add};
  if (with_bias) how.bias = bias.view();
  gemm(be, a.read(), b.read(), c.at, how);
  auto const lie = [](Lie l) { return static_cast<int>(l); };
  double const rounding = 1.2e-7 * (3 + std::sqrt(static_cast<double>(K)));
  double const allowed = std::is_same_v<U, bf16> ? 4e-3 * (add ? 2 : 1) : std::is_same_v<T, double> ? 1e-13 : rounding;
  check(text("(", batch, ", ", M, ", ", K, ") x (", K, ", ", N, "), lying ", lie(lie_a), " ", lie(lie_b), " ", lie(lie_c),
             with_bias ? ", bias" : "", add ? ", added" : "", ", alpha ", alpha),
        c.at, want, allowed);

  // What lies between the rows of c is not touched.
  Tensor<U, 1> untouched(c.memory.size());
  for (Index i = 0; i < untouched.size(); ++i) untouched(i) = c.memory(i);
  for (Index m = 0; m < batch; ++m)
    for (Index i = 0; i < M; ++i)
      for (Index j = 0; j < N; ++j) {
        Index const at = c.at.data - c.memory.data() + m * c.at.batch_stride + i * c.at.row_stride + j * c.at.col_stride;
        untouched(at) = before(at);
      }
  CHECK(std::memcmp(untouched.data(), before.data(), static_cast<std::size_t>(before.size()) * sizeof(U)) == 0);
}

}  // namespace

TEST_CASE_TEMPLATE_DEFINE("products are right for every size, batch and way of lying in memory", Target, products) {
  using T = typename Target::Type;
  typename Target::Backend be;
  for (auto [M, K, N] : {std::array<Index, 3>{1, 1, 1}, {1, 7, 1}, {5, 1, 3}, {3, 4, 5}, {17, 33, 65}, {64, 64, 64}, {70, 129, 131}})
    for (Lie const a : {Lie::plain, Lie::transposed, Lie::padded, Lie::transposed_padded})
      for (Lie const b : {Lie::plain, Lie::transposed, Lie::padded, Lie::transposed_padded})
        product<typename Target::Backend, T, T>(be, 1, M, K, N, a, b, Lie::plain, M == 3 || M == 70, false);
  for (auto [M, K, N] : {std::array<Index, 3>{1, 3, 1}, {4, 5, 6}, {33, 16, 47}})
    for (Index const batch : {2, 7})
      for (Lie const a : {Lie::plain, Lie::transposed, Lie::by_token, Lie::broadcast})
        for (Lie const b : {Lie::plain, Lie::transposed, Lie::transposed_padded, Lie::broadcast})
          for (Lie const c : {Lie::plain, Lie::by_token, Lie::padded})
            product<typename Target::Backend, T, T>(be, batch, M, K, N, a, b, c, false, false);
}
TEST_CASE_TEMPLATE_APPLY(products, Targets);

TEST_CASE_TEMPLATE_DEFINE("products are added, scaled, biased, and larger than a tile", Target, extras) {
  using T = typename Target::Type;
  using B = typename Target::Backend;
  B be;
  for (bool const add : {false, true}) {
    for (Lie const c : {Lie::plain, Lie::padded}) {
      product<B, T, T>(be, 1, 13, 21, 34, Lie::plain, Lie::transposed, c, true, add);
      product<B, T, T>(be, 3, 13, 21, 34, Lie::plain, Lie::plain, c, false, add, 0.25f);
      product<B, T, Accum<T>>(be, 1, 19, 300, 23, Lie::transposed, Lie::plain, c, false, add);
      product<B, T, Accum<T>>(be, 4, 19, 30, 23, Lie::plain, Lie::transposed, c, false, add);
      product<B, T, Accum<T>>(be, 3, 8, 30, 23, Lie::by_token, Lie::transposed, Lie::by_token, false, add);
    }
    product<B, T, T>(be, 1, 300, 40, 600, Lie::plain, Lie::transposed, Lie::plain, true, add);
    product<B, T, Accum<T>>(be, 1, 20, 9000, 12, Lie::transposed, Lie::plain, Lie::plain, false, add);
  }
}
TEST_CASE_TEMPLATE_APPLY(extras, Targets);

TEST_CASE_TEMPLATE_DEFINE("a product does not look at c unless it is added to", Target, fresh) {
  using T = typename Target::Type;
  typename Target::Backend be;
  auto const a = random_tensor<T, 2>(1, 9, 20), b = random_tensor<T, 2>(2, 20, 11);
  Tensor<T, 2> c(9, 11);
  for (T& x : c) x = T(std::nanf(""));
  gemm(be, matrix(a.view()), matrix(b.view()), matrix(c.view()));
  for (T const& x : c) REQUIRE(std::isfinite(static_cast<double>(wide(x))));
}
TEST_CASE_TEMPLATE_APPLY(fresh, Targets);

TEST_CASE("products that do not fit are refused with both sizes") {
  Reference be;
  Tensor<float, 2> a(3, 4), b(5, 6), c(3, 6);
  CHECK_THROWS_WITH_AS(gemm(be, matrix(View<const float, 2>(a.view())), matrix(View<const float, 2>(b.view())), matrix(c.view())),
                       "gemm: (1, 3, 4) times (1, 5, 6) does not give (1, 3, 6)", error);
  Tensor<float, 2> d(4, 6);
  Tensor<float, 1> bias(6);
  CHECK_THROWS_WITH_AS(gemm(be, matrix(View<const float, 2>(a.view())), matrix(View<const float, 2>(d.view())), matrix(c.view()),
                            GemmOf<float>{.bias = bias.view(), .alpha = 2}),
                       "gemm: a bias goes with alpha = 1 only", error);
}
