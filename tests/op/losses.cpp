// Activations, softmax, the gated MLP, losses of labels and masks, pixel shuffling: gradients by differences, and what each must obey.
#include <afire/nn/swiglu.hpp>
#include <afire/op/label_loss.hpp>
#include <afire/op/mask_loss.hpp>
#include <afire/op/patchify.hpp>
#include <afire/op/softmax.hpp>
#include <afire/testing/gradcheck.hpp>
#include <doctest/doctest.h>

#include "tests/support/backends.hpp"
#include "tests/support/memory.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

void holds(GradReport const& r) { CHECK_MESSAGE(r.worst <= 1e-9, r.text()); }

Reference be{.threads = 1};

// S = <y(x), dy>: f writes y, g writes dx.
template <class F, class G>
void check(Tensor<double, 2>& x, F f, G g) {
  auto const dy = random_tensor<double, 2>(9, x.extent(0), x.extent(1));
  Tensor<double, 2> y(x.extent(0), x.extent(1)), dx(x.extent(0), x.extent(1));
  GradCheck gradcheck;
  gradcheck.elements = 20;
  gradcheck.input("x", x.view().flat(), dx.view().flat());
  holds(gradcheck([&] { return f(y.view()), dot(y.view().flat(), dy.view().flat()); }, [&] { g(y.view(), dy.view(), dx.view()); }));
}

template <class F>
void check_activation() {
  auto x = random_tensor<double, 2>(1, 3, 20);
  check(x, [&](auto y) { activate<F>(be, x, y); }, [&](auto, auto dy, auto dx) { activate_backward<F>(be, x, dy, dx); });
}

}  // namespace

TEST_CASE("gradient of activations and of softmax and its logarithm") {
  check_activation<Silu>();
  check_activation<GeluTanh>();
  auto x = random_tensor<double, 2>(2, 5, 19);
  check(x, [&](auto y) { softmax(be, x, y); }, [&](auto y, auto dy, auto dx) { softmax_backward(be, y, dy, dx); });
  check(x, [&](auto y) { log_softmax(be, x, y); }, [&](auto y, auto dy, auto dx) { log_softmax_backward(be, y, dy, dx); });
}

TEST_CASE_TEMPLATE_DEFINE("activations and softmax far from zero stay finite and reach their limits", Target, limits) {
  using T = typename Target::Type;
  typename Target::Backend backend;
  Tensor<T, 2> x(1, 4), y(1, 4);
  x(0, 0) = T(-3000.0f), x(0, 1) = T(0.0f), x(0, 2) = T(3000.0f), x(0, 3) = T(-80.0f);
  auto const at = [&](Index c) { return static_cast<double>(wide(y(0, c))); };
  auto const three = static_cast<double>(wide(T(3000.0f)));
  activate<Silu>(backend, x, y.view());
  CHECK(std::fabs(at(0)) < 1e-30);
  CHECK(at(1) == 0);
  CHECK(at(2) == three);
  CHECK(std::fabs(at(3)) < 1e-30);
  activate<GeluTanh>(backend, x, y.view());
  CHECK(std::fabs(at(0)) < 1e-30);
  CHECK(at(1) == 0);
  CHECK(at(2) == three);
  softmax(backend, x, y.view());
  CHECK(at(2) == 1);
  CHECK(std::fabs(at(0)) < 1e-30);
  CHECK(at(1) == 0);
  log_softmax(backend, x, y.view());
  CHECK(at(2) == 0);
  CHECK(at(1) == -three);
}
TEST_CASE_TEMPLATE_APPLY(limits, Targets);

TEST_CASE("gradient of the gated MLP") {
  Index const N = 6;
  SwiGlu<double> mlp(5, 7, 4);
  ParamStore<double> store(be, mlp, Gradients::yes);
  randomise(be, store, 1);
  auto x = random_tensor<double, 2>(2, N, 5), dx = random_tensor<double, 2>(4, N, 5);
  auto const dy = random_tensor<double, 2>(3, N, 4);
  Tensor<double, 2> y(N, 4);
  auto run = planned([&](Arena& a) { return mlp.plan(a, N); });
  GradCheck gradcheck;
  gradcheck.input("x", x.view().flat(), dx.view().flat());
  gradcheck.parameters(store);
  holds(gradcheck([&] { return mlp.forward(be, x, y.view(), run.saved), dot(y.view().flat(), dy.view().flat()); },
                  [&] { mlp.backward(be, x, dy, dx.view(), run.saved); }));
}

TEST_CASE("gradient of cross-entropy with labels, smoothed or not; equal logits give log K") {
  Index const N = 6, K = 5;
  auto z = random_tensor<double, 2>(1, N, K);
  Tensor<double, 2> dz(N, K);
  Tensor<double, 1> losses(N);
  Tensor<int, 1> label(N);
  for (Index n = 0; n < N; ++n) label(n) = static_cast<int>(n % K);
  for (double const smoothing : {0.0, 0.2}) {
    GradCheck gradcheck;
    gradcheck.elements = 30;
    gradcheck.input("logits", z.view().flat(), dz.view().flat());
    auto const loss = [&] { return hard_cross_entropy(be, z, label.view(), smoothing, dz.view(), losses.view()); };
    holds(gradcheck(loss, loss));
    Tensor<double, 2> even(N, K);
    CHECK(hard_cross_entropy(be, even, label.view(), smoothing, dz.view(), losses.view()) == doctest::Approx(std::log(5.0)));
  }
}

TEST_CASE("binary cross-entropy: gradient, unknown labels count for nothing, weights of findings") {
  double const nan = std::nan("");
  Index const N = 4, C = 3;
  auto z = random_tensor<double, 2>(1, N, C);
  Tensor<double, 2> y(N, C), dz(N, C);
  for (Index c = 0; c < C; ++c) y(0, c) = 1, y(1, c) = c == 1 ? nan : 0, y(2, c) = nan, y(3, c) = c == 2 ? nan : 0.3;
  Tensor<double, 1> w(C), losses(N), positive(C);
  positive(0) = 2, positive(1) = 0.5, positive(2) = 1;
  finding_weights(be, View<const double, 2>(y), PerClass::no, w.view());
  CHECK(w(0) == doctest::Approx(1.0 / 7));
  finding_weights(be, View<const double, 2>(y), PerClass::yes, w.view());
  CHECK(w(0) == doctest::Approx(1.0 / 9));
  CHECK(w(1) == doctest::Approx(1.0 / 6));
  CHECK(w(2) == doctest::Approx(1.0 / 6));
  for (bool const weighed : {false, true}) {
    auto const p = weighed ? View<const double, 1>(positive) : View<const double, 1>{};
    GradCheck gradcheck;
    gradcheck.elements = 12;
    gradcheck.input("logits", z.view().flat(), dz.view().flat());
    auto const loss = [&] { return binary_cross_entropy(be, z, y, p, w, dz.view(), losses.view()); };
    holds(gradcheck(loss, loss));
    for (Index c = 0; c < C; ++c) CHECK(dz(2, c) == 0);
    CHECK(losses(2) == 0);
  }
  for (double& v : y) v = nan;
  finding_weights(be, View<const double, 2>(y), PerClass::yes, w.view());
  CHECK(binary_cross_entropy(be, z, y, {}, w, dz.view(), losses.view()) == 0);
}

TEST_CASE("gradient of focal and Dice losses; focal without its factors is cross-entropy, a perfect mask has no Dice loss") {
  Index const B = 2, pixels = 21;
  Tensor<unsigned char, 2> mask(B, pixels);
  for (Index i = 0; i < 8; ++i) mask(0, 2 * i) = 1;
  Tensor<double, 1> losses(B);
  for (Index const channels : {1, 2}) {
    auto z = random_tensor<double, 3>(1, B, channels, pixels);
    Tensor<double, 3> dz(B, channels, pixels);
    auto const try_loss = [&](auto const& objective) {
      GradCheck gradcheck;
      gradcheck.elements = 10;
      gradcheck.input("logits", z.view().flat(), dz.view().flat());
      auto const loss = [&] { return objective(be, z, mask.view(), dz.view(), losses.view()); };
      holds(gradcheck(loss, loss));
    };
    try_loss(Focal{}), try_loss(Focal{.alpha = -1, .gamma = 1.5}), try_loss(Dice{}), try_loss(Dice{.smooth = 0.5, .squared = true});
  }
  auto const z = random_tensor<double, 3>(1, B, 1, pixels);
  Tensor<double, 3> dz(B, 1, pixels);
  double want = 0;
  for (Index b = 0; b < B; ++b)
    for (Index i = 0; i < pixels; ++i) want += std::log1p(std::exp(mask(b, i) ? -z(b, 0, i) : z(b, 0, i))) / (B * pixels);
  double const plain = Focal{.alpha = -1, .gamma = 0}(be, z, mask.view(), dz.view(), losses.view());
  CHECK(plain == doctest::Approx(want).epsilon(1e-12));
  Tensor<double, 3> sure(B, 1, pixels);
  for (Index b = 0; b < B; ++b)
    for (Index i = 0; i < pixels; ++i) sure(b, 0, i) = mask(b, i) ? 50 : -50;
  double const perfect = Dice{}(be, sure, mask.view(), dz.view(), losses.view());
  CHECK(std::fabs(perfect) < 1e-12);
}

TEST_CASE("unshuffling undoes the shuffling of pixels") {
  auto maps = random_tensor<float, 4>(1, 2, 12, 3, 4);
  Tensor<float, 4> image(2, 3, 6, 8), back(2, 12, 3, 4);
  pixel_shuffle(be, maps.view(), 2, image.view());
  CHECK(image(1, 2, 5, 2) == maps(1, 2 * 4 + 1 * 2 + 0, 2, 1));
  pixel_unshuffle(be, image.view(), 2, back.view());
  CHECK(std::equal(maps.begin(), maps.end(), back.begin()));
}
