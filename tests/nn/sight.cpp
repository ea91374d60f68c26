// Films of which the encoder does not see every patch: gradients through mask tokens and kept patches, and what each of them leaves alone.
#include <afire/nn/vit.hpp>
#include <afire/testing/gradcheck.hpp>
#include <doctest/doctest.h>

#include <afire/backend/reference.hpp>

#include "tests/support/memory.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

constexpr ViTConfig config{.image = 12, .patch = 4, .channels = 1, .width = 12, .depth = 2, .heads = 3};
constexpr Index batch = 2, L = 9, kept_patches = 4, C = 12;
Reference be{.threads = 1};

// A vision transformer on two films, of each of which five patches are taken away.
struct Bench {
  ViT<double> vit{config};
  ParamStore<double> store{be, vit, Gradients::yes};
  Tensor<double, 4> film = random_tensor<double, 4>(2, batch, Index{1}, Index{12}, Index{12});
  Tensor<unsigned char, 2> map{batch, L};
  Tensor<double, 1> token = random_tensor<double, 1>(4, C), d_token{C};
  Tensor<double, 2> partial{column_chunks, C};
  Tensor<int, 2> seat{batch, kept_patches}, slot{batch, L};

  Bench() {
    randomise(be, store, 1, 0.2);
    for (Index b = 0; b < batch; ++b)
      for (Index j : {Index{0}, Index{2}, Index{3}, 5 + b, Index{8}}) map(b, j) = 1;
    kept().list(be, map.view());
  }
  ImagePixels<double> pixels() const { return {film.view()}; }
  MaskTokens<double> masked() { return {map.view(), token.view(), d_token.view(), partial.view()}; }
  KeptPatches<double> kept() { return {seat.view(), slot.view()}; }
};

// Spoils the pixels of the patches of the map, and only those.
void spoil(Bench& b) {
  for (Index n = 0; n < batch; ++n)
    for (Index y = 0; y < 12; ++y)
      for (Index x = 0; x < 12; ++x)
        if (b.map(n, y / 4 * 3 + x / 4)) b.film(n, 0, y, x) += 3;
}

template <class Sight>
void check_gradient(Bench& b, Sight const& sight, Index tokens) {
  auto const dy = random_tensor<double, 3>(3, batch, tokens, C);
  auto run = planned([&](Arena& a) { return b.vit.plan(a, batch, tokens - 1); });
  GradCheck check;
  check.elements = 2;
  check.parameters(b.store);
  check.parameter("mask_token", b.token.view(), b.d_token.view());
  auto const r = check([&] { return b.vit.forward(be, b.pixels(), sight, run.saved), dot(run.saved.tokens.flat(), dy.view().flat()); },
                       [&] { b.vit.backward(be, dy, sight, run.saved); });
  CHECK_MESSAGE(r.worst < 1e-8, r.text());
}

template <class Sight>
std::vector<double> tokens_of(Bench& b, Sight const& sight, Index patches) {
  auto run = planned([&](Arena& a) { return b.vit.plan(a, batch, patches); });
  b.vit.forward(be, b.pixels(), sight, run.saved);
  auto const all = run.saved.tokens.flat();
  return {all.begin(), all.end()};
}

}  // namespace

TEST_CASE("gradient through mask tokens and through kept patches") {
  Bench b;
  check_gradient(b, b.masked(), 1 + L);
  b.d_token = Tensor<double, 1>(C);
  check_gradient(b, b.kept(), 1 + kept_patches);
}

TEST_CASE("a patch that is masked or left out is not looked at") {
  Bench b;
  auto const masked = tokens_of(b, b.masked(), L), kept = tokens_of(b, b.kept(), kept_patches);
  spoil(b);
  CHECK(tokens_of(b, b.masked(), L) == masked);
  CHECK(tokens_of(b, b.kept(), kept_patches) == kept);
}

TEST_CASE("nothing masked and everything kept is the plain encoder") {
  Bench b;
  for (unsigned char& m : b.map) m = 0;
  Tensor<int, 2> seat(batch, L), slot(batch, L);
  KeptPatches<double> const all{seat.view(), slot.view()};
  all.list(be, b.map.view());
  auto run = planned([&](Arena& a) { return b.vit.plan(a, batch); });
  b.vit.forward(be, b.pixels(), run.saved);
  std::vector<double> const plain(run.saved.tokens.flat().begin(), run.saved.tokens.flat().end());
  CHECK(tokens_of(b, b.masked(), L) == plain);
  Tensor<double, 3> whole = random_tensor<double, 3>(5, batch, 1 + L, C), back(batch, 1 + L, C);
  all.gather(be, whole.view(), back.view());
  CHECK(std::equal(whole.begin(), whole.end(), back.begin()));
}

TEST_CASE("kept patches are the free places in their order; scattering puts them back and zeros elsewhere") {
  Bench b;
  CHECK(std::vector<int>(b.seat.begin(), b.seat.end()) == std::vector<int>{1, 4, 6, 7, 1, 4, 5, 7});
  auto const whole = random_tensor<double, 3>(5, batch, 1 + L, C);
  Tensor<double, 3> x(batch, 1 + kept_patches, C), back(batch, 1 + L, C);
  b.kept().gather(be, whole.view(), x.view());
  b.kept().scatter(be, x.view(), back.view());
  for (Index n = 0; n < batch; ++n)
    for (Index j = 0; j < 1 + L; ++j)
      for (Index c = 0; c < C; ++c) CHECK(back(n, j, c) == (j > 0 && b.map(n, j - 1) ? 0 : whole(n, j, c)));
}
