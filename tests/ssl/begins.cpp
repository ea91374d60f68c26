// Where the losses of views begin: a method's first loss is the papers' formula, which examples/variants/plain.cpp writes out in plain
// loops, over the method's own scores, in double. With another temperature the formula lies far outside the tolerance; where all images
// are one, it gives what can be said in a line.
#include <algorithm>
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

#include <examples/variants/plain.hpp>

#include "tests/support/small_afire.hpp"

using namespace afire;
using namespace afire_test;
namespace plain = cli::plain;

namespace {

Reference be{.threads = 1};

struct Begun {
  double loss;
  cli::Said said;
};

// An untrained method on films of noise; the teacher, where there is one, is the student, so that its scores are the student's.
template <class TeacherKind, class Head, class Objective>
Begun begin(Head head, Objective objective, Views views, Index films) {
  Method<double, Head, NoDecoder, Objective, InPixels, TeacherKind> method(
      be, {small_vit, head, {}, objective, {}, {}, views, {0, 1}}, films);
  initialise(be, method.student_store(), 1);
  auto const pixels = random_tensor<float, 4>(3, views.student * films, small_vit.channels, small_vit.image, small_vit.image);
  Tensor<unsigned char, 2> const map(views.student * films, small_vit.tokens());
  std::vector<Micro<ImagePixels<float>>> micros = {{{pixels.view()}, {pixels.view()}, map.view()}};
  double const loss = method.losses(be, std::span(micros)).at("loss");
  auto const s = method.class_scores();
  Begun begun{loss, {.class_scores = Tensor<double, 2>(s.rows(), s.cols()),
                     .teacher_class_scores = Tensor<double, 2>(views.teacher * films, s.cols()), .views = views}};
  std::copy_n(s.data, s.size(), begun.said.class_scores.data());
  std::copy_n(s.data, views.teacher * films * s.cols(), begun.said.teacher_class_scores.data());
  return begun;
}

// The same where every image is the first.
cli::Said collapsed(cli::Said said) {
  for (auto* scores : {&said.class_scores, &said.teacher_class_scores})
    for (Index n = 1; n < scores->extent(0); ++n) std::copy_n(said.class_scores.data(), scores->extent(1), &(*scores)(n, 0));
  return said;
}

void is(double value, double theory) { CHECK(value == doctest::Approx(theory).epsilon(1e-9)); }
void is_not(double value, double wrong) { CHECK(std::fabs(value - wrong) > 1e-3 * std::fabs(value)); }

constexpr MlpHead embeds{.layers = 2, .hidden = 20, .out = 12};
constexpr SharedHead assigns{.hidden = 20, .out = 12, .prototypes = 10};

}  // namespace

TEST_CASE("SimCLR begins at NT-Xent of its embeddings, which is ln(2N - 1) where all of them are one") {
  auto [loss, said] = begin<NoTeacher>(embeds, ViewAgreement{NtXent{.temperature = 0.5}}, {2, 2}, 4);
  is(loss, plain::nt_xent(said, 0.5));
  is_not(loss, plain::nt_xent(said, 0.4));
  is(plain::nt_xent(collapsed(std::move(said)), 0.5), std::log(7));
}

TEST_CASE("MoCo v3 begins at its two InfoNCE times 2 t, which is 4 t ln N where all keys are one") {
  auto [loss, said] = begin<Teacher<StopGrad>>(embeds, TeacherAgreement{moco_v3_contrast(0.2)}, {2, 2}, 4);
  is(loss, 2 * 0.2 * plain::info_nce(said, 0.2));
  is_not(loss, 2 * 0.25 * plain::info_nce(said, 0.25));
  is_not(loss, plain::info_nce(said, 0.2));
  is(plain::info_nce(collapsed(std::move(said)), 0.2), 2 * std::log(4));
}

TEST_CASE("VICReg begins at its three terms; a collapse costs the whole hinge") {
  auto [loss, said] = begin<NoTeacher>(embeds, ViewAgreement{VicReg{}}, {2, 2}, 4);
  is(loss, plain::vicreg(said, 25, 25, 1));
  is_not(loss, plain::vicreg(said, 25, 25, 2));
  is(plain::vicreg(collapsed(std::move(said)), 25, 25, 1), 25 * 0.99);
}

TEST_CASE("DINO begins at the cross-entropy of every view to the sharpened scores of each other large one") {
  CrossViews const objective{CentreSharpen{.temperature = 0.04}, TeacherScores{}, 0.1};
  auto const [loss, said] = begin<Teacher<StopGrad>>(assigns, objective, {3, 2}, 4);
  is(loss, plain::cross_views(said, {0.04}, 0.1, false));
  is_not(loss, plain::cross_views(said, {0.05}, 0.1, false));
  is_not(loss, plain::cross_views(said, {0.04}, 0.11, false));
}
