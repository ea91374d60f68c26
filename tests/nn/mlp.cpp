// Projectors and predictors: gradients for every kind of layer, shapes and names, and what a teacher goes without.
#include <afire/nn/mlp_head.hpp>
#include <afire/testing/gradcheck.hpp>
#include <doctest/doctest.h>

#include "tests/support/backends.hpp"
#include "tests/support/fixture_case.hpp"
#include "tests/support/memory.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

std::vector<MlpHead> kinds() {
  std::vector<MlpHead> all;
  for (Index const layers : {1, 2, 3, 4})
    for (HiddenNorm const norm : {HiddenNorm::none, HiddenNorm::batch})
      for (LastNorm const last : {LastNorm::none, LastNorm::batch})
        for (Activation const activation : {Activation::relu, Activation::gelu})
          all.push_back({.layers = layers, .hidden = 7, .out = 5, .norm = norm, .last_norm = last, .activation = activation});
  return all;
}

template <class Head, class T>
std::vector<std::string> names(Head& head) {
  std::vector<std::string> all;
  for (auto& [name, param] : parameters<T>(head)) all.push_back(name);
  return all;
}

using Names_t = std::vector<std::string>;

}  // namespace

TEST_CASE("gradient of an MLP of every kind: dx written, parameters added") {
  Reference be{.threads = 1};
  for (MlpHead const& kind : kinds()) {
    Mlp<double> mlp(kind, 6);
    ParamStore<double> store(be, mlp, Gradients::yes);
    randomise(be, store, 1);
    auto x = random_tensor<double, 2>(2, 9, 6);
    auto const dy = random_tensor<double, 2>(3, 9, 5);
    Tensor<double, 2> dx(9, 6);
    auto run = planned([&](Arena& a) { return mlp.plan(a, 9); });
    GradCheck check;
    check.input("x", x.view().flat(), dx.view().flat());
    check.parameters(store);
    auto const forward = [&] { return mlp.forward(be, x, run.saved), dot(run.saved.y.flat(), dy.view().flat()); };
    auto const r = check(forward, [&] {
      copy(be, dy.view().flat(), run.saved.d_y.flat());
      mlp.backward(be, x, dx.view(), run.saved);
    });
    CHECK_MESSAGE(r.worst < 1e-7, kind.layers, " layers, norm ", static_cast<int>(kind.norm), ", last ", static_cast<int>(kind.last_norm),
                  ", activation ", static_cast<int>(kind.activation), ": ", r.text());
  }
}

TEST_CASE("gradient of a projector with a predictor") {
  Reference be{.threads = 1};
  PredictedHead const config{{.layers = 2, .hidden = 7, .out = 5, .last_norm = LastNorm::batch}, {.layers = 2, .hidden = 6}};
  PredictorHead<double> head(config, 4, 3);
  ParamStore<double> store(be, head, Gradients::yes);
  randomise(be, store, 1);
  auto x = random_tensor<double, 2>(2, 6, 4);
  auto const d_scores = random_tensor<double, 3>(3, 2, 3, 5);
  Tensor<double, 2> dx(6, 4);
  auto run = planned([&](Arena& a) { return head.plan(a, 2, 3); });
  GradCheck check;
  check.input("x", x.view().flat(), dx.view().flat());
  check.parameters(store);
  auto const forward = [&] { return head.forward(be, x, run.saved), dot(run.saved.scores.flat(), d_scores.view().flat()); };
  auto const r = check(forward, [&] { head.backward(be, x, d_scores, dx.view(), run.saved); });
  CHECK_MESSAGE(r.worst < 1e-7, r.text());

  // What a teacher makes of the same weights is the projection alone.
  auto& projector = head.without_predictor();
  auto teacher = planned([&](Arena& a) {
    auto const forget = a.forget();
    return projector.plan(a, 2, 3);
  });
  projector.forward(be, x, teacher.saved);
  CHECK(std::equal(teacher.saved.scores.begin(), teacher.saved.scores.end(), run.saved.projector.scores.begin()));
  ProjectorHead<double> alone(PredictedHead{}.projector, 4, 3);
  CHECK(alone.prototypes() == 256);
}

TEST_CASE_TEMPLATE_DEFINE("an MLP agrees with the reference in double, forward and backward", Target, oracle) {
  using T = typename Target::Type;
  typename Target::Backend be;
  auto const run = [&](auto& backend, auto type) {
    using U = decltype(type);
    Mlp<U> mlp({.layers = 3, .hidden = 40, .out = 24, .last_norm = LastNorm::batch, .activation = Activation::gelu}, 32);
    ParamStore<U> store(backend, mlp, Gradients::yes);
    initialise(backend, store, 5);
    if constexpr (!std::is_same_v<T, double> && std::is_same_v<U, double>)
      for (double& v : store.values()) v = static_cast<double>(wide(T(static_cast<float>(v))));
    auto const exact = random_tensor<bf16, 1>(6, 64 * 32);
    Tensor<U, 2> x(64, 32), dx(64, 32);
    for (Index i = 0; i < x.size(); ++i) x.data()[i] = U(wide(exact(i)));
    auto s = planned([&](Arena& a) { return mlp.plan(a, 64); });
    mlp.forward(backend, x, s.saved);
    std::vector<double> out;
    for (auto const v : s.saved.y) out.push_back(static_cast<double>(v));
    for (Index i = 0; i < s.saved.d_y.size(); ++i) s.saved.d_y.data[i] = static_cast<Accum<U>>(wide(exact(i)));
    mlp.backward(backend, x, dx.view(), s.saved);
    for (auto const v : dx) out.push_back(static_cast<double>(wide(v)));
    return out;
  };
  Reference reference;
  auto const want = run(reference, double{}), got = run(be, T{});
  Index const outputs = 64 * 24;
  auto const part = [&](std::vector<double> const& v, Index first, Index count) { return View<const double, 1>(v.data() + first, count); };
  double const allowed = std::is_same_v<T, bf16> ? 0.03 : std::is_same_v<T, float> ? 2e-5 : 1e-11;
  auto const y = difference("y", part(got, 0, outputs), part(want, 0, outputs));
  auto const dx = difference("dx", part(got, outputs, 64 * 32), part(want, outputs, 64 * 32));
  CHECK_MESSAGE(y.worst <= allowed, report(y));
  if (std::is_same_v<T, bf16>) CHECK_MESSAGE(dx.cosine > 0.999, report(dx));
  else CHECK_MESSAGE(dx.worst <= 10 * allowed, report(dx));
}
TEST_CASE_TEMPLATE_APPLY(oracle, OtherTargets);

TEST_CASE("names are a PyTorch Sequential's, and linear maps before a norm have no bias") {
  ProjectorHead<float> plain(MlpHead{.layers = 2, .norm = HiddenNorm::none}, 8, 1);
  ProjectorHead<float> normed(MlpHead{.layers = 2, .last_norm = LastNorm::batch}, 8, 1);
  CHECK(names<ProjectorHead<float>, float>(plain) == Names_t{"mlp.0.weight", "mlp.0.bias", "mlp.2.weight", "mlp.2.bias"});
  CHECK(names<ProjectorHead<float>, float>(normed) == Names_t{"mlp.0.weight", "mlp.1.weight", "mlp.1.bias", "mlp.3.weight"});
  PredictorHead<float> head(PredictedHead{{.layers = 1, .out = 4}, {.layers = 1}}, 8, 1);
  CHECK(names<PredictorHead<float>, float>(head) == Names_t{"mlp.0.weight", "mlp.0.bias", "predictor.0.weight", "predictor.0.bias"});
  CHECK(head.predictor.out() == 4);
  CHECK_THROWS_WITH_AS(Mlp<float>({.layers = 0}, 8), "mlp: 0 layers, 2048 hidden, 256 out; each must be at least 1", error);
}

TEST_CASE_TEMPLATE_DEFINE("fixture rectifier", Target, rectifier) {
  using T = typename Target::Type;
  each_fixture_case<Target>("ops.safetensors", {"relu"}, [](auto& be, auto const& c) {
    auto const x = c("in/x"), dy = c("cot/y");
    Tensor<T, 2> y(1, x.size()), dx(1, x.size());
    relu(be, x.view().as(1, x.size()), y.view());
    relu_backward(be, x.view().as(1, x.size()), dy.view().as(1, x.size()), dx.view());
    c.same("out/y", y.view()), c.same("grad/x", dx.view());
  });
}
TEST_CASE_TEMPLATE_APPLY(rectifier, WideTargets);
