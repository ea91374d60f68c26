// The update in one pass, as a GPU makes it, run by emulated warps and blocks: what UpdateSegment gives, for every rule, also where
// segments begin between two packs, and for tensors that are frozen or that the teacher does not have.
#include <afire/train/optimizer.hpp>
#include <doctest/doctest.h>

#include "tests/support/emulated_team.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

// A matrix of two segments, a stack whose members begin anywhere, and one that the teacher lacks.
template <class T>
struct Model {
  Param<T> weight, stack, alone;
  bool student;
  explicit Model(bool student_) : student(student_) {
    weight.shape = {129, 131}, stack.shape = {3, 5, 7}, alone.shape = {21};
    stack.tensors = 3;
  }
  void visit(Names<T> const& names) {
    if (student) names("predictor.bias", alone);
    names("fc.weight", weight);
    names("last_layers.*.weight_v", stack);
  }
};

// Everything that three steps leave behind; the directions stand still in the second.
template <class T, class B, class Rule>
std::vector<double> three_steps(B be, Rule rule) {
  Model<T> model(true), average(false);
  ParamStore<T> student(be, model, Gradients::yes), teacher(be, average, Gradients::no);
  Optimizer<T, Rule> optimizer(be, student, teacher, rule, {.decay = DecayRule::released});
  randomise(student.values(), 1), randomise(teacher.values(), 2);
  for (int step = 0; step < 3; ++step) {
    randomise(student.gradients(), 3 + static_cast<std::uint64_t>(step));
    optimizer.measure(be);
    optimizer.step(be, {.lr = 0.1, .weight_decay = 0.3, .momentum = 0.9}, step == 1);
  }
  std::vector<double> all;
  auto const take = [&](auto x) {
    for (auto const& v : x) all.push_back(static_cast<double>(wide(v)));
  };
  take(student.values()), take(student.gradients()), take(student.working()), take(teacher.values()), take(teacher.working());
  take(optimizer.first_moment().view()), take(optimizer.second_moment().view());
  return all;
}

template <class T, class Team, class Rule>
void compare_updates(Rule rule) {
  auto const want = three_steps<T>(Reference{.threads = 1}, rule);
  for (bool const backwards : {false, true}) {
    auto const got = three_steps<T>(Emulated<Team>{.backwards = backwards}, rule);
    REQUIRE(got.size() == want.size());
    double worst = 0;                      // norms are summed in another order, products perhaps without rounding in between
    for (std::size_t i = 0; i < want.size(); ++i) worst = std::max(worst, std::fabs(got[i] - want[i]));
    CHECK(worst < (std::is_same_v<T, double> ? 1e-13 : std::is_same_v<T, float> ? 1e-5 : 2e-2));
  }
}

}  // namespace

TEST_CASE_TEMPLATE("one pass of packs is the update of a segment, whatever the rule", Rule, AdamW, Adam, Sgd, Lars, Lion) {
  compare_updates<double, EmulatedWarp>(Rule{});
  compare_updates<double, EmulatedBlock>(Rule{});
}

TEST_CASE_TEMPLATE("and whatever the type of the products", T, float, bf16) { compare_updates<T, EmulatedBlock>(AdamW{}); }
