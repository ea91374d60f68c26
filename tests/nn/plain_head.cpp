// The plain head: gradient, each position by its own map, and every backend against double.
#include <afire/nn/plain_head.hpp>
#include <afire/testing/compare.hpp>
#include <afire/testing/gradcheck.hpp>
#include <doctest/doctest.h>

#include "tests/support/backends.hpp"
#include "tests/support/memory.hpp"
#include "tests/support/message.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

PlainPositionHead const config{.mlp = {.layers = 2, .hidden = 6, .out = 5, .norm = HiddenNorm::none, .activation = Activation::gelu},
                               .prototypes = 7};

}  // namespace

TEST_CASE("gradient of a plain head") {
  Reference be{.threads = 1};
  PlainHead<double> head(config, 4, 3);
  ParamStore<double> store(be, head, Gradients::yes);
  randomise(be, store, 1);
  auto x = random_tensor<double, 2>(2, 6, 4);
  auto const d_scores = random_tensor<double, 3>(3, 2, 3, 7);
  Tensor<double, 2> dx(6, 4);
  auto run = planned([&](Arena& a) { return head.plan(a, 2, 3); });
  GradCheck check;
  check.input("x", x.view().flat(), dx.view().flat());
  check.parameters(store);
  auto const forward = [&] { return head.forward(be, x, run.saved), dot(run.saved.scores.flat(), d_scores.view().flat()); };
  auto const r = check(forward, [&] { head.backward(be, x, d_scores, dx.view(), run.saved); });
  CHECK_MESSAGE(r.worst < 1e-8, r.text());
  CHECK(message([&] {
          Arena counting;
          head.plan(counting, 2, 4);
        }) == "plain head: 4 tokens, the head has a map for each of 3 positions");
}

TEST_CASE_TEMPLATE_DEFINE("scores are the products with the position's own map", Target, products) {
  using T = typename Target::Type;
  typename Target::Backend be;
  PlainHead<T> head(config, 4, 3);
  ParamStore<T> store(be, head, Gradients::no);
  initialise(be, store, 2);
  auto const x = random_tensor<T, 2>(3, 6, 4);
  auto run = planned([&](Arena& a) {
    auto const forget = a.forget();
    return head.plan(a, 2, 3);
  });
  head.forward(be, x, run.saved);
  Tensor<double, 3> want(2, 3, 7);
  for (Index b = 0; b < 2; ++b)
    for (Index j = 0; j < 3; ++j)
      for (Index k = 0; k < 7; ++k)
        for (Index c = 0; c < 5; ++c)
          want(b, j, k) += static_cast<double>(wide(run.saved.z(b, j, c))) * static_cast<double>(wide(head.v.work((j * 7 + k) * 5 + c)));
  auto const d = difference("scores", run.saved.scores.flat(), want.view().flat());
  CHECK_MESSAGE(d.worst <= tolerance<T>, report(d));
}
TEST_CASE_TEMPLATE_APPLY(products, Targets);
