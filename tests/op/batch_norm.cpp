// Batch norm: columns of mean 0 and variance 1, running statistics, its gradient, every backend against double, PyTorch's numbers.
#include <afire/op/batch_norm.hpp>
#include <afire/testing/gradcheck.hpp>

#include "tests/support/backends.hpp"
#include "tests/support/fixture_case.hpp"
#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

// One batch norm with everything it touches.
template <class T>
struct Norm {
  using S = Accum<T>;
  Index N, C;
  bool affine;
  double eps = 1e-5;
  Tensor<T, 2> x, dy, y, dx;
  Tensor<S, 1> gain, shift, dgain, dshift, running_mean, running_var;
  Tensor<S, 2> stats, sums, partial;

  Norm(Index n, Index c, bool affine_ = true)
      : N(n), C(c), affine(affine_), x(random_tensor<T, 2>(1, n, c)), dy(random_tensor<T, 2>(2, n, c)), y(n, c), dx(n, c),
        gain(random_tensor<S, 1>(3, c)), shift(random_tensor<S, 1>(4, c)), dgain(c), dshift(c), running_mean(c), running_var(c),
        stats(2, c), sums(2, c), partial(column_chunks, c) {}

  View<S, 1> given(Tensor<S, 1>& t) const { return affine ? t.view() : View<S, 1>{}; }
  template <class B>
  void forward(B& be) { batch_norm(be, x, given(gain), given(shift), S(eps), y.view(), stats.view(), partial.view()); }
  template <class B>
  void backward(B& be, bool of_batch = true) {
    batch_norm_backward(be, x, given(gain), stats, dy, dx.view(), given(dgain), given(dshift), sums.view(), partial.view(), of_batch);
  }
};

template <class T>
double number(T const& x) { return static_cast<double>(wide(x)); }

}  // namespace

TEST_CASE_TEMPLATE_DEFINE("columns of a batch norm have mean 0 and variance 1, however they are shifted and scaled", Target, law) {
  using T = typename Target::Type;
  typename Target::Backend be;
  Norm<T> norm(90, 33, false);
  for (Index n = 0; n < 90; ++n)
    for (Index c = 0; c < 33; ++c) norm.x(n, c) = T(number(norm.x(n, c)) * static_cast<double>(1 + c) + static_cast<double>(c % 5));
  norm.forward(be);
  double const allowed = std::is_same_v<T, bf16> ? 4e-3 : 1e-5;
  for (Index c = 0; c < 33; ++c) {
    double mean = 0, square = 0;
    for (Index n = 0; n < 90; ++n) mean += number(norm.y(n, c)) / 90, square += number(norm.y(n, c)) * number(norm.y(n, c)) / 90;
    CHECK(std::fabs(mean) < allowed);
    CHECK(std::fabs(square - 1) < 2 * allowed);
  }
  // A constant column gives 0, not a division by zero.
  for (Index n = 0; n < 90; ++n) norm.x(n, 4) = T(7.0f);
  norm.forward(be);
  for (Index n = 0; n < 90; ++n) CHECK(number(norm.y(n, 4)) == 0);
}
TEST_CASE_TEMPLATE_APPLY(law, Targets);

TEST_CASE_TEMPLATE_DEFINE("batch norm agrees with the reference in double", Target, oracle) {
  using T = typename Target::Type;
  typename Target::Backend be;
  Reference reference;
  Norm<T> norm(300, 70);
  Norm<double> want(300, 70);
  for (Index i = 0; i < norm.x.size(); ++i) want.x.data()[i] = number(norm.x.data()[i]), want.dy.data()[i] = number(norm.dy.data()[i]);
  norm.forward(be), norm.backward(be);
  want.forward(reference), want.backward(reference);
  auto const same = [](char const* what, auto& got, auto& expected) {
    auto const d = difference(what, got.view().flat(), expected.view().flat());
    CHECK_MESSAGE(d.worst <= tolerance<T>, report(d));
  };
  same("y", norm.y, want.y), same("stats", norm.stats, want.stats), same("dx", norm.dx, want.dx);
  same("dgain", norm.dgain, want.dgain), same("dshift", norm.dshift, want.dshift);
}
TEST_CASE_TEMPLATE_APPLY(oracle, OtherTargets);

TEST_CASE("gradient of a batch norm, with statistics of the batch and with fixed ones, with and without gain and shift") {
  Reference be{.threads = 1};
  for (bool const of_batch : {true, false})
    for (bool const affine : {true, false}) {
      Norm<double> norm(9, 5, affine);
      norm.forward(be);                                   // fixed statistics: those of another batch
      randomise(norm.x.view(), 7);
      GradCheck check;
      check.input("x", norm.x.view().flat(), norm.dx.view().flat());
      if (affine) check.parameter("gain", norm.gain, norm.dgain), check.parameter("shift", norm.shift, norm.dshift);
      auto const forward = [&] {
        if (of_batch) norm.forward(be);
        else normalise_columns(be, norm.x, norm.given(norm.gain), norm.given(norm.shift), norm.y.view(), norm.stats);
        return dot(norm.y.view().flat(), norm.dy.view().flat());
      };
      auto const r = check(forward, [&] { norm.backward(be, of_batch); });
      CHECK_MESSAGE(r.worst < 1e-9, r.text());
    }
}

TEST_CASE("running statistics settle at those of the batches") {
  Reference be;
  Norm<double> norm(40, 3);
  norm.forward(be);
  double mean = 0, square = 0;
  for (Index n = 0; n < 40; ++n) mean += norm.x(n, 1) / 40;
  for (Index n = 0; n < 40; ++n) square += math::square(norm.x(n, 1) - mean) / 39;
  for (int i = 0; i < 400; ++i) move_running(be, norm.stats.view(), 40, 1e-5, 0.1, norm.running_mean.view(), norm.running_var.view());
  CHECK(norm.running_mean(1) == doctest::Approx(mean).epsilon(1e-12));
  CHECK(norm.running_var(1) == doctest::Approx(square).epsilon(1e-12));
}

TEST_CASE("one row has no variance, and that is said") {
  Reference be;
  Norm<float> norm(1, 4);
  CHECK_THROWS_WITH_AS(norm.forward(be), "batch norm: 1 row; the variance of a column needs at least two", error);
}

TEST_CASE_TEMPLATE_DEFINE("fixture batch norm", Target, fixture_norm) {
  using T = typename Target::Type;
  using S = Accum<T>;
  auto const cases = {"batch_norm_train", "batch_norm_train_noaffine", "batch_norm_eval"};
  each_fixture_case<Target>("ops.safetensors", cases, [](auto& be, auto const& c) {
    Norm<T> norm(c.extent("in/x", 0), c.extent("in/x", 1), c.name != "batch_norm_train_noaffine");
    bool const of_batch = c.name != "batch_norm_eval";
    norm.eps = c.number("attr/eps");
    auto const into = [&](char const* tensor, auto& to) {
      auto const from = c(tensor);
      copy(be, from.view(), to.view().flat());
    };
    into("in/x", norm.x), into("cot/y", norm.dy), into("in/running_mean", norm.running_mean), into("in/running_var", norm.running_var);
    if (norm.affine) into("param/weight", norm.gain), into("param/bias", norm.shift);
    if (of_batch) {
      norm.forward(be);
      move_running(be, norm.stats.view(), norm.N, norm.eps, c.number("attr/momentum"), norm.running_mean.view(), norm.running_var.view());
      c.same("out/running_mean", norm.running_mean.view()), c.same("out/running_var", norm.running_var.view());
    } else {
      fixed_stats(be, View<const S, 1>(norm.running_mean.view()), norm.running_var.view(), norm.eps, norm.stats.view());
      normalise_columns(be, norm.x, norm.gain.view(), norm.shift.view(), norm.y.view(), norm.stats);
    }
    norm.backward(be, of_batch);
    c.same("out/y", norm.y.view()), c.same("grad/x", norm.dx.view());
    if (norm.affine) c.same("grad/weight", norm.dgain.view()), c.same("grad/bias", norm.dshift.view());
  });
}
TEST_CASE_TEMPLATE_APPLY(fixture_norm, WideTargets);
