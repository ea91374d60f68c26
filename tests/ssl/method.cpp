// The method as a whole: its gradient, what micro-batches and copies of films change (nothing), and what the teacher learns (nothing).
#include <afire/testing/compare.hpp>
#include <afire/testing/gradcheck.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <set>

#include "tests/support/backends.hpp"
#include "tests/support/method_gradient.hpp"
#include "tests/support/small_afire.hpp"

using namespace afire;
using namespace afire_test;

namespace {

template <class T, class Objective>
using AnyMethod = Method<T, PerPositionHead, TransformerDecoder, Objective>;
using Both = decltype(afire_objective());

// A method whose student and teacher are two different random networks.
template <class T, class B, class Objective = Both>
std::unique_ptr<AnyMethod<T, Objective>> made(B& be, Index batch, Objective objective = afire_objective()) {
  using M = AnyMethod<T, Objective>;
  auto method = std::make_unique<M>(be, typename M::Config{small_vit, small_head, small_decoder, objective}, batch);
  randomise(be, method->student_store(), 1, 0.2);
  if constexpr (M::needs.teacher) randomise(be, method->teacher_store(), 2, 0.2);
  return method;
}

template <class S>
std::vector<double> numbers(View<S, 1> x) {
  std::vector<double> all;
  for (auto const& v : x) all.push_back(static_cast<double>(wide(v)));
  return all;
}

Difference apart(std::string name, std::vector<double> const& got, std::vector<double> const& want) {
  return difference(std::move(name), View<const double, 1>(got.data(), got.size()), View<const double, 1>(want.data(), want.size()));
}

template <class M>
std::vector<double> prototypes_of(M& method) {
  return numbers(method.objective_state().first.prototypes.flat());
}

template <class Micros, class M, class B>
Terms learn(M& method, B& be, Micros& micros, Moment moment = {}) {
  fill(be, method.student_store().gradients(), 0);
  return method.gradients(be, std::span(micros), moment);
}

Reference be{.threads = 1};

}  // namespace

TEST_CASE("gradient of the whole method") {
  SmallBatch const films(small_vit, 2, 1);
  auto const check_method = [&](auto& method) {
    std::vector micros = {films.micro()};
    // The targets are constants; the teacher does not change, so a first step settles them and losses() leaves them alone.
    learn(method, be, micros);
    auto const r = method_gradient(be, method, micros);
    CHECK_MESSAGE(r.worst < 1e-8, r.text());
  };
  SUBCASE("contrast and restoration") { check_method(*made<double>(be, 2)); }
  SUBCASE("contrast alone") { check_method(*made<double>(be, 2, TokenContrast{})); }
  SUBCASE("restoration of lesions alone") { check_method(*made<double>(be, 2, 0.5 * Restoration<Lesions>{})); }
}

TEST_CASE("drop path in the whole method: its gradient, the same draws for any micro-batches, a teacher without") {
  ViTConfig vit = small_vit;
  vit.depth = 3, vit.registers = 2, vit.layer_scale = 0.5, vit.learned_positions = true, vit.qkv_bias = false, vit.drop_path = 0.5;
  // Prototypes that are overwritten: however often a step is repeated, its targets are the same.
  auto const objective = TokenContrast<Sinkhorn>{Sinkhorn{}, 0.1,
      Prototypes{.rule = PrototypeRule::released}} + 1.0 * Restoration<Everywhere>{};
  using M = AnyMethod<double, Both>;
  auto const method_of = [&](ViTConfig const& c, Index batch) {
    auto method = std::make_unique<M>(be, M::Config{c, small_head, small_decoder, objective}, batch);
    randomise(be, method->student_store(), 1, 0.2);
    randomise(be, method->teacher_store(), 2, 0.2);
    return method;
  };
  auto const whole = method_of(vit, 4), parts = method_of(vit, 2);
  for (char const* name : {"encoder.reg_token", "encoder.blocks.2.ls2.gamma"}) CHECK(whole->teacher_store().find(name));
  CHECK(!whole->student_store().find("encoder.blocks.0.attn.qkv.bias"));
  CHECK(whole->student_store().find("encoder.pos_embed")->trainable);
  SmallBatch const films(vit, 4, 1);
  std::vector one = {films.micro()}, two = {films.micro(0, 2), films.micro(2, 2)}, half = {films.micro(0, 2)};
  Moment const moment{.step = 3, .seed = 5};
  double const loss = learn(*whole, be, one, moment).at("loss");
  CHECK(learn(*parts, be, two, moment).at("loss") == doctest::Approx(loss).epsilon(1e-12));
  auto const d = apart("gradients", numbers(parts->student_store().gradients()), numbers(whole->student_store().gradients()));
  CHECK_MESSAGE(d.worst <= 1e-12, report(d));

  // Neither losses() nor another draw give the same; without drop path nothing but the student differs.
  double const undropped = whole->losses(be, std::span(one)).at("loss");
  CHECK(std::fabs(undropped - loss) > 1e-4);
  CHECK(std::fabs(learn(*whole, be, one, Moment{.step = 4, .seed = 5}).at("loss") - loss) > 1e-4);
  CHECK(std::fabs(learn(*whole, be, one, Moment{.step = 3, .seed = 6}).at("loss") - loss) > 1e-4);
  CHECK(learn(*whole, be, one, moment).at("loss") == loss);
  vit.drop_path = 0;
  auto const still = method_of(vit, 4);
  CHECK(learn(*still, be, one, moment).at("loss") == undropped);
  still->run_teacher(be, one[0].clean), whole->run_teacher(be, one[0].clean);
  CHECK(numbers(still->teacher_scores().flat()) == numbers(whole->teacher_scores().flat()));

  GradCheck check;
  check.elements = 1;
  auto& store = parts->student_store();
  check.parameters(store);
  Tensor<double, 1> before(store.gradients().size());
  auto const forward = [&] {                             // a step whose gradients are forgotten
    copy(be, View<const double, 1>(store.gradients()), before.view());
    double const value = parts->gradients(be, std::span(half), moment).at("loss");
    copy(be, View<const double, 1>(before.view()), store.gradients());
    return value;
  };
  auto const r = check(forward, [&] { parts->gradients(be, std::span(half), moment); });
  CHECK_MESSAGE(r.worst < 1e-8, r.text());
}

TEST_CASE_TEMPLATE_DEFINE("micro-batches change nothing but rounding", Target, micro) {
  using T = typename Target::Type;
  typename Target::Backend backend;
  SmallBatch const films(small_vit, 6, 1);
  auto const whole = made<T>(backend, 6), parts = made<T>(backend, 2);
  std::vector one = {films.micro()}, three = {films.micro(0, 2), films.micro(2, 2), films.micro(4, 2)};
  auto const want = learn(*whole, backend, one), got = learn(*parts, backend, three);
  double const allowed = std::is_same_v<T, double> ? 1e-12 : std::is_same_v<T, float> ? 2e-5 : 3e-2;
  for (auto const& term : want) CHECK(got.at(term.name) == doctest::Approx(term.value).epsilon(allowed));
  for (auto& [name, param, offset] : whole->student_store()) {
    if (!param.trainable) continue;
    auto const d = apart(name, numbers(parts->student_store().find(name)->grad), numbers(param.grad));
    CHECK_MESSAGE(d.worst <= allowed, report(d));
  }
  auto const d = apart("prototype", prototypes_of(*parts), prototypes_of(*whole));
  CHECK_MESSAGE(d.worst <= allowed, report(d));
}
using SomeTargets = decltype(std::tuple_cat(WideTargets{}, OneDnnBf16{}));
TEST_CASE_TEMPLATE_APPLY(micro, SomeTargets);

TEST_CASE("every film twice: the same losses and gradients") {
  SmallBatch const films(small_vit, 3, 1);
  auto const once = made<double>(be, 3), twice = made<double>(be, 3);
  std::vector one = {films.micro()}, two = {films.micro(), films.micro()};
  auto const want = learn(*once, be, one), got = learn(*twice, be, two);
  for (auto const& term : want) CHECK(got.at(term.name) == doctest::Approx(term.value).epsilon(1e-12));
  auto const d = apart("gradients", numbers(twice->student_store().gradients()), numbers(once->student_store().gradients()));
  CHECK_MESSAGE(d.worst <= 1e-12, report(d));
}

TEST_CASE("nothing of one step is left for the next") {
  auto const used = made<double>(be, 3), fresh = made<double>(be, 3);
  SmallBatch const before(small_vit, 3, 1), films(small_vit, 3, 2);
  std::vector first = {before.micro()}, second = {films.micro()};
  learn(*used, be, first);
  auto const forget = used->objective_state().first.prototypes;
  fill(be, forget.flat(), 0);
  learn(*used, be, second);
  learn(*fresh, be, second);
  CHECK(numbers(used->student_store().gradients()) == numbers(fresh->student_store().gradients()));
}

TEST_CASE("lesion tokens get no gradient through scores, normal tokens none through mask tokens") {
  auto const contrast = made<double>(be, 2, TokenContrast{});
  auto const restore = made<double>(be, 2, 1.0 * Restoration<Everywhere>{});
  SmallBatch films(small_vit, 2, 1);
  Index const L = small_vit.tokens();
  for (Index b = 0; b < 2; ++b)
    for (Index j = 0; j < L; ++j) films.lesion(b, j) = j == 4 || (b == 1 && j == 7);        // 4 in both films, 7 in one
  std::vector micros = {films.micro()};
  learn(*contrast, be, micros);
  learn(*restore, be, micros);
  auto const size = [](View<double, 1> x) { return dot(x, x); };
  auto const& v = *contrast->student_store().find("head.last_layers.*.weight_v");
  auto const& mask = *restore->student_store().find("decoder.mask_token");
  for (Index j = 0; j < L; ++j) {
    Index const each = v.size() / L, width = mask.size() / L;
    CHECK((size(v.grad.slice(j * each, each)) == 0) == (j == 4));
    CHECK((size(mask.grad.slice(j * width, width)) == 0) == (j != 4 && j != 7));
  }
  for (unsigned char& l : films.lesion) l = 1;           // no token is left: the contrast has neither value nor gradient
  std::vector all = {films.micro()};
  auto const terms = learn(*contrast, be, all);
  CHECK(terms.at("loss") == 0);
  CHECK(size(contrast->student_store().gradients()) == 0);
}

TEST_CASE("the teacher gets no gradient and does not move in a backward pass; losses() learns nothing at all") {
  auto const method = made<double>(be, 2);
  SmallBatch const films(small_vit, 2, 1);
  std::vector micros = {films.micro()};
  auto const teacher = numbers(method->teacher_store().values()), student = numbers(method->student_store().values());
  CHECK(method->teacher_store().gradients().size() == 0);
  auto const terms = learn(*method, be, micros);
  CHECK(numbers(method->teacher_store().values()) == teacher);
  CHECK(numbers(method->student_store().values()) == student);
  auto const gradients = numbers(method->student_store().gradients()), prototypes = prototypes_of(*method);
  auto const again = method->losses(be, std::span(micros));
  CHECK(again.at("loss") == terms.at("loss"));
  CHECK(numbers(method->student_store().gradients()) == gradients);
  CHECK(prototypes_of(*method) == prototypes);
}

TEST_CASE("gradients are added to") {
  auto const method = made<double>(be, 2);
  SmallBatch const films(small_vit, 2, 1);
  std::vector micros = {films.micro()};
  learn(*method, be, micros, Moment{.epoch = 0});
  auto const once = numbers(method->student_store().gradients());
  auto const store = [&] { return apart("gradients", numbers(method->student_store().gradients()), once); };
  method->gradients(be, std::span(micros), Moment{.epoch = 0});
  CHECK(store().worst == doctest::Approx(1).epsilon(1e-9));
}

TEST_CASE("parameters have the released names, and a method owns only what its objective needs") {
  auto const method = made<float>(be, 2);
  std::set<std::string> student, teacher;
  for (auto& entry : method->student_store()) student.insert(entry.name);
  for (auto& entry : method->teacher_store()) teacher.insert(entry.name);
  std::set<std::string> want, want_teacher;
  auto const linear = [&](std::string const& name) { want.insert({name + ".weight", name + ".bias"}); };
  auto const blocks = [&](std::string const& part, int depth) {
    for (int i = 0; i < depth; ++i)
      for (char const* layer : {"norm1", "attn.qkv", "attn.proj", "norm2", "mlp.fc1", "mlp.fc2"})
        linear(part + ".blocks." + std::to_string(i) + "." + layer);
    linear(part + ".norm");
    want.insert(part + ".pos_embed");
  };
  want.insert("encoder.cls_token"), linear("encoder.patch_embed.proj"), blocks("encoder", 2);
  for (char const* layer : {"head.mlp.0", "head.mlp.2", "head.mlp.4"}) linear(layer);
  want.insert({"head.last_layers.*.weight_g", "head.last_layers.*.weight_v"});
  want_teacher = want;
  want.insert("decoder.mask_token"), linear("decoder.embedding"), linear("decoder.image_pred"), blocks("decoder", 1);
  CHECK(student == want);
  CHECK(teacher == want_teacher);
  CHECK(method->student_store().find("encoder.patch_embed.proj.weight")->shape == std::vector<Index>{16, 1, 8, 8});
  CHECK(method->student_store().find("encoder.blocks.1.attn.qkv.weight")->shape == std::vector<Index>{48, 16});
  CHECK(method->student_store().find("decoder.mask_token")->shape == std::vector<Index>{1, 9, 12});

  auto const restore = made<float>(be, 2, 1.0 * Restoration<Everywhere>{});
  for (auto& entry : restore->student_store()) CHECK(!entry.name.starts_with("head."));
  auto const contrast = made<float>(be, 2, TokenContrast{});
  for (auto& entry : contrast->student_store()) CHECK(!entry.name.starts_with("decoder."));
}

TEST_CASE("a plan uses what it counted, and a teacher costs no more than scratch") {
  auto const method = made<float>(be, 4);
  Index listed = 0;
  for (auto const& part : method->arena().parts()) listed += part.bytes;
  CHECK(listed == method->arena().kept_bytes());
  CHECK(method->arena().bytes() == method->arena().kept_bytes() + method->arena().scratch_bytes());
  auto const smaller = made<float>(be, 2);
  CHECK(smaller->arena().bytes() < method->arena().bytes());
  CHECK(method->arena().bytes() < 2 * smaller->arena().bytes());
}

TEST_CASE("a micro-batch of another size is refused") {
  auto const method = made<float>(be, 2);
  SmallBatch const films(small_vit, 3, 1);
  std::vector micros = {films.micro()};
  CHECK_THROWS_WITH_AS(method->gradients(be, std::span(micros), {}),
                       "method: a micro-batch has a lesion map of shape (3, 9), the plan is for (2, 9)", error);
}
