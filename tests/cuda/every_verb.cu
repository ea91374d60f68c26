// needs a GPU to run: every verb on the device in double, float and bf16 against the reference on the CPU, and twice with the same bits.
#include "tests/support/on_device.hpp"

#include <afire/backend/reference.hpp>
#include <afire/testing/compare.hpp>

#include "tests/support/every_verb.hpp"

using namespace afire;
using namespace afire_test;

// Norms of rows that a warp holds (backend/cuda/norm.cuh), and of rows that none does.
template <class T, class B>
std::vector<Given> norms(B& be, Index N, Index C) {
  using S = Accum<T>;
  auto const a = exact_tensor<T, 2>(1, N, C), b = exact_tensor<T, 2>(2, N, C), dy = exact_tensor<T, 2>(3, N, C);
  auto const gain = exact_tensor<S, 1>(4, C), shift = exact_tensor<S, 1>(5, C);
  auto dgain = exact_tensor<S, 1>(6, C), dshift = exact_tensor<S, 1>(7, C);
  Tensor<T, 2> x(N, C), y(N, C), z(N, C), dx(N, C);
  Tensor<S, 2> stats(N, 2), partial(column_chunks, C);
  add_layer_norm(be, a, b, gain, shift, S(1e-6), x.view(), y.view(), stats.view());
  layer_norm(be, a, gain, shift, S(1e-6), z.view(), stats.view());
  layer_norm_backward(be, a, gain, stats, dy, b, dx.view(), dgain.view(), dshift.view(), partial.view());
  return {given("add_layer_norm: x", x.view()), given("add_layer_norm: y", y.view()), given("layer_norm", z.view()),
          given("layer_norm_backward: dx", dx.view()), given("layer_norm_backward: dgain", dgain.view()),
          given("layer_norm_backward: dshift", dshift.view())};
}

void agree(std::vector<Given> const& got, std::vector<Given> const& again, std::vector<Given> const& want, double tolerance) {
  REQUIRE(want.size() == got.size());
  for (std::size_t i = 0; i < want.size(); ++i) {
    auto const flat = [](Given const& g) { return View<const double, 1>(g.values.data(), g.values.size()); };
    auto const d = difference(got[i].verb, flat(got[i]), flat(want[i]));
    CHECK_MESSAGE(d.worst <= tolerance, report(d));
    CHECK_MESSAGE(got[i].values == again[i].values, got[i].verb);
  }
}

TEST_CASE_TEMPLATE("every verb on the GPU agrees with the reference in double, and with itself", T, double, float, bf16) {
  Cuda gpu;
  Reference reference;
  double const tolerance = std::is_same_v<T, double> ? 1e-12 : std::is_same_v<T, float> ? 1e-5 : 1e-2;
  auto const want = every_verb<double>(reference), got = every_verb<T>(gpu), again = every_verb<T>(gpu);
  agree(got, again, want, tolerance);
}

TEST_CASE("norms in bf16 agree with the reference in double, whatever the width of the rows") {
  Cuda gpu;
  Reference reference;
  for (Index const C : {8, 192, 384, 768, 1000, 1024, 1032, 100})
    for (Index const N : {Index{3}, Index{2500}}) {
      CAPTURE(C);
      agree(norms<bf16>(gpu, N, C), norms<bf16>(gpu, N, C), norms<double>(reference, N, C), 1e-2);
    }
}
