// The contrast of tokens with their positions' prototypes, by itself: value, gradient, and which tokens it looks at.
#include <afire/ssl/token_contrast.hpp>
#include <afire/testing/gradcheck.hpp>
#include <doctest/doctest.h>

#include <afire/backend/reference.hpp>

#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

struct NoPixels {};

// An objective with its memory, scores and a lesion map.
template <class T>
struct Bench {
  using S = Accum<T>;
  Reference be{.threads = 1};
  TokenContrast<Sinkhorn> objective;
  Index B, L, K;
  Arena arena;
  TokenContrast<Sinkhorn>::State<T> state;
  Tensor<S, 3> scores, d_scores;
  Tensor<unsigned char, 2> lesion;

  Bench(TokenContrast<Sinkhorn> o, Index B_, Index L_, Index K_)
      : objective(o), B(B_), L(L_), K(K_), scores(random_tensor<S, 3>(1, B_, L_, K_)), d_scores(B_, L_, K_), lesion(B_, L_) {
    Arena counting;
    objective.plan<T>(counting, {B, L, K});
    arena = Arena(counting, host_buffer<std::byte>(counting.bytes()));
    state = objective.plan<T>(arena, {B, L, K});
    for (S& s : scores) s = std::tanh(s);
    for (Index i = 0; i < lesion.size(); ++i) lesion.data()[i] = i % 3 == 0;
    see(2);
    objective.settle(be, state, Moment{.epoch = 0, .step = 0, .films = B});
  }
  void see(std::uint64_t seed) {
    auto const teacher = random_tensor<S, 3>(seed, B, L, K);
    objective.observe(be, state, View<const S, 3>(teacher));
  }
  Micro<NoPixels> micro(Index copies = 1) const {
    Micro<NoPixels> m{{}, {}, lesion.view()};
    for (unsigned char const l : lesion) ++(l ? m.lesions : m.normal);
    m.lesions *= copies, m.normal *= copies, m.films = B * copies;
    return m;
  }
  double operator()(double weight = 1, Index copies = 1, Terms* terms = nullptr) {
    Terms own;
    return objective.evaluate(be, state, Outputs<T>{scores, {}, d_scores, {}}, micro(copies), terms ? *terms : own, weight);
  }
};

}  // namespace

TEST_CASE("the value is the mean cross-entropy of the untouched tokens") {
  Bench<double> b({.temperature = 0.3}, 3, 4, 5);
  double want = 0, normal = 0, entropy = 0;
  for (Index film = 0; film < 3; ++film)
    for (Index j = 0; j < 4; ++j) {
      if (b.lesion(film, j)) continue;
      double sum = 0;
      for (Index k = 0; k < 5; ++k) sum += std::exp(b.scores(film, j, k) / 0.3);
      for (Index k = 0; k < 5; ++k) {
        double const t = b.state.targets(j, k);
        want -= t * std::log(std::exp(b.scores(film, j, k) / 0.3) / sum);
        entropy -= t > 0 ? t * std::log(t) : 0;
      }
      ++normal;
    }
  Terms terms;
  CHECK(b(1, 1, &terms) == doctest::Approx(want / normal).epsilon(1e-12));
  CHECK(terms.at("contrast") == doctest::Approx(want / normal).epsilon(1e-12));
  CHECK(terms.at("kl") == doctest::Approx((want - entropy) / normal).epsilon(1e-12));
  CHECK(b(0.25) == doctest::Approx(0.25 * want / normal).epsilon(1e-12));
}

TEST_CASE("its gradient is that of its value, is added, and scales with the weight") {
  for (double const weight : {1.0, 0.5}) {
    Bench<double> b({.temperature = 0.3}, 3, 4, 5);
    Tensor<double, 3> ignored(3, 4, 5);
    GradCheck check;
    check.parameter("scores", b.scores.view().flat(), b.d_scores.view().flat());           // added to, as a parameter's is
    Terms terms;
    Outputs<double> const elsewhere{b.scores, {}, ignored, {}};
    auto const r = check([&] { return b.objective.evaluate(b.be, b.state, elsewhere, b.micro(), terms, weight); }, [&] { b(weight); });
    CHECK_MESSAGE(r.worst < 1e-9, r.text());
  }
}

TEST_CASE_TEMPLATE("changed tokens get no gradient, the others of a token sum to zero", T, double, float, bf16) {
  Bench<T> b({}, 3, 4, 5);
  b();
  for (Index film = 0; film < 3; ++film)
    for (Index j = 0; j < 4; ++j) {
      double sum = 0, most = 0;
      for (Index k = 0; k < 5; ++k) {
        sum += static_cast<double>(b.d_scores(film, j, k));
        most = std::max(most, std::fabs(static_cast<double>(b.d_scores(film, j, k))));
      }
      CHECK((most == 0) == (b.lesion(film, j) == 1));
      CHECK(std::fabs(sum) <= 1e-6 * (most + 1e-30));
    }
}

TEST_CASE("no untouched token: value and gradient are zero") {
  Bench<double> b({}, 2, 3, 4);
  for (unsigned char& l : b.lesion) l = 1;
  CHECK(b() == 0);
  for (double const d : b.d_scores) CHECK(d == 0);
}

TEST_CASE("a batch seen twice as two micro-batches has the same loss and half the gradient each time") {
  Bench<double> b({}, 3, 4, 5);
  double const once = b();
  std::vector<double> const gradient(b.d_scores.begin(), b.d_scores.end());
  fill(b.be, b.d_scores.view().flat(), 0);
  CHECK(b(1, 2) + b(1, 2) == doctest::Approx(once).epsilon(1e-14));
  for (std::size_t i = 0; i < gradient.size(); ++i) CHECK(b.d_scores.data()[i] == doctest::Approx(gradient[i]).epsilon(1e-14));
}

TEST_CASE("scores far apart stay finite in float") {
  Bench<float> b({.temperature = 0.01}, 2, 3, 4);
  for (float& s : b.scores) s *= 1000;
  CHECK(std::isfinite(b()));
  for (float const d : b.d_scores) CHECK(std::isfinite(d));
}
