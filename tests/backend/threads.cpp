// The same bits for 1, 2 and 3 threads: of every verb, of products whose sums are long, and of whole training steps.
// needs: openmp
#include <afire/ssl/masking.hpp>
#include <afire/train/trainer.hpp>
#include <doctest/doctest.h>

#include <array>

#include "tests/support/backends.hpp"
#include "tests/support/every_verb.hpp"
#include "tests/support/small_afire.hpp"

using namespace afire;
using namespace afire_test;

namespace {

template <class S>
bool same_bits(View<S, 1> a, std::vector<S> const& b) {
  return a.size() == static_cast<Index>(b.size()) && std::memcmp(a.data, b.data(), b.size() * sizeof(S)) == 0;
}

}  // namespace

TEST_CASE_TEMPLATE_DEFINE("verbs give the same bits for any number of threads", Target, verbs) {
  using T = typename Target::Type;
  typename Target::Backend one{.threads = 1};
  auto const want = every_verb<T>(one);
  for (int const threads : {2, 3}) {
    typename Target::Backend be{.threads = threads};
    auto const got = every_verb<T>(be);
    for (std::size_t i = 0; i < want.size(); ++i) {
      bool const same = got[i].values == want[i].values;
      CHECK_MESSAGE(same, got[i].verb, " with ", threads, " threads");
    }
  }
}
TEST_CASE_TEMPLATE_APPLY(verbs, Targets);

TEST_CASE_TEMPLATE_DEFINE("products with long sums give the same bits for any number of threads", Target, sums) {
  using T = typename Target::Type;
  using S = Accum<T>;
  using Sizes3 = std::array<Index, 3>;
  for (auto [M, K, N] :
       {Sizes3{8, 500, 8}, {16, 1000, 24}, {24, 4096, 96}, {24, 6304, 20}, {96, 9000, 40}, {1, 5000, 1}, {300, 700, 200}}) {
    auto const a = random_tensor<T, 2>(1, K, M), b = random_tensor<T, 2>(2, K, N);
    auto const start = random_tensor<S, 2>(3, M, N);
    std::vector<S> want;
    for (int const threads : {1, 2, 3}) {
      typename Target::Backend be{.threads = threads};
      Tensor<S, 2> c(M, N);
      copy(be, start.view().flat(), c.view().flat());
      gemm(be, transposed(matrix(a.view())), matrix(b.view()), matrix(c.view()), GemmOf<T>{.add = true});
      if (threads == 1) want.assign(c.begin(), c.end());
      CHECK_MESSAGE(same_bits(c.view().flat(), want), "(", M, ", ", K, ") x (", K, ", ", N, ") with ", threads, " threads");
    }
  }
}
TEST_CASE_TEMPLATE_APPLY(sums, Targets);

TEST_CASE_TEMPLATE_DEFINE("training steps give the same bits for any number of threads", Target, steps) {
  using T = typename Target::Type;
  using S = Accum<T>;
  std::vector<S> want;
  double want_loss = 0;
  for (int const threads : {1, 2, 3}) {
    typename Target::Backend be{.threads = threads};
    Trainer trainer{be, Compute<T>{}, small_vit, small_head, small_decoder, Clean{}, Teacher<Ema>{}, afire_objective(),
                    AdamW{.lr = 1e-3}, TrainOptions{.batch = 5, .freeze_epochs = 0, .scale_lr = false}};
    trainer.schedule(4, 1);
    double loss = 0;
    for (std::uint64_t step = 0; step < 3; ++step) {
      SmallBatch const films(small_vit, 5, step);
      auto micro = films.micro();
      loss = trainer.step(std::span(&micro, 1))["loss"];
    }
    auto const values = trainer.method().student_store().values();
    if (threads == 1) want.assign(values.begin(), values.end()), want_loss = loss;
    CHECK_MESSAGE(same_bits(values, want), "with ", threads, " threads");
    CHECK(loss == want_loss);
  }
}
TEST_CASE_TEMPLATE_APPLY(steps, Targets);
