// Every module's backward pass against differences of its forward, in double: dx is written, parameter gradients are added to.
#include <afire/nn/decoder.hpp>
#include <afire/nn/head.hpp>
#include <afire/testing/gradcheck.hpp>
#include <doctest/doctest.h>

#include <array>

#include <afire/backend/reference.hpp>

#include "tests/support/memory.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

void holds(GradReport const& r, double allowed = 1e-9) { CHECK_MESSAGE(r.worst <= allowed, r.text()); }

Reference be{.threads = 1};

}  // namespace

TEST_CASE("gradient of a linear map") {
  Linear<double> fc(7, 5);
  ParamStore<double> store(be, fc, Gradients::yes);
  randomise(be, store, 1);
  auto x = random_tensor<double, 2>(2, 6, 7), dy = random_tensor<double, 2>(3, 6, 5);
  Tensor<double, 2> y(6, 5), dx(6, 7), partial(column_chunks, 5);
  GradCheck check;
  check.input("x", x.view().flat(), dx.view().flat());
  check.parameters(store);
  auto const forward = [&] { return fc.forward(be, x, y.view()), dot(y.view().flat(), dy.view().flat()); };
  holds(check(forward, [&] { fc.backward(be, x, dy, dx.view(), partial); }));

  // dx may lie over x, and may be left out.
  Tensor<double, 2> over(6, 7);
  copy(be, x.view().flat(), over.view().flat());
  auto const again = [&](View<double, 2> where, View<double, 2> input) {
    fill(be, store.gradients(), 0);
    fc.backward(be, input, dy, where, partial);
    return std::vector<double>(store.gradients().begin(), store.gradients().end());
  };
  auto const apart = again(dx, x);
  CHECK(again(over, over) == apart);
  CHECK(std::equal(over.begin(), over.end(), dx.begin()));
  CHECK(again({}, x) == apart);
}

TEST_CASE("gradient of a layer norm, with and without an addend") {
  LayerNorm<double> norm(9, 1e-6);
  ParamStore<double> store(be, norm, Gradients::yes);
  randomise(be, store, 1);
  auto x = random_tensor<double, 2>(2, 70, 9);
  auto const dy = random_tensor<double, 2>(3, 70, 9), around = random_tensor<double, 2>(4, 70, 9);
  Tensor<double, 2> y(70, 9), dx(70, 9), stats(70, 2), partial(column_chunks, 9);
  GradCheck check;
  check.input("x", x.view().flat(), dx.view().flat());
  check.parameters(store);
  auto const through = [&] { return norm.forward(be, x, y.view(), stats.view()), dot(y.view().flat(), dy.view().flat()); };
  holds(check(through, [&] { norm.backward(be, x, stats, dy, {}, dx.view(), partial); }));
  auto const both = [&] { return through() + dot(x.view().flat(), around.view().flat()); };
  holds(check(both, [&] { norm.backward(be, x, stats, dy, around, dx.view(), partial); }));

  // dx may lie over dy or over the addend.
  for (bool const over_dy : {true, false}) {
    Tensor<double, 2> a(70, 9), b(70, 9);
    copy(be, dy.view().flat(), a.view().flat());
    copy(be, around.view().flat(), b.view().flat());
    norm.backward(be, x, stats, dy, around, dx.view(), partial);
    norm.backward(be, x, stats, a, b, over_dy ? a.view() : b.view(), partial);
    CHECK(std::equal(dx.begin(), dx.end(), (over_dy ? a : b).begin()));
  }
}

TEST_CASE("gradient of attention") {
  for (auto const& sizes : {std::array<Index, 3>{2, 5, 3}, {1, 1, 1}, {15, 2, 1}, {5, 3, 4}}) {
    Index const batch = sizes[0], tokens = sizes[1], heads = sizes[2], C = 4 * heads, N = batch * tokens;
    Attention<double> attn(C, heads);
    ParamStore<double> store(be, attn, Gradients::yes);
    randomise(be, store, 1);
    auto x = random_tensor<double, 2>(2, N, C);
    auto const dy = random_tensor<double, 2>(3, N, C);
    Tensor<double, 2> y(N, C), dx(N, C);
    auto run = planned([&](Arena& a) { return attn.plan(a, batch, tokens); });
    GradCheck check;
    check.input("x", x.view().flat(), dx.view().flat());
    check.parameters(store);
    holds(check([&] { return attn.forward(be, x, y.view(), run.saved), dot(y.view().flat(), dy.view().flat()); },
                [&] { attn.backward(be, x, dy, dx.view(), run.saved); }));
  }
}

TEST_CASE("gradient of a block") {
  Index const batch = 3, tokens = 5, C = 12, N = batch * tokens;
  Block<double> block(C, 3, 4, 1e-6);
  ParamStore<double> store(be, block, Gradients::yes);
  randomise(be, store, 1);
  auto x = random_tensor<double, 2>(2, N, C);
  auto const dy = random_tensor<double, 2>(3, N, C);
  Tensor<double, 2> y(N, C), dx(N, C);
  auto run = planned([&](Arena& a) { return block.plan(a, batch, tokens); });
  GradCheck check;
  check.input("x", x.view().flat(), dx.view().flat());
  check.parameters(store);
  auto const forward = [&] { return block.forward(be, x, y.view(), run.saved), dot(y.view().flat(), dy.view().flat()); };
  holds(check(forward, [&] { block.backward(be, x, dy, dx.view(), run.saved); }));

  Tensor<double, 2> over(N, C);                          // dx may lie over dy
  copy(be, dy.view().flat(), over.view().flat());
  fill(be, store.gradients(), 0);
  forward();
  block.backward(be, x, dy, dx.view(), run.saved);
  std::vector<double> const apart(store.gradients().begin(), store.gradients().end());
  fill(be, store.gradients(), 0);
  block.backward(be, x, over, over.view(), run.saved);
  CHECK(std::equal(over.begin(), over.end(), dx.begin()));
  CHECK(std::equal(apart.begin(), apart.end(), store.gradients().begin()));
}

TEST_CASE("gradient of the patch embedding") {
  for (Index const channels : {1, 3}) {
    Index const batch = 2, image = 12, patch = 4, C = 8;
    PatchEmbed<double> embed(image, patch, channels, C);
    ParamStore<double> store(be, embed, Gradients::yes);
    randomise(be, store, 1);
    auto const film = random_tensor<double, 4>(2, batch, channels, image, image);
    auto const dy = random_tensor<double, 3>(3, batch, 1 + embed.tokens(), C);
    Tensor<double, 3> y(batch, 1 + embed.tokens(), C);
    auto run = planned([&](Arena& a) { return embed.plan(a, batch); });
    GradCheck check;
    check.parameters(store);
    ImagePixels<double> const pixels{film.view()};
    holds(check([&] { return embed.forward(be, pixels, y.view(), run.saved), dot(y.view().flat(), dy.view().flat()); },
                [&] { embed.backward(be, dy, run.saved); }));
  }
}

TEST_CASE("a film that is seen coarser is the film of its means; gradients of the embedding and at every pixel") {
  for (Index const channels : {1, 3}) {
    Index const batch = 2, patch = 4, C = 8;
    TokenLayout const layout{.rows = 2, .cols = 3, .coarser = 2};
    PatchEmbed<double> embed(layout, patch, channels, C), plain({.rows = 2, .cols = 3}, patch, channels, C);
    ParamStore<double> store(be, embed, Gradients::yes), same(be, plain, Gradients::no);
    randomise(be, store, 1), randomise(be, same, 1);
    auto film = random_tensor<double, 4>(2, batch, channels, 16, 24);
    auto const dy = random_tensor<double, 3>(3, batch, 1 + embed.tokens(), C);
    Tensor<double, 4> means(batch, channels, 8, 12), d_film(batch, channels, 16, 24);
    for (Index i = 0; i < film.size(); ++i)
      means(i / (16 * 24 * channels), i / (16 * 24) % channels, i / 24 % 16 / 2, i % 24 / 2) += film.data()[i] / 4;
    Tensor<double, 3> y(batch, 1 + embed.tokens(), C), want(batch, 1 + embed.tokens(), C);
    auto run = planned([&](Arena& a) { return embed.plan(a, batch); });
    auto whole = planned([&](Arena& a) { return plain.plan(a, batch); });
    ImagePixels<double> const pixels{film.view()};
    embed.forward(be, pixels, y.view(), run.saved);
    plain.forward(be, ImagePixels<double>{means.view()}, want.view(), whole.saved);
    for (Index i = 0; i < y.size(); ++i) CHECK(y.data()[i] == doctest::Approx(want.data()[i]).epsilon(1e-12));
    GradCheck check;
    check.input("film", film.view().flat(), d_film.view().flat());
    check.parameters(store);
    holds(check([&] { return embed.forward(be, pixels, y.view(), run.saved), dot(y.view().flat(), dy.view().flat()); },
                [&] { embed.backward(be, dy, run.saved), embed.backward_to_pixels(be, dy, d_film.view(), run.saved); }));
  }
}

TEST_CASE("gradient of a vision transformer") {
  Index const batch = 2;
  ViT<double> vit({.image = 12, .patch = 4, .channels = 1, .width = 12, .depth = 3, .heads = 3});
  ParamStore<double> store(be, vit, Gradients::yes);
  randomise(be, store, 1, 0.2);
  auto const film = random_tensor<double, 4>(2, batch, Index{1}, Index{12}, Index{12});
  auto const dy = random_tensor<double, 3>(3, batch, 10, 12);
  auto run = planned([&](Arena& a) { return vit.plan(a, batch); });
  GradCheck check;
  check.elements = 2;
  check.parameters(store);
  ImagePixels<double> const pixels{film.view()};
  holds(check([&] { return vit.forward(be, pixels, run.saved), dot(run.saved.tokens.flat(), dy.view().flat()); },
              [&] { vit.backward(be, dy, run.saved); }));
}

TEST_CASE_TEMPLATE("gradient of the projection head", Config, PerPositionHead, SharedHead) {
  for (bool const train_gain : {false, true}) {
    Index const batch = 3, tokens = 4, C = 6, N = batch * tokens;
    ProjectionHead<double> head(Config{.hidden = 10, .out = 5, .prototypes = 7, .train_gain = train_gain}, C, tokens);
    ParamStore<double> store(be, head, Gradients::yes);
    randomise(be, store, 1);
    if (!train_gain) randomise(store.find("last_layers.*.weight_g")->value, 9);          // not 1: dv must be right all the same
    auto x = random_tensor<double, 2>(2, N, C);
    auto const dy = random_tensor<double, 3>(3, batch, tokens, 7);
    Tensor<double, 2> dx(N, C);
    auto run = planned([&](Arena& a) { return head.plan(a, batch, tokens); });
    GradCheck check;
    check.input("x", x.view().flat(), dx.view().flat());
    check.parameters(store);
    holds(check([&] { return head.forward(be, x, run.saved), dot(run.saved.scores.flat(), dy.view().flat()); },
                [&] { head.backward(be, x, dy, dx.view(), run.saved); }));
  }
}

TEST_CASE("gradient of the decoder, without and with register tokens") {
  for (Index const registers : {0, 2}) {
    Index const batch = 3, front = 1 + registers, N = front + 4;
    ViTConfig const encoder{.image = 8, .patch = 4, .channels = 3, .width = 6, .registers = registers};
    Decoder<double> decoder({.width = 8, .depth = 2, .heads = 2}, encoder);
    ParamStore<double> store(be, decoder, Gradients::yes);
    randomise(be, store, 1, 0.2);
    auto z = random_tensor<double, 3>(2, batch, N, 6);
    auto const dy = random_tensor<double, 3>(3, batch, N, 48);
    Tensor<double, 3> dz(batch, N, 6);
    Tensor<unsigned char, 2> lesion(batch, 4);
    for (Index i : {1, 4, 5, 7, 8, 9}) lesion.data()[i] = 1;         // positions changed in none, one and several films
    auto run = planned([&](Arena& a) { return decoder.plan(a, batch); });
    GradCheck check;
    check.input("z", z.view().flat(), dz.view().flat());
    check.parameters(store);
    holds(check([&] { return decoder.forward(be, z, lesion.view(), run.saved), dot(run.saved.patches.flat(), dy.view().flat()); },
                [&] { decoder.backward(be, z, lesion.view(), dy, dz.view(), run.saved); }));
    for (Index b = 0; b < batch; ++b)                                 // lesion tokens give their place to mask tokens
      for (Index j = 0; j < N; ++j)
        for (Index c = 0; c < 6; ++c) CHECK((dz(b, j, c) == 0) == (j >= front && lesion(b, j - front) == 1));
  }
}

TEST_CASE("gradcheck finds a wrong gradient, an unwritten one and one that is not added to") {
  Tensor<double, 1> x(3), dx(3), w(3), dw(3);
  x(0) = 1, x(1) = 2, x(2) = 3, w(0) = w(1) = w(2) = 0.5;
  GradCheck check;
  check.input("x", x.view(), dx.view());
  check.parameter("w", w.view(), dw.view());
  auto const forward = [&] { return x(0) * x(0) * w(0) + x(1) * w(1) + x(2) * w(2); };
  auto const right = [&] {
    dx(0) = 2 * x(0) * w(0), dx(1) = w(1), dx(2) = w(2);
    dw(0) += x(0) * x(0), dw(1) += x(1), dw(2) += x(2);
  };
  CHECK(check(forward, right).worst < 1e-10);
  auto const wrong = check(forward, [&] { right(), dx(1) *= 1.001; });
  CHECK(wrong.worst == doctest::Approx(0.0005).epsilon(0.01));
  CHECK(wrong.name == "x");
  CHECK(wrong.at == 1);
  CHECK_THROWS_WITH_AS(check(forward, [&] { dx(0) = 1, dx(1) = w(1); }),
                       "gradcheck: the gradient of x is not finite at 2; is every element of it written?", error);
  auto const written = check(forward, [&] { right(), dw(2) = x(2); });
  CHECK(written.name == "w");
  CHECK(written.worst > 0.01);
}
