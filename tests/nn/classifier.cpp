// Layer scale and drop path: gradients, and that a block without them is the same block bit by bit.
#include <afire/nn/classifier.hpp>
#include <afire/testing/gradcheck.hpp>
#include <doctest/doctest.h>

#include <afire/backend/reference.hpp>

#include "tests/support/memory.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

void holds(GradReport const& r) { CHECK_MESSAGE(r.worst <= 1e-9, r.text()); }

Reference be{.threads = 1};

}  // namespace

TEST_CASE("gradient of a block with layer scale, with drop path, with both") {
  Index const batch = 3, tokens = 5, C = 12, N = batch * tokens;
  Tensor<double, 1> keep1(batch), keep2(batch);
  keep1(0) = 2, keep1(2) = 0.5, keep2(1) = 3, keep2(2) = 1;
  for (bool const scale : {true, false})
    for (bool const drop : {true, false}) {
      Block<double> block(C, 3, 4, 1e-6, scale ? 0.5 : 0);
      ParamStore<double> store(be, block, Gradients::yes);
      randomise(be, store, 1);
      CHECK((store.find("ls2.gamma") != nullptr) == scale);
      auto x = random_tensor<double, 2>(2, N, C);
      auto const dy = random_tensor<double, 2>(3, N, C);
      Tensor<double, 2> y(N, C), dx(N, C), over(N, C);
      auto run = planned([&](Arena& a) { return block.plan(a, batch, tokens); });
      if (drop) run.saved.keep1 = keep1.view(), run.saved.keep2 = keep2.view();
      GradCheck check;
      check.input("x", x.view().flat(), dx.view().flat());
      check.parameters(store);
      auto const forward = [&] { return block.forward(be, x, y.view(), run.saved), dot(y.view().flat(), dy.view().flat()); };
      holds(check(forward, [&] { block.backward(be, x, dy, dx.view(), run.saved); }));

      copy(be, dy.view().flat(), over.view().flat());      // dx may lie over dy
      block.backward(be, x, over, over.view(), run.saved);
      CHECK(std::equal(over.begin(), over.end(), dx.begin()));
    }
}

TEST_CASE("a block whose factors are one is a Block without, bit by bit") {
  Index const batch = 2, tokens = 4, C = 8, N = batch * tokens;
  Block<float> with(C, 2, 4, 1e-6, 1), without(C, 2, 4, 1e-6);
  ParamStore<float> a(be, with, Gradients::no), b(be, without, Gradients::no);
  initialise(be, a, 3);
  for (auto& [name, param, offset] : b) copy(be, View<const float, 1>(a.find(name)->value), param.value);
  auto const x = random_tensor<float, 2>(2, N, C);
  Tensor<float, 2> y(N, C), z(N, C);
  Tensor<float, 1> ones(batch);
  ones(0) = ones(1) = 1;
  auto p = planned([&](Arena& arena) { return with.plan(arena, batch, tokens); });
  auto q = planned([&](Arena& arena) { return without.plan(arena, batch, tokens); });
  CHECK(q.arena.kept_bytes() + 2 * 4 * N * C == p.arena.kept_bytes());               // two branches more are kept
  p.saved.keep1 = p.saved.keep2 = ones.view();
  with.forward(be, x, y.view(), p.saved);
  without.forward(be, x, z.view(), q.saved);
  CHECK(std::equal(y.begin(), y.end(), z.begin()));
}

TEST_CASE("drop path: the rate grows with the depth, the mean stays, the same numbers for any threads") {
  Index const depth = 5, films = 20000;
  double const rate = 0.4;
  Tensor<double, 2> keep(2 * depth, films), again(2 * depth, films);
  PathDraw const draw{.seed = 7, .step = 3};
  draw_paths(be, rate, draw, keep.view());
  Reference two{.threads = 2};
  draw_paths(two, rate, draw, again.view());
  CHECK(std::equal(keep.begin(), keep.end(), again.begin()));
  for (Index branch = 0; branch < 2 * depth; ++branch) {
    double const p = rate * static_cast<double>(branch / 2) / (depth - 1);
    double sum = 0, dropped = 0;
    for (double const k : keep.view().row(branch)) {
      CHECK((k == 0 || k == doctest::Approx(1 / (1 - p))));
      sum += k, dropped += k == 0;
    }
    CHECK(dropped / films == doctest::Approx(p).epsilon(0.05));
    CHECK(sum / films == doctest::Approx(1).epsilon(0.03));
  }
  CHECK(!std::equal(keep.view().row(8).begin(), keep.view().row(8).end(), keep.view().row(9).begin()));

  Tensor<double, 2> some(2 * depth, 6), views(2 * depth, 20);          // films 4 ... 9; two views of films 0 ... 9
  draw_paths(be, rate, PathDraw{.seed = 7, .step = 3, .first = 4}, some.view());
  draw_paths(be, rate, PathDraw{.seed = 7, .step = 3, .views = 2}, views.view());
  for (Index branch = 0; branch < 2 * depth; ++branch) {
    for (Index b = 0; b < 6; ++b) CHECK(some(branch, b) == keep(branch, 4 + b));
    for (Index b = 0; b < 10; ++b) CHECK(views(branch, b) == keep(branch, b));
  }
  CHECK(!std::equal(&views(8, 0), &views(8, 10), &views(8, 10)));      // views of a film are drawn apart
  draw_paths(be, rate, PathDraw{.seed = 7, .step = 4}, again.view());
  CHECK(!std::equal(keep.begin(), keep.end(), again.begin()));
  CHECK_THROWS_WITH(draw_paths(be, 1, draw, keep.view()), "drop path: a rate of 1; it lies in 0 ... 1, 1 excluded");
}

TEST_CASE("gradient of classifiers: registers, layer scale, learned positions, drop path; class token and mean") {
  for (Pooling const pooling : {Pooling::class_token, Pooling::mean})
    for (bool const front : {true, false}) {
      Index const batch = 2;
      ViTConfig const vit{.image = 12, .patch = 4, .channels = 1, .width = 12, .depth = 3, .heads = 3, .registers = 2, .layer_scale = 0.3,
                          .learned_positions = true, .front_positions = front, .qkv_bias = front, .drop_path = 0.5};
      Classifier<double> model({vit, 4, pooling});
      ParamStore<double> store(be, model, Gradients::yes);
      randomise(be, store, 1, 0.2);
      auto film = random_tensor<double, 4>(2, batch, Index{1}, Index{12}, Index{12});
      Tensor<double, 4> d_film(batch, 1, 12, 12);
      auto const dy = random_tensor<double, 2>(3, batch, 4);
      auto run = planned([&](Arena& a) { return model.plan(a, batch); });
      auto& s = run.saved;
      model.encoder.drop_paths(be, {.seed = 5}, s.encoder);
      double most = 0;
      for (double const k : s.encoder.keep.flat()) most = std::max(most, k);
      CHECK(most == 2);
      GradCheck check;
      check.elements = 2;
      check.input("film", film.view().flat(), d_film.view().flat());
      check.parameters(store);
      auto const forward = [&] {
        return model.forward(be, ImagePixels<double>{film.view()}, s), dot(s.logits.flat(), dy.view().flat());
      };
      holds(check(forward, [&] {
        copy(be, dy.view().flat(), s.d_logits.flat());
        model.backward(be, s);
        model.encoder.embed.backward_to_pixels(be, s.encoder.d_x, d_film.view(), s.encoder.embed);
      }));
      double const dropped = forward();
      model.encoder.keep_paths(s.encoder);
      CHECK(forward() != dropped);
    }
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
