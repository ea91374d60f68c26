// A whole training step with the lanes of a GPU, run on the CPU: the branches of every row functor of AFiRe are the row's, no worker races
// with another, and the step gives what the reference gives.
#include <afire/ssl/masking.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/trainer.hpp>
#include <doctest/doctest.h>

#include "tests/support/emulated_team.hpp"
#include "tests/support/small_afire.hpp"

using namespace afire;
using namespace afire_test;

namespace {

// Terms of three steps, the weights after them.
template <class B>
std::pair<std::vector<double>, std::vector<double>> trained(B be) {
  using Objective = decltype(afire_objective());
  Trainer<B, double, PerPositionHead, TransformerDecoder, SyntheticLesion, Objective, AdamW> trainer(
      be, Compute<double>{}, small_vit, small_head, small_decoder, SyntheticLesion{}, Teacher<Ema>{}, afire_objective(), AdamW{.lr = 1e-3},
      TrainOptions{.batch = 2, .seed = 5, .scale_lr = false});
  trainer.schedule(4, 2);
  SmallBatch const batch(small_vit, 2, 3);
  std::pair<std::vector<double>, std::vector<double>> all;
  for (int step = 0; step < 3; ++step) {
    auto micro = batch.micro();
    for (auto& t : trainer.step(std::span(&micro, 1))) all.first.push_back(t.value);
  }
  for (double v : trainer.method().student_store().values()) all.second.push_back(v);
  return all;
}

}  // namespace

TEST_CASE_TEMPLATE("three steps on a GPU's lanes are three steps of the reference", Team, EmulatedWarp, EmulatedBlock) {
  auto const want = trained(Reference{.threads = 1});
  auto const got = trained(Emulated<Team>{}), turned = trained(Emulated<Team>{.backwards = true});
  CHECK(got == turned);                    // no order of the workers shows
  REQUIRE(got.first.size() == want.first.size());
  for (std::size_t i = 0; i < want.first.size(); ++i) CHECK(got.first[i] == doctest::Approx(want.first[i]).epsilon(1e-9));
  double worst = 0;
  for (std::size_t i = 0; i < want.second.size(); ++i) worst = std::max(worst, std::fabs(got.second[i] - want.second[i]));
  CHECK(worst < 1e-6);                     // AdamW divides small gradients by small numbers
}
