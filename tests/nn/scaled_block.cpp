// Layer scale and pooling: gradients against differences, and what they are where they do nothing.
#include <afire/backend/reference.hpp>
#include <afire/nn/pool.hpp>
#include <afire/nn/scaled_block.hpp>
#include <afire/testing/gradcheck.hpp>
#include <doctest/doctest.h>

#include "tests/support/memory.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

void holds(GradReport const& r) { CHECK_MESSAGE(r.worst <= 1e-9, r.text()); }

Reference be{.threads = 1};

}  // namespace

TEST_CASE("gradient of a block with layer scale") {
  Index const batch = 3, tokens = 5, C = 12, N = batch * tokens;
  ScaledBlock<double> block(C, 3, 4, 1e-6, 0.5);
  ParamStore<double> store(be, block, Gradients::yes);
  randomise(be, store, 1);
  auto x = random_tensor<double, 2>(2, N, C);
  auto const dy = random_tensor<double, 2>(3, N, C);
  Tensor<double, 2> y(N, C), dx(N, C), over(N, C);
  auto run = planned([&](Arena& a) { return block.plan(a, batch, tokens); });
  GradCheck check;
  check.input("x", x.view().flat(), dx.view().flat());
  check.parameters(store);
  auto const forward = [&] { return block.forward(be, x, y.view(), run.saved), dot(y.view().flat(), dy.view().flat()); };
  holds(check(forward, [&] { block.backward(be, x, dy, dx.view(), run.saved); }));

  copy(be, dy.view().flat(), over.view().flat());          // dx may lie over dy
  block.backward(be, x, over, over.view(), run.saved);
  CHECK(std::equal(over.begin(), over.end(), dx.begin()));
}

TEST_CASE("a block whose factors are one is a Block, bit by bit") {
  Index const batch = 2, tokens = 4, C = 8, N = batch * tokens;
  ScaledBlock<float> scaled(C, 2, 4, 1e-6, 1);
  ParamStore<float> store(be, scaled, Gradients::no);
  initialise(be, store, 3);
  auto const x = random_tensor<float, 2>(2, N, C);
  Tensor<float, 2> with(N, C), without(N, C);
  auto a = planned([&](Arena& arena) { return scaled.plan(arena, batch, tokens); });
  auto b = planned([&](Arena& arena) { return scaled.block.plan(arena, batch, tokens); });
  scaled.forward(be, x, with.view(), a.saved);
  scaled.block.forward(be, x, without.view(), b.saved);
  CHECK(std::equal(with.begin(), with.end(), without.begin()));
}

TEST_CASE("gradient of pooling: the class token, the patches behind four others") {
  for (Pool const pool : {Pool{0, 1}, Pool{5, 4}}) {
    auto x = random_tensor<double, 3>(2, 3, 9, 7), dx = random_tensor<double, 3>(4, 3, 9, 7);
    auto const dy = random_tensor<double, 2>(3, 3, 7);
    Tensor<double, 2> y(3, 7);
    GradCheck check;
    check.input("tokens", x.view().flat(), dx.view().flat());
    auto const forward = [&] { return pool.forward(be, x.view(), y.view()), dot(y.view().flat(), dy.view().flat()); };
    holds(check(forward, [&] { pool.backward(be, dy, dx.view()); }));
  }
  Tensor<double, 3> x(1, 3, 2);
  Tensor<double, 2> y(1, 2);
  CHECK_THROWS_WITH((Pool{1, 3}.forward(be, x.view(), y.view())), "pooling: tokens 1 ... 3 of 3");
}
