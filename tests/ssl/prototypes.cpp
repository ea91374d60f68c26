// Prototypes: averages of the teacher's scores over films, moved once a step.
#include <afire/ssl/token_contrast.hpp>
#include <doctest/doctest.h>

#include <afire/backend/reference.hpp>

#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

// The prototypes after each of some steps, the films of a step given in `parts` micro-batches.
std::vector<std::vector<double>> moved(Prototypes rule, Index parts, Index epoch_of_step[], int steps) {
  Reference be{.threads = 1};
  TokenContrast<Sinkhorn> const objective{.prototypes = rule};
  Index const films = 6, L = 3, K = 4;
  Arena counting;
  objective.plan<double>(counting, {films / parts, L, K});
  Arena arena(counting, host_buffer<std::byte>(counting.bytes()));
  auto state = objective.plan<double>(arena, {films / parts, L, K});
  std::vector<std::vector<double>> all;
  for (int step = 0; step < steps; ++step) {
    auto const scores = random_tensor<double, 3>(static_cast<std::uint64_t>(step), films, L, K);
    for (Index p = 0; p < parts; ++p)
      objective.observe(be, state, View<const double, 3>(scores.view().slice(p * films / parts, films / parts)));
    objective.settle(be, state, Moment{.epoch = epoch_of_step[step], .step = step, .films = films});
    all.emplace_back(state.prototypes.begin(), state.prototypes.end());
  }
  return all;
}

std::vector<double> mean_of_step(int step) {
  auto const scores = random_tensor<double, 3>(static_cast<std::uint64_t>(step), 6, 3, 4);
  std::vector<double> mean(12, 0.0);
  for (Index b = 0; b < 6; ++b)
    for (std::size_t i = 0; i < 12; ++i) mean[i] += scores.data()[static_cast<std::size_t>(b) * 12 + i] / 6;
  return mean;
}

}  // namespace

TEST_CASE("released: epoch 0 overwrites, later ones take a quarter of the new mean") {
  Index epochs[] = {0, 0, 1};
  auto const p = moved({.rule = PrototypeRule::released}, 1, epochs, 3);
  auto const second = mean_of_step(1), third = mean_of_step(2);
  for (std::size_t i = 0; i < 12; ++i) {
    CHECK(p[0][i] == doctest::Approx(mean_of_step(0)[i]).epsilon(1e-12));
    CHECK(p[1][i] == doctest::Approx(second[i]).epsilon(1e-12));
    CHECK(p[2][i] == doctest::Approx(0.75 * second[i] + 0.25 * third[i]).epsilon(1e-12));
  }
}

TEST_CASE("corrected: the weights of all steps so far are those of an average, and sum to 1") {
  Prototypes const rule{.momentum = 0.75, .rule = PrototypeRule::bias_corrected};
  Index epochs[] = {0, 0, 0, 0};
  auto const p = moved(rule, 1, epochs, 4);
  double total = 0;
  std::vector<double> want(12, 0.0);
  for (int step = 0; step < 4; ++step) {
    double const w = std::pow(0.75, 3 - step);
    total += w;
    auto const mean = mean_of_step(step);
    for (std::size_t i = 0; i < 12; ++i) want[i] += w * mean[i];
  }
  for (std::size_t i = 0; i < 12; ++i) CHECK(p[3][i] == doctest::Approx(want[i] / total).epsilon(1e-12));
  CHECK(rule.weight(0, 0) == 1);
  CHECK(rule.weight(7, 100000) == doctest::Approx(0.25));
}

TEST_CASE("micro-batches move prototypes as the whole batch does") {
  Index epochs[] = {0, 1, 1};
  for (auto const rule : {PrototypeRule::released, PrototypeRule::bias_corrected}) {
    auto const whole = moved({.rule = rule}, 1, epochs, 3), parts = moved({.rule = rule}, 3, epochs, 3);
    for (std::size_t step = 0; step < 3; ++step)
      for (std::size_t i = 0; i < 12; ++i) CHECK(parts[step][i] == doctest::Approx(whole[step][i]).epsilon(1e-13));
  }
}
