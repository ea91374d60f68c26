// Where the losses of views begin: a method's first loss is the papers' formula, written out in plain loops over the method's own scores.
// A formula with one thing wrong (temperature, mean, own view among the others, centre) is shown to lie far outside the tolerance.
#include <cmath>
#include <vector>

#include <afire/nn/mlp_head.hpp>
#include <afire/ssl/cross_views.hpp>
#include <afire/ssl/info_nce.hpp>
#include <afire/ssl/method.hpp>
#include <afire/ssl/nt_xent.hpp>
#include <afire/ssl/vicreg.hpp>
#include <afire/ssl/view_agreement.hpp>
#include <doctest/doctest.h>

#include <afire/backend/reference.hpp>

#include "tests/support/small_afire.hpp"

using namespace afire;
using namespace afire_test;

namespace {

Reference be{.threads = 1};
using Rows = std::vector<std::vector<double>>;

struct Begun {
  double loss;
  Rows scores;                             // (V B, K): view v of film b at v B + b
};

// An untrained method on films of noise; the teacher, where there is one, is the student, so that its scores are those returned.
template <class TeacherKind, class Head, class Objective>
Begun begin(Head head, Objective objective, Views views, Index films) {
  Method<double, Head, NoDecoder, Objective, InPixels, TeacherKind> method(
      be, {small_vit, head, {}, objective, {}, {}, views, {0, 1}}, films);
  initialise(be, method.student_store(), 1);
  auto const pixels = random_tensor<float, 4>(3, views.student * films, small_vit.channels, small_vit.image, small_vit.image);
  Tensor<unsigned char, 2> const map(views.student * films, small_vit.tokens());
  std::vector<Micro<ImagePixels<float>>> micros = {{{pixels.view()}, {pixels.view()}, map.view()}};
  Begun begun{method.losses(be, std::span(micros)).at("loss"), {}};
  auto const s = method.class_scores();
  for (Index n = 0; n < s.rows(); ++n) begun.scores.emplace_back(s.row(n).data, s.row(n).data + s.cols());
  return begun;
}

double dot(std::vector<double> const& x, std::vector<double> const& y) {
  double sum = 0;
  for (std::size_t c = 0; c < x.size(); ++c) sum += x[c] * y[c];
  return sum;
}
double cosine(std::vector<double> const& x, std::vector<double> const& y) { return dot(x, y) / std::sqrt(dot(x, x) * dot(y, y)); }

// SimCLR, equation 1: the mean over all 2N views; `own`: a view is among its own negatives, which is wrong.
double nt_xent(Rows const& z, double t, bool own = false) {
  std::size_t const two_n = z.size();
  double loss = 0;
  for (std::size_t i = 0; i < two_n; ++i) {
    double sum = 0;
    for (std::size_t m = 0; m < two_n; ++m)
      if (own || m != i) sum += std::exp(cosine(z[i], z[m]) / t);
    loss += std::log(sum) - cosine(z[i], z[(i + two_n / 2) % two_n]) / t;
  }
  return loss / static_cast<double>(two_n);
}

// MoCo v3, algorithm 1: ctr(q1, k2) + ctr(q2, k1), each times 2 t.
double moco(Rows const& z, double t) {
  std::size_t const N = z.size() / 2;
  double loss = 0;
  for (std::size_t from : {std::size_t{0}, N})
    for (std::size_t n = 0; n < N; ++n) {
      double sum = 0;
      for (std::size_t m = 0; m < N; ++m) sum += std::exp(cosine(z[from + n], z[N - from + m]) / t);
      loss += std::log(sum) - cosine(z[from + n], z[N - from + n]) / t;
    }
  return 2 * t * loss / static_cast<double>(N);
}

// VICReg, equations 1 to 6 with the authors' halves: covariances over N - 1.
double vicreg(Rows const& z, double divisor_less = 1) {
  std::size_t const N = z.size() / 2, C = z[0].size();
  auto const rows = static_cast<double>(N), width = static_cast<double>(C);
  double distance = 0, hinges = 0, covariances = 0;
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t c = 0; c < C; ++c) distance += std::pow(z[n][c] - z[N + n][c], 2) / (rows * width);
  for (std::size_t view : {std::size_t{0}, N}) {
    std::vector<double> mean(C);
    for (std::size_t n = 0; n < N; ++n)
      for (std::size_t c = 0; c < C; ++c) mean[c] += z[view + n][c] / rows;
    for (std::size_t i = 0; i < C; ++i)
      for (std::size_t j = 0; j < C; ++j) {
        double both = 0;
        for (std::size_t n = 0; n < N; ++n) both += (z[view + n][i] - mean[i]) * (z[view + n][j] - mean[j]) / (rows - divisor_less);
        if (i == j) hinges += std::max(0.0, 1 - std::sqrt(both + 1e-4)) / width;
        else covariances += both * both / width;
      }
  }
  return 25 * distance + 25 * hinges / 2 + covariances;
}

std::vector<double> softmax(std::vector<double> s, double t, std::vector<double> const& centre) {
  double sum = 0;
  for (std::size_t k = 0; k < s.size(); ++k) sum += s[k] = std::exp((s[k] - centre[k]) / t);
  for (double& x : s) x /= sum;
  return s;
}

// DINO, algorithm 1 with V views of which G teach.
double dino(Rows const& s, std::size_t V, std::size_t G, double sharp, double t, std::vector<double> const& centre) {
  std::size_t const B = s.size() / V;
  double loss = 0;
  for (std::size_t a = 0; a < G; ++a)
    for (std::size_t b = 0; b < V; ++b)
      for (std::size_t n = 0; n < B && a != b; ++n) {
        auto const target = softmax(s[a * B + n], sharp, centre), said = softmax(s[b * B + n], t, std::vector<double>(centre.size()));
        for (std::size_t k = 0; k < target.size(); ++k) loss -= target[k] * std::log(said[k]);
      }
  return loss / static_cast<double>(G * (V - 1) * B);
}

void is(double value, double theory) { CHECK(value == doctest::Approx(theory).epsilon(1e-9)); }
void is_not(double value, double wrong) { CHECK(std::fabs(value - wrong) > 1e-3 * std::fabs(value)); }

constexpr MlpHead embeds{.layers = 2, .hidden = 20, .out = 12};
constexpr SharedHead assigns{.hidden = 20, .out = 12, .prototypes = 10};

}  // namespace

TEST_CASE("SimCLR begins at NT-Xent of its embeddings, which is ln(2N - 1) where all of them are one") {
  auto const [loss, z] = begin<NoTeacher>(embeds, ViewAgreement{NtXent{.temperature = 0.5}}, {2, 2}, 4);
  is(loss, nt_xent(z, 0.5));
  is_not(loss, nt_xent(z, 0.4));
  is_not(loss, nt_xent(z, 0.5, true));
  is(nt_xent(Rows(8, z[0]), 0.5), std::log(7));
}

TEST_CASE("MoCo v3 begins at its two InfoNCE times 2 t, which is 4 t ln N where all keys are one") {
  auto const [loss, z] = begin<Teacher<StopGrad>>(embeds, TeacherAgreement{moco_v3_contrast(0.2)}, {2, 2}, 4);
  is(loss, moco(z, 0.2));
  is_not(loss, moco(z, 0.25));
  is_not(loss, moco(z, 0.2) / 0.4);
  is(moco(Rows(8, z[0]), 0.2), 4 * 0.2 * std::log(4));
}

TEST_CASE("VICReg begins at its three terms; a collapse costs the whole hinge") {
  auto const [loss, z] = begin<NoTeacher>(embeds, ViewAgreement{VicReg{}}, {2, 2}, 4);
  is(loss, vicreg(z));
  is_not(loss, vicreg(z, 0));
  is(vicreg(Rows(8, z[0])), 25 * 0.99);
}

TEST_CASE("DINO begins at the cross-entropy of every view to the sharpened scores of each other large one") {
  CrossViews const objective{CentreSharpen{.temperature = 0.04}, TeacherScores{}, 0.1};
  std::vector<double> const none(10);
  auto const [loss, s] = begin<Teacher<StopGrad>>(assigns, objective, {3, 2}, 4);
  is(loss, dino(s, 3, 2, 0.04, 0.1, none));
  is_not(loss, dino(s, 3, 2, 0.05, 0.1, none));
  is_not(loss, dino(s, 3, 2, 0.04, 0.11, none));
  is_not(loss, dino(s, 3, 3, 0.04, 0.1, none));
  is_not(loss, dino(s, 3, 2, 0.04, 0.1, s[0]));
}
