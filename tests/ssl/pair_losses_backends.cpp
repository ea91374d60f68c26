// Losses of two views on every backend in float against the reference in double, at sizes where products are cut and threads share rows.
#include <afire/ssl/barlow_twins.hpp>
#include <afire/ssl/info_nce.hpp>
#include <afire/ssl/negative_cosine.hpp>
#include <afire/ssl/nt_xent.hpp>
#include <afire/ssl/vicreg.hpp>
#include <afire/testing/compare.hpp>
#include <doctest/doctest.h>

#include "tests/support/backends.hpp"
#include "tests/support/memory.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

// The value, then dx and dy.
template <class S, class B, class Loss>
std::vector<double> given(B& be, Loss const& loss, Index N, Index C) {
  auto const a = random_tensor<float, 2>(1, N, C), b = random_tensor<float, 2>(2, N, C);
  Tensor<S, 2> x(N, C), y(N, C), dx(N, C), dy(N, C);
  std::copy(a.begin(), a.end(), x.begin());
  for (Index i = 0; i < y.size(); ++i) y.data()[i] = static_cast<S>(a.data()[i] + b.data()[i]);
  auto const run = planned([&](Arena& arena) { return loss.template plan<S>(arena, N, C); });
  std::vector<double> all{loss(be, x, y, 1, dx.view(), dy.view(), run.saved)};
  all.insert(all.end(), dx.begin(), dx.end()), all.insert(all.end(), dy.begin(), dy.end());
  return all;
}

}  // namespace

TEST_CASE_TEMPLATE_DEFINE("every loss of two views agrees with the reference in double", Target, oracle) {
  using S = typename Target::Type;
  typename Target::Backend be;
  Reference reference;
  auto const same = [&](char const* name, auto const& loss) {
    Index const N = 96, C = 150;
    auto const got = given<S>(be, loss, N, C), want = given<double>(reference, loss, N, C);
    auto const part = [](std::vector<double> const& v, Index first, Index n) { return View<const double, 1>(v.data() + first, n); };
    auto const value = difference(std::string(name) + ": value", part(got, 0, 1), part(want, 0, 1));
    auto const gradient = difference(std::string(name) + ": gradients", part(got, 1, 2 * N * C), part(want, 1, 2 * N * C));
    CHECK_MESSAGE(value.worst <= 1e-5, report(value));
    CHECK_MESSAGE(gradient.worst <= 2e-5, report(gradient));
  };
  same("InfoNce", InfoNce{}), same("NtXent", NtXent{}), same("Dcl", Dcl{}), same("NegativeCosine", byol_cosine);
  same("VicReg", VicReg{}), same("BarlowTwins", BarlowTwins{});
}
TEST_CASE_TEMPLATE_APPLY(oracle, FloatTargets);
