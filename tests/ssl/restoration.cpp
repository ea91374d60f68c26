// The error of the restored film: its value, its gradient and the patches it counts.
#include <afire/ssl/restoration.hpp>
#include <afire/testing/gradcheck.hpp>
#include <doctest/doctest.h>

#include <afire/backend/reference.hpp>
#include <afire/nn/embed.hpp>

#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

template <class T, class Where>
struct Bench {
  Reference be{.threads = 1};
  Restoration<Where> objective;                            // Weighted: five to one
  Index const B = 2, P = 4, grid = 2, L = 4, channels;
  Tensor<double, 4> film;
  Tensor<T, 3> patches, d_patches;
  Tensor<unsigned char, 2> lesion{B, L};
  Tensor<Accum<T>, 1> losses{B * L};

  explicit Bench(Index channels_)
      : channels(channels_), film(random_tensor<double, 4>(1, B, channels_, P * grid, P * grid)),
        patches(random_tensor<T, 3>(2, B, 1 + L, P * P * channels_)), d_patches(B, 1 + L, P * P * channels_) {
    lesion(0, 1) = lesion(1, 0) = lesion(1, 3) = 1;
  }
  Micro<ImagePixels<double>> micro() const {
    return {{film.view()}, {film.view()}, lesion.view(), P, channels, grid, B, B * L - 3, 3};
  }
  double counts(Index b, Index j) const { return lesion(b, j) ? objective.where.lesion : objective.where.elsewhere; }
  double operator()(View<T, 3> gradient, double weight = 1) {
    typename Restoration<Where>::template State<T> state{losses.view()};
    Terms terms;
    double const loss = objective.evaluate(be, state, Outputs<T>{{}, patches, {}, gradient}, micro(), terms, weight);
    CHECK(terms.at("restoration") * weight == doctest::Approx(loss));
    return loss;
  }
};

}  // namespace

TEST_CASE_TEMPLATE("the value is the mean square over the patches, each as it counts", Where, Everywhere, Lesions, Weighted) {
  for (Index const channels : {1, 3}) {
    Bench<double, Where> b(channels);
    double want = 0, count = 0;
    for (Index film = 0; film < 2; ++film)
      for (Index y = 0; y < 8; ++y)
        for (Index x = 0; x < 8; ++x)
          for (Index c = 0; c < channels; ++c) {
            Index const j = y / 4 * 2 + x / 4;
            double const d = b.patches(film, 1 + j, (y % 4 * 4 + x % 4) * channels + c) - b.film(film, c, y, x);
            want += b.counts(film, j) * d * d, count += b.counts(film, j);
          }
    CHECK(b(b.d_patches.view()) == doctest::Approx(want / count).epsilon(1e-12));
  }
}

TEST_CASE_TEMPLATE("its gradient is that of its value and is added; the class token's row gets none", Where, Everywhere, Lesions,
                   Weighted) {
  for (Index const channels : {1, 3}) {
    Bench<double, Where> b(channels);
    Tensor<double, 3> ignored(2, 5, 16 * channels);
    GradCheck check;
    check.parameter("patches", b.patches.view().flat(), b.d_patches.view().flat());
    auto const r = check([&] { return b(ignored.view(), 0.5); }, [&] { b(b.d_patches.view(), 0.5); });
    CHECK_MESSAGE(r.worst < 1e-9, r.text());
    Tensor<double, 3> fresh(2, 5, 16 * channels);
    b(fresh.view());
    for (Index film = 0; film < 2; ++film)
      for (Index j = 0; j < 5; ++j)
        for (Index i = 0; i < 16 * channels; ++i)
          CHECK((fresh(film, j, i) != 0) == (j > 0 && b.counts(film, j - 1) > 0));
  }
}

TEST_CASE("weights of one and of lesions alone are the two others, to the bit; only their ratio matters") {
  Bench<float, Everywhere> everywhere(3);
  Bench<float, Lesions> lesions(3);
  Bench<float, Weighted> weighted(3), halves(3);
  auto const same = [&](auto& other, Weighted where) {
    weighted.objective.where = where;
    for (auto* d : {&weighted.d_patches, &other.d_patches}) std::fill(d->begin(), d->end(), 0.0f);
    CHECK(weighted(weighted.d_patches.view()) == other(other.d_patches.view()));
    CHECK(std::equal(weighted.d_patches.begin(), weighted.d_patches.end(), other.d_patches.begin()));
  };
  same(everywhere, {.lesion = 1, .elsewhere = 1}), same(lesions, {.lesion = 1, .elsewhere = 0});
  halves.objective.where = {.lesion = 4, .elsewhere = 0.5};
  same(halves, {.lesion = 8, .elsewhere = 1});
}

TEST_CASE("a perfect film has no error; nothing to restore has neither error nor gradient") {
  Bench<float, Everywhere> b(1);
  for (Index film = 0; film < 2; ++film)
    for (Index y = 0; y < 8; ++y)
      for (Index x = 0; x < 8; ++x) {
        float const v = static_cast<float>(b.film(film, 0, y, x));
        b.film(film, 0, y, x) = static_cast<double>(v);
        b.patches(film, 1 + y / 4 * 2 + x / 4, y % 4 * 4 + x % 4) = v;
      }
  CHECK(b(b.d_patches.view()) == 0);

  Bench<float, Lesions> none(1);
  Restoration<Lesions>::State<float> state{none.losses.view()};
  auto micro = none.micro();
  for (unsigned char& l : none.lesion) l = 0;
  micro.normal += micro.lesions, micro.lesions = 0;
  Terms terms;
  CHECK(none.objective.evaluate(none.be, state, Outputs<float>{{}, none.patches, {}, none.d_patches}, micro, terms) == 0);
  for (float const d : none.d_patches) CHECK(d == 0);
}

namespace {

// One objective on made-up films: value, gradient by differences, and the patches to answer with.
template <class O>
struct Kind {
  Reference be{.threads = 1};
  O objective;
  Tensor<double, 4> film = random_tensor<double, 4>(1, 2, 3, 8, 8);
  Tensor<double, 3> patches = random_tensor<double, 3>(2, 2, 5, 48), d_patches{2, 5, 48};
  Tensor<unsigned char, 2> lesion{2, 4};
  Tensor<double, 1> losses{8};

  double operator()() {
    typename O::template State<double> state{losses.view()};
    Micro<ImagePixels<double>> micro{{film.view()}, {film.view()}, lesion.view()};
    micro.patch = 4, micro.channels = 3, micro.grid = 2, micro.films = 2, micro.normal = 8;
    Terms terms;
    return objective.evaluate(be, state, Outputs<double>{{}, patches, {}, d_patches}, micro, terms);
  }
};

}  // namespace

TEST_CASE_TEMPLATE("gradient of every distance and of normalised targets", O, Restoration<Everywhere, Absolute>,
                   Restoration<Everywhere, SmoothL1>, Restoration<Everywhere, Huber>, Restoration<Everywhere, Squared, PatchNormalised>,
                   Restoration<Everywhere, Huber, PatchNormalised>, Restoration<Weighted, Absolute, PatchNormalised>) {
  Kind<O> kind;
  Tensor<double, 3> ignored(2, 5, 48);
  GradCheck check;
  check.parameter("patches", kind.patches.view().flat(), kind.d_patches.view().flat());
  auto const r = check(
      [&] {
        std::swap(kind.d_patches, ignored);
        double const loss = kind();
        std::swap(kind.d_patches, ignored);
        return loss;
      },
      [&] { kind(); });
  CHECK_MESSAGE(r.worst < 1e-9, r.text());
}

TEST_CASE("distances meet: smooth L1 is a square nearby and a line far away, Huber is delta times it") {
  for (double const d : {-3.0, -0.3, 0.0, 0.2, 0.5, 2.0}) {
    CHECK(SmoothL1{0.5}.value(d) == doctest::Approx(std::fabs(d) < 0.5 ? d * d : std::fabs(d) - 0.25));
    CHECK(Huber{0.5}.value(d) == doctest::Approx(0.5 * SmoothL1{0.5}.value(d)));
    CHECK(Absolute{}.value(d) == std::fabs(d));
    CHECK(Absolute{}.slope(d) == (d > 0) - (d < 0));
  }
}

TEST_CASE("a normalised target does not see a patch's brightness and contrast, and is reached") {
  Kind<Restoration<Everywhere, Squared, PatchNormalised>> kind;
  double const before = kind();
  for (Index b = 0; b < 2; ++b)
    for (Index c = 0; c < 3; ++c)
      for (Index y = 0; y < 8; ++y)
        for (Index x = 0; x < 8; ++x) kind.film(b, c, y, x) = 100 * kind.film(b, c, y, x) + 7 * static_cast<double>(y / 4 + x / 4);
  CHECK(kind() == doctest::Approx(before).epsilon(1e-5));
  for (Index b = 0; b < 2; ++b)
    for (Index j = 0; j < 4; ++j) {
      auto const pixel = [&](Index i) { return kind.film(b, i % 3, j / 2 * 4 + i / 3 / 4, j % 2 * 4 + i / 3 % 4); };
      double mean = 0, square = 0;
      for (Index i = 0; i < 48; ++i) mean += pixel(i) / 48;
      for (Index i = 0; i < 48; ++i) square += (pixel(i) - mean) * (pixel(i) - mean) / 47;
      for (Index i = 0; i < 48; ++i) kind.patches(b, 1 + j, i) = (pixel(i) - mean) / std::sqrt(square + 1e-6);
    }
  CHECK(kind() < 1e-20);
}
