// Parameters: full names in the order of visit, one flat buffer, starting values from a seed.
#include <afire/backend/reference.hpp>
#include <afire/core/param.hpp>
#include <doctest/doctest.h>

#include <cmath>

using namespace afire;

namespace {

template <class T>
struct Inner {
  Param<T> weight{.shape = {3, 5}, .start = Start::normal, .scale = 0.02}, bias{.shape = {3}};
  void visit(Names<T> const& names) {
    names("weight", weight);
    names("bias", bias);
  }
};

template <class T>
struct Model {
  Param<T> token{.shape = {1, 7}, .start = Start::uniform, .scale = 0.5};
  Inner<T> a, b;
  Param<T> table{.shape = {2}, .start = Start::given, .given = {0.25, -3}, .trainable = false};
  void visit(Names<T> const& names) {
    names("token", token);
    a.visit(names.under("blocks.0."));
    b.visit(names.under("blocks.1."));
    names("table", table);
  }
};

}  // namespace

TEST_CASE("visit names every parameter in full, in order") {
  Model<float> model;
  std::string all;
  for (auto const& [name, param] : parameters<float>(model)) all += name + " ";
  CHECK(all == "token blocks.0.weight blocks.0.bias blocks.1.weight blocks.1.bias table ");
}

TEST_CASE_TEMPLATE("parameters lie one after the other, each on its own cache line, with value, gradient and working copy", T, double,
                   float, bf16) {
  Reference cpu{.threads = 1};
  Model<T> model;
  ParamStore<T> const store(cpu, model, Gradients::yes);
  CHECK(store.count() == 6);
  CHECK(store.size() == 16 * 6);
  Index before = -16;
  for (auto const& [name, param, offset] : store) {
    CHECK(offset == before + 16);
    CHECK(param.value.data == store.values().data + offset);
    CHECK(param.grad.data == store.gradients().data + offset);
    CHECK(param.work.data == store.working().data + offset);
    CHECK(param.value.size() == param.size());
    before = offset;
  }
  CHECK(model.b.weight.value.data == store.find("blocks.1.weight")->value.data);
  CHECK(shape_text(model.a.weight.matrix()) == "(3, 5)");
  CHECK(store.find("blocks.2.weight") == nullptr);
  constexpr bool copied = std::is_same_v<T, bf16>;
  CHECK((static_cast<void*>(model.token.work.data) != model.token.value.data) == copied);
}

TEST_CASE("without gradients none are kept") {
  Reference cpu{.threads = 1};
  Model<float> model;
  ParamStore<float> const store(cpu, model, Gradients::no);
  CHECK_FALSE(model.token.grad);
  CHECK(store.bytes() == store.size() * 4);
}

TEST_CASE_TEMPLATE("a lent working copy lies where it is told, in the model too, and is filled by refresh", T, float, bf16) {
  Reference cpu{.threads = 1};
  Model<T> model;
  ParamStore<T> store(cpu, model, Gradients::no, Working::lent);
  constexpr bool rounds = std::is_same_v<T, bf16>;
  CHECK(store.bytes() == store.size() * 4);
  CHECK(bool(store.working()) == !rounds);
  initialise(cpu, store, 1);
  for (int time = 0; time < 2; ++time) {
    Tensor<T, 1> memory(store.size());
    store.lend(model, memory.view());
    refresh(cpu, store);
    CHECK((store.working().data == memory.view().data) == rounds);
    CHECK(model.b.weight.work.data == store.working().data + (store.find("blocks.1.weight")->value.data - store.values().data));
    CHECK(model.b.weight.work.data == store.find("blocks.1.weight")->work.data);
    for (Index i = 0; i < store.size(); ++i) CHECK(float(wide(store.working()(i))) == float(wide(T(store.values()(i)))));
  }
}

TEST_CASE("starting values are a function of the seed, and the working copy is their rounding") {
  Reference cpu{.threads = 1};
  Model<bf16> one, same, other;
  ParamStore<bf16> store_one(cpu, one, Gradients::no), store_same(cpu, same, Gradients::no), store_other(cpu, other, Gradients::no);
  initialise(cpu, store_one, 1);
  initialise(cpu, store_same, 1);
  initialise(cpu, store_other, 2);
  Index equal = 0, other_equal = 0;
  for (Index i = 0; i < store_one.size(); ++i) {
    equal += store_one.values()(i) == store_same.values()(i);
    other_equal += store_one.values()(i) == store_other.values()(i);
    CHECK(store_one.working()(i).bits == bf16(store_one.values()(i)).bits);
  }
  CHECK(equal == store_one.size());
  CHECK(other_equal < store_one.size() - 30);
  CHECK(one.a.weight.value(0) != one.b.weight.value(0));       // two layers of the same shape start apart
  CHECK(one.a.bias.value(0) == 0);
  CHECK(one.table.value(1) == -3);
  for (float v : one.token.value) CHECK(std::fabs(v) <= 0.5f);
}

TEST_CASE("a truncated normal has the deviation asked for and ends at two") {
  Random const random(3, Purpose::test);
  double squares = 0, most = 0, wide_most = 0;
  constexpr Index n = 20'000;
  for (Index i = 0; i < n; ++i) {
    double const narrow = start_value(Start::truncated_normal, 0.02, random, i), x = start_value(Start::truncated_normal, 1.5, random, i);
    squares += narrow * narrow;
    most = std::fmax(most, std::fabs(narrow)), wide_most = std::fmax(wide_most, std::fabs(x));
  }
  CHECK(std::fabs(std::sqrt(squares / n) / 0.02 - 1) < 5 * std::sqrt(0.5 / n));
  CHECK(most < 0.02 * 6);
  CHECK(wide_most <= 2);
  CHECK(wide_most > 1.9);
}
