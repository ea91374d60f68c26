// Row loops: every instruction set gives what plain code gives, teams cut the work whole, and a user's tag replaces one verb only.
#include <afire/op/layer_norm.hpp>
#include <afire/op/sinkhorn.hpp>
#include <afire/testing/compare.hpp>
#include <doctest/doctest.h>

#include <atomic>

#include "tests/support/backends.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

// Sums, maxima, exp, sqrt and rounding in one row.
template <class T>
struct Everything {
  View<const T, 2> x;
  View<T, 2> y;
  View<Accum<T>, 1> sums;
  template <class Lane>
  void operator()(Lane lane, Index n) const {
    using S = Accum<T>;
    S const top = lane.max_over(x.cols(), [&](Index c) { return wide(x(n, c)); });
    S const sum = lane.sum_over(x.cols(), [&](Index c) { return math::exp(wide(x(n, c)) - top); });
    lane.each(x.cols(), [&](Index c) { y(n, c) = T(math::gelu(wide(x(n, c))) / math::sqrt(sum)); });
    lane.once([&] { sums(n) = sum; });
  }
};

template <class T>
void same_for_all_sets(double allowed) {
  for (Index const C : {1, 15, 16, 17, 100}) {
    auto const x = random_tensor<T, 2>(1, 9, C);
    struct Result {
      Tensor<T, 2> y;
      Tensor<Accum<T>, 1> sums;
    };
    auto const run = [&](auto rows) {
      Result r{Tensor<T, 2>(9, C), Tensor<Accum<T>, 1>(9)};
      rows(Everything<T>{x, r.y, r.sums}, Index{0}, Index{9});
      return r;
    };
    auto const want = run([](auto const& f, Index first, Index last) { plain_rows(f, first, last); });
    auto const check = [&](char const* name, Result const& got) {
      auto const y = difference(name, got.y.view().flat(), want.y.view().flat());
      auto const sums = difference(name, got.sums.view(), want.sums.view());
      CHECK_MESSAGE(y.worst <= (std::is_same_v<T, bf16> ? 1.0 / 128 : allowed), report(y));
      CHECK_MESSAGE(sums.worst <= allowed, report(sums));
    };
    check("widest", run([](auto const& f, Index first, Index last) { widest_rows(f, first, last); }));
#if defined(__x86_64__)
    if (instruction_set() != InstructionSet::plain)
      check("AVX2", run([](auto const& f, Index first, Index last) { avx2_rows(f, first, last); }));
    if (instruction_set() == InstructionSet::avx512)
      check("AVX-512", run([](auto const& f, Index first, Index last) { avx512_rows(f, first, last); }));
#endif
  }
}

struct my_tag : reference_tag {};
struct Mine {
  using tag = my_tag;
  int threads = 1;
  int norms = 0;
};

// The one verb that Mine does in its own way.
template <class B, class T>
void layer_norm(my_tag, B& be, View<const T, 2> x, View<const Accum<T>, 1> gain, View<const Accum<T>, 1> shift, Accum<T> eps, View<T, 2> y,
                View<Accum<T>, 2> stats) {
  ++be.norms;
  afire::layer_norm(reference_tag{}, be, x, gain, shift, eps, y, stats);
}

}  // namespace

TEST_CASE("AVX2, AVX-512 and plain rows agree but for fused roundings") {
  same_for_all_sets<float>(4e-7);
  same_for_all_sets<double>(1e-15);
  same_for_all_sets<bf16>(4e-7);
}

TEST_CASE("a team covers every part once, whatever its size") {
  for (int const threads : {1, 2, 3, 7})
    for (Index const n : {0, 1, 2, 3, 10, 1000}) {
      std::vector<std::atomic<int>> visits(static_cast<std::size_t>(n));
      parallel(threads, n, [&](Index first, Index last) {
        for (Index i = first; i < last; ++i) ++visits[static_cast<std::size_t>(i)];
      });
      for (auto const& v : visits) CHECK(v == 1);
    }
}

TEST_CASE("an exception leaves a team as it was thrown") {
  for (int const threads : {1, 2, 3})
    CHECK_THROWS_WITH_AS(parallel(threads, 10, [](Index first, Index) { expects(first != 0, "row 0 is bad"); }), "row 0 is bad", error);
}

TEST_CASE("a limit on teams ends with its scope") {
  int const before = team_size(0);
  {
    ThreadLimit const one(1);
    CHECK(team_size(0) == 1);
    CHECK(team_size(3) == (have_openmp ? 3 : 1));
  }
  CHECK(team_size(0) == before);
}

TEST_CASE_TEMPLATE_DEFINE("elements, sums and copies are what they say", Target, elements) {
  using T = typename Target::Type;
  typename Target::Backend be;
  for (Index const n : {0, 1, 15, 1024, 1025, 5000}) {
    Tensor<T, 1> x(n), y(n);
    fill(be, x.view(), T(3.0f));
    copy(be, x.view(), y.view());
    for (T const& v : y) REQUIRE(wide(v) == 3);
    CHECK(reduce(be, n, [](Index i) { return static_cast<double>(i); }) == static_cast<double>(n * (n - 1) / 2));
  }
  std::vector<float> host = {1, 2, 3};
  auto const memory = allocate<float>(be, 3);
  for (float v : memory.view()) CHECK(v == 0);
  upload(be, host.data(), memory.view());
  host = {0, 0, 0};
  download(be, memory.view(), host.data());
  CHECK(host == std::vector<float>{1, 2, 3});
}
TEST_CASE_TEMPLATE_APPLY(elements, Targets);

TEST_CASE("a user's tag replaces one verb and inherits the rest") {
  Mine mine;
  Reference reference{.threads = 1};
  auto const x = random_tensor<float, 2>(1, 5, 8);
  auto const gain = random_tensor<float, 1>(2, 8), shift = random_tensor<float, 1>(3, 8);
  Tensor<float, 2> y(5, 8), want(5, 8), stats(5, 2), product(5, 5);
  layer_norm(mine, x, gain, shift, 1e-6f, y.view(), stats.view());
  CHECK(mine.norms == 1);
  layer_norm(reference, x, gain, shift, 1e-6f, want.view(), stats.view());
  CHECK(std::equal(y.begin(), y.end(), want.begin()));
  gemm(mine, matrix(x.view()), transposed(matrix(x.view())), matrix(product.view()));
  CHECK(static_cast<double>(product(0, 1)) == doctest::Approx(dot(x.view().row(0), x.view().row(1))));
}
