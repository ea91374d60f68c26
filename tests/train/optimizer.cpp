// One sweep over the parameters: clipping, decay groups, freezing, averaging into the teacher, rounding, and what it refuses.
#include <afire/train/optimizer.hpp>
#include <doctest/doctest.h>

#include <limits>
#include <map>
#include <set>

#include "tests/support/backends.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

// A matrix, its bias, a token, a stack of two directions, and a table that stands still.
template <class T>
struct Model {
  Param<T> weight, bias, token, stack, table;
  Model() {
    weight.shape = {200, 300}, bias.shape = {7}, token.shape = {1, 1, 5}, stack.shape = {2, 3, 4}, table.shape = {2, 2};
    stack.tensors = 2;
    table.trainable = false, table.scale = 3;
  }
  void visit(Names<T> const& names) {
    names("fc.weight", weight);
    names("fc.bias", bias);
    names("cls_token", token);
    names("last_layers.*.weight_v", stack);
    names("pos_embed", table);
  }
};

template <class T, class B, class Rule>
struct Bench {
  using S = Accum<T>;
  B be{.threads = 1};
  Model<T> model, teacher_model;
  ParamStore<T> student{be, model, Gradients::yes}, teacher{be, teacher_model, Gradients::no};
  Optimizer<T, Rule> optimizer;

  explicit Bench(Rule rule, UpdateOptions options = {}) : optimizer(be, student, teacher, rule, options) {
    initialise(be, student, 1), initialise(be, teacher, 2);
    std::uint64_t seed = 10;
    for (auto* store : {&student, &teacher}) {
      for (auto& [name, param, offset] : *store)
        if (param.trainable) randomise(param.value, ++seed);
      refresh(be, *store);
    }
    push(3);
  }
  void push(std::uint64_t seed) {
    for (auto& [name, param, offset] : student)
      if (param.trainable) randomise(param.grad, seed * 100 + static_cast<std::uint64_t>(offset));
  }
  std::map<std::string, std::vector<S>> values(ParamStore<T> const& store) const {
    std::map<std::string, std::vector<S>> all;
    for (auto& [name, param, offset] : store) all[name].assign(param.value.begin(), param.value.end());
    return all;
  }
  static double norm(View<S, 1> x) { return std::sqrt(dot(x, x)); }
};

Rates const rates{.lr = 0.1, .weight_decay = 0.3, .momentum = 0.9};

}  // namespace

TEST_CASE("AdamW's first step moves everything by the rate against the sign, after decay") {
  Bench<double, Reference, AdamW> b(AdamW{}, {.clip = Clip::none, .decay = DecayRule::released});
  auto const before = b.values(b.student);
  std::map<std::string, std::vector<double>> gradient;
  for (auto& [name, param, offset] : b.student) gradient[name].assign(param.grad.begin(), param.grad.end());
  b.optimizer.measure(b.be);
  b.optimizer.step(b.be, rates, false);
  auto const after = b.values(b.student);
  for (auto const& [name, values] : before) {
    double const decay = name == "fc.bias" ? 0 : 0.3;
    for (std::size_t i = 0; i < values.size(); ++i) {
      double const g = gradient[name][i];
      double const want = name == "pos_embed" ? 3 : values[i] * (1 - 0.1 * decay) - 0.1 * g / (std::fabs(g) + 1e-8);
      CHECK(after.at(name)[i] == doctest::Approx(want).epsilon(1e-9));
    }
  }
  for (double const g : b.student.gradients()) CHECK(g == 0);
}

TEST_CASE("what decays: released and corrected") {
  auto const decayed = [](DecayRule rule) {
    Bench<double, Reference, Sgd> b(Sgd{}, {.clip = Clip::none, .decay = rule});
    fill(b.be, b.student.gradients(), 0);
    auto const before = b.values(b.student);
    b.optimizer.measure(b.be);
    b.optimizer.step(b.be, rates, false);
    std::set<std::string> names;
    for (auto const& [name, values] : b.values(b.student))
      if (values != before.at(name)) names.insert(name);
    return names;
  };
  CHECK(decayed(DecayRule::released) == std::set<std::string>{"fc.weight", "cls_token", "last_layers.*.weight_v"});
  CHECK(decayed(DecayRule::corrected) == std::set<std::string>{"fc.weight"});
}

TEST_CASE("clipping: each tensor by itself, members of a stack too; all together; not at all") {
  using B = Bench<double, Reference, Sgd>;
  for (Clip const clip : {Clip::per_tensor, Clip::global, Clip::none}) {
    B b(Sgd{.momentum = 0}, {.clip = clip, .clip_norm = 3});
    auto const before = b.values(b.student);
    auto& stack = *b.student.find("last_layers.*.weight_v");
    for (double& g : stack.grad.slice(0, 12)) g *= 0.1;                // one below the limit, one above
    for (double& g : stack.grad.slice(12, 12)) g *= 10;
    std::map<std::string, std::vector<double>> gradient;
    double total = 0;
    for (auto& [name, param, offset] : b.student) {
      gradient[name].assign(param.grad.begin(), param.grad.end());
      if (param.trainable) total += dot(param.grad, param.grad);
    }
    double const first = B::norm(stack.grad.slice(0, 12)), second = B::norm(stack.grad.slice(12, 12));
    REQUIRE((first < 3 && second > 3));
    auto const health = b.optimizer.measure(b.be);
    CHECK(health.gradient_norm == doctest::Approx(std::sqrt(total)).epsilon(1e-12));
    CHECK(health.bad.empty());
    CHECK(b.optimizer.tensors() == 5);
    b.optimizer.step(b.be, {.lr = 1, .weight_decay = 0, .momentum = 1}, false);
    auto const after = b.values(b.student);
    Index clipped = 0;
    auto const follow = [&](std::string const& name, std::size_t from, std::size_t count) {
      double norm = 0;
      for (std::size_t i = from; i < from + count; ++i) norm += gradient[name][i] * gradient[name][i];
      norm = std::sqrt(norm);
      double factor = clip == Clip::none ? 1 : 3 / ((clip == Clip::global ? std::sqrt(total) : norm) + 1e-6);
      clipped += factor < 1;
      factor = std::min(factor, 1.0);
      for (std::size_t i = from; i < from + count; ++i)
        CHECK(after.at(name)[i] == doctest::Approx(before.at(name)[i] - factor * gradient[name][i]).epsilon(1e-10));
    };
    follow("fc.weight", 0, 60000), follow("fc.bias", 0, 7), follow("cls_token", 0, 5);
    follow("last_layers.*.weight_v", 0, 12), follow("last_layers.*.weight_v", 12, 12);
    CHECK(health.clipped == clipped);
  }
}

TEST_CASE("frozen tensors are not seen: no decay, no moments, no count; the others move on") {
  Bench<double, Reference, AdamW> frozen(AdamW{}), later(AdamW{});
  auto const before = frozen.values(frozen.student);
  for (int step = 0; step < 2; ++step) {
    frozen.push(static_cast<std::uint64_t>(step));
    frozen.optimizer.measure(frozen.be);
    frozen.optimizer.step(frozen.be, rates, true);
  }
  auto const after = frozen.values(frozen.student);
  CHECK(after.at("last_layers.*.weight_v") == before.at("last_layers.*.weight_v"));
  CHECK(after.at("fc.weight") != before.at("fc.weight"));
  CHECK(frozen.optimizer.steps() == std::vector<Index>{2, 2, 2, 0, 0});
  for (auto* b : {&frozen, &later}) {                                  // then it steps as if it were the first time
    b->push(7);
    b->optimizer.measure(b->be);
    b->optimizer.step(b->be, rates, false);
  }
  CHECK(frozen.values(frozen.student).at("last_layers.*.weight_v") == later.values(later.student).at("last_layers.*.weight_v"));
}

TEST_CASE_TEMPLATE("the teacher is the moving average; equal networks stay equal; momentum 1 leaves it alone", T, double, float, bf16) {
  using S = Accum<T>;
  for (double const momentum : {1.0, 0.9, 0.0}) {
    Bench<T, Reference, AdamW> b(AdamW{});
    auto const before = b.values(b.teacher);
    b.optimizer.measure(b.be);
    b.optimizer.step(b.be, {.lr = 0.1, .weight_decay = 0.3, .momentum = momentum}, false);
    auto const teacher = b.values(b.teacher), student = b.values(b.student);
    for (auto const& [name, values] : before)
      for (std::size_t i = 0; i < values.size(); ++i) {
        bool const moves = name != "pos_embed";
        double const old = static_cast<double>(values[i]), now = static_cast<double>(student.at(name)[i]);
        double const want = moves ? momentum * old + (1 - momentum) * now : 3;
        CHECK(static_cast<double>(teacher.at(name)[i]) == doctest::Approx(want).epsilon(std::is_same_v<T, double> ? 1e-14 : 1e-6));
      }
    for (auto* store : {&b.student, &b.teacher})                       // the working copies follow, rounded once
      for (Index i = 0; i < store->size(); ++i)
        REQUIRE(static_cast<double>(wide(store->working()(i))) == static_cast<double>(wide(T(store->values()(i)))));
  }
  Bench<T, Reference, Sgd> b(Sgd{});
  for (auto& [name, param, offset] : b.teacher) copy(b.be, b.student.find(name)->value, param.value);
  fill(b.be, b.student.gradients(), 0);
  b.optimizer.measure(b.be);
  b.optimizer.step(b.be, {.lr = 0.1, .weight_decay = 0, .momentum = 0.7}, false);
  for (Index i = 0; i < b.teacher.size(); ++i)
    CHECK(static_cast<double>(b.teacher.values()(i)) == doctest::Approx(static_cast<double>(b.student.values()(i))).epsilon(1e-6));
  static_assert(sizeof(S) >= 4);
}

TEST_CASE("SGD with momentum, and LARS keeping a matrix's step in proportion to the matrix") {
  Bench<double, Reference, Sgd> sgd(Sgd{.momentum = 0.5}, {.clip = Clip::none});
  double w = sgd.student.find("fc.weight")->value(3), m = 0;
  for (int step = 0; step < 3; ++step) {
    sgd.push(static_cast<std::uint64_t>(step));
    m = 0.5 * m + sgd.student.find("fc.weight")->grad(3) + 0.3 * w, w -= 0.1 * m;
    sgd.optimizer.measure(sgd.be);
    sgd.optimizer.step(sgd.be, rates, false);
    CHECK(sgd.student.find("fc.weight")->value(3) == doctest::Approx(w).epsilon(1e-13));
  }
  for (double const scale : {1.0, 1000.0}) {
    using B = Bench<double, Reference, Lars>;
    B b(Lars{}, {.clip = Clip::per_tensor, .clip_norm = 3});
    auto& weight = *b.student.find("fc.weight");
    for (double& g : weight.grad) g *= scale;
    std::vector<double> const before(weight.value.begin(), weight.value.end());
    double const length = B::norm(weight.value);
    b.optimizer.measure(b.be);
    b.optimizer.step(b.be, {.lr = 2, .weight_decay = 0, .momentum = 1}, false);
    double moved = 0;
    for (std::size_t i = 0; i < before.size(); ++i) moved += std::pow(weight.value(static_cast<Index>(i)) - before[i], 2);
    CHECK(std::sqrt(moved) == doctest::Approx(2 * 0.001 * length).epsilon(1e-9));
  }
}

TEST_CASE("a gradient that is no number is named before anything changes") {
  Bench<float, Reference, AdamW> b(AdamW{});
  auto const before = b.values(b.student);
  b.student.find("fc.bias")->grad(2) = std::numeric_limits<float>::quiet_NaN();
  b.student.find("last_layers.*.weight_v")->grad(13) = std::numeric_limits<float>::infinity();
  auto const health = b.optimizer.measure(b.be);
  CHECK(health.bad == "fc.bias, last_layers.1.weight_v");
  CHECK(b.values(b.student) == before);
}

TEST_CASE("rates that fall with the depth: a step of plain descent is shorter by the factor of its layer") {
  struct Deep {
    Param<double> all[6];
    Deep() {
      for (auto& p : all) p.shape = {2}, p.scale = 1;
    }
    void visit(Names<double> const& names) {
      char const* const called[] = {"encoder.cls_token", "encoder.patch_embed.proj.bias", "encoder.blocks.0.norm1.bias",
                                    "encoder.blocks.11.norm1.bias", "encoder.norm.bias", "head.bias"};
      for (int i = 0; i < 6; ++i) names(called[i], all[i]);
    }
  } model;
  struct None {
    void visit(Names<double> const&) {}
  } none;
  Reference be{.threads = 1};
  ParamStore<double> student(be, model, Gradients::yes), teacher(be, none, Gradients::no);
  initialise(be, student, 0);
  fill(be, student.gradients(), 1);
  Optimizer<double, Sgd> optimizer(be, student, teacher, Sgd{.momentum = 0}, {.clip = Clip::none, .layer_decay = 0.5});
  optimizer.measure(be);
  optimizer.step(be, {.lr = 1, .weight_decay = 0, .momentum = 1}, false);
  double const want[] = {13, 13, 12, 1, 0, 0};           // depth 12: blocks up to number 11
  int i = 0;
  for (auto& [name, param, offset] : student) CHECK(param.value(0) == doctest::Approx(1 - std::pow(0.5, want[i++])).epsilon(1e-14));
}
