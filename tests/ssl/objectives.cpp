// Every objective in a whole method: its gradient through head, encoder and decoder against differences, with what it remembers of the step
// before; and what each must see or not see.
#include <afire/nn/mlp_head.hpp>
#include <afire/nn/plain_head.hpp>
#include <afire/ssl/cross_views.hpp>
#include <afire/ssl/dense_objective.hpp>
#include <afire/ssl/info_nce.hpp>
#include <afire/ssl/masked_tokens.hpp>
#include <afire/ssl/negative_cosine.hpp>
#include <afire/ssl/position_objective.hpp>
#include <afire/ssl/queue_agreement.hpp>
#include <afire/ssl/sinkhorn_queue.hpp>
#include <afire/ssl/vicreg.hpp>
#include <afire/ssl/view_agreement.hpp>
#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "tests/support/made_method.hpp"
#include "tests/support/memory.hpp"

using namespace afire;
using namespace afire_test;

namespace {

constexpr Views two{2, 2};
constexpr Index L = small_vit.tokens();
constexpr SharedHead assigns{.hidden = 20, .out = 12, .prototypes = 10};
constexpr MlpHead embeds{.layers = 2, .hidden = 20, .out = 12};
constexpr MlpHead embeds_alone{.layers = 2, .hidden = 20, .out = 12, .norm = HiddenNorm::none};
PredictedHead const predicts{{.layers = 2, .hidden = 20, .out = 12}, {.layers = 2, .hidden = 20}};

// Two views of three films, with a teacher of its own.
template <class Head, class Objective, class Sight = InPixels>
void holds(Head head, Objective objective, Sight sight = {}) {
  Made<double, Head, NoDecoder, Objective, Sight, Teacher<Ema>> m(head, {}, objective, sight, {}, two, 3);
  gradient_holds(m.method, 6);
}

// An objective and scores of two views of three films, as a method hands them over.
template <class Objective>
struct Asked {
  Reference be{.threads = 1};
  Objective objective;
  Index images = 6;                                      // of the step
  Tensor<double, 2> s = random_tensor<double, 2>(1, 6, 10), k = random_tensor<double, 2>(2, 6, 10), ds{6, 10};
  Tensor<unsigned char, 2> map{6, L};
  Planned<typename Objective::template State<double>> run;

  explicit Asked(Objective o) : objective(o), run(planned([&](Arena& a) { return o.template plan<double>(a, {6, L, 10, two, 16}); })) {
    start_objective(objective, be, run.saved);
  }
  Outputs<double> outputs() {
    Outputs<double> out{};
    out.class_scores = s, out.d_class_scores = ds, out.teacher_class_scores = k, out.views = two;
    return out;
  }
  double operator()() {
    Micro<ImagePixels<float>> micro{{}, {}, map.view()};
    micro.films = images, micro.normal = images * L;
    Terms terms;
    fill(be, ds.view().flat(), 0);
    return objective.evaluate(be, run.saved, outputs(), micro, terms);
  }
  void remember() {
    objective.remember(be, run.saved, outputs());
    objective.conclude(be, run.saved, Moment{});
  }
};

}  // namespace

TEST_CASE("gradients: an image's scores to targets of another view, by every assignment") {
  SUBCASE("centred and sharpened") { holds(assigns, CrossViews{CentreSharpen{.temperature = 0.1}}); }
  SUBCASE("balanced") { holds(assigns, CrossViews{Sinkhorn{}}); }
  SUBCASE("balanced with those before") { holds(assigns, CrossViews{SinkhornQueue{.length = 6}}); }
  SUBCASE("not balanced") { holds(assigns, CrossViews{Softmax{}}); }
}

TEST_CASE("gradients: patches to the teacher's targets, masked ones or all") {
  for (bool const all : {false, true}) {
    holds(assigns, MaskedTokens<CentreSharpen>{.assignment = {.temperature = 0.1}, .all = all}, AsMaskTokens{});
    holds(assigns, MaskedTokens<SinkhornQueue>{.assignment = {.length = 6 * L}, .all = all}, AsMaskTokens{});
  }
}

TEST_CASE("gradients: two views agree, among themselves and with a teacher's keys, in the batch and in a queue") {
  SUBCASE("VICReg") { holds(embeds_alone, ViewAgreement{VicReg{}}); }
  SUBCASE("MoCo v3") { holds(predicts, TeacherAgreement{moco_v3_contrast()}); }
  SUBCASE("BYOL") { holds(predicts, TeacherAgreement{byol_cosine}); }
  SUBCASE("MoCo") { holds(embeds, QueueAgreement{.length = 5}); }
  SUBCASE("DenseCL") { holds(embeds_alone, DenseObjective{.lambda = 0.3, .length = 5}); }
}

TEST_CASE("gradients: tokens to the centre of their position, and to prototypes through a plain map for each position") {
  Made<double, MlpHead, NoDecoder, PositionInfoNce, InPixels, Teacher<Ema>> positions(embeds_alone, {}, {}, {}, {}, {}, 3);
  gradient_holds(positions.method, 3);
  PlainPositionHead const plain{.mlp = {.layers = 2, .hidden = 20, .out = 12, .norm = HiddenNorm::none}, .prototypes = 10};
  for (Tokens const which : {Tokens::normal, Tokens::lesion, Tokens::all}) {
    TokenContrast<Sinkhorn> const objective{.tokens = which};
    Made<double, PlainPositionHead, NoDecoder, TokenContrast<Sinkhorn>, InPixels, Teacher<Ema>> m(plain, {}, objective, {}, {}, {}, 3);
    gradient_holds(m.method, 3);
  }
}

TEST_CASE("gradients: a film that is restored finer than it is seen, whose lesions count more") {
  ViTConfig vit = small_vit;
  vit.coarser = 2;
  using Objective = Restoration<Weighted>;
  Made<double, NoHead, TransformerDecoder, Objective> m({}, small_decoder, {}, {}, {}, {}, 2, {0, 1}, vit);
  gradient_holds(m.method, 2);
  CHECK(m.method.student_store().find("encoder.patch_embed.proj.weight")->shape == std::vector<Index>{16, 1, 4, 4});
  CHECK(m.method.patches().extent[2] == 8 * 8);
}

TEST_CASE("targets from one's own scores are constants: the gradient is that of a teacher who says the same") {
  Asked own(CrossViews{Sinkhorn{}, OwnScores{}});
  Asked taught(CrossViews{Sinkhorn{}, TeacherScores{}});
  // Both views are the same: then all rows may be assigned at once or each view's apart.
  copy(own.be, own.s.view().slice(0, 3).flat(), own.s.view().slice(3, 3).flat());
  copy(own.be, own.s.view().flat(), taught.s.view().flat()), copy(own.be, own.s.view().flat(), taught.k.view().flat());
  CHECK(own() == doctest::Approx(taught()).epsilon(1e-12));
  for (Index i = 0; i < own.ds.size(); ++i) CHECK(own.ds.data()[i] == doctest::Approx(taught.ds.data()[i]).epsilon(1e-9));
}

TEST_CASE("a queue starts empty, whatever its memory held, and holds the keys of the steps before") {
  Asked moco(QueueAgreement{.contrast = {.temperature = 0.3}, .length = 4});
  CHECK(std::fabs(moco()) < 1e-14);                      // each query has its own key alone
  for (double const d : moco.ds) CHECK(std::fabs(d) < 1e-14);
  moco.remember();
  auto const unit = [&](Tensor<double, 2> const& x, Index n) {
    std::vector<double> z(x.data() + n * 10, x.data() + (n + 1) * 10);
    double const length = std::sqrt(std::inner_product(z.begin(), z.end(), z.begin(), 0.0));
    for (double& v : z) v /= length;
    return z;
  };
  auto const e = [](std::vector<double> const& a, std::vector<double> const& b) {
    return std::exp(std::inner_product(a.begin(), a.end(), b.begin(), 0.0) / 0.3);
  };
  double want = 0;
  for (Index n = 0; n < 3; ++n) {                        // queries of view 0, keys of view 1, which are all that the queue has
    double const right = e(unit(moco.s, n), unit(moco.k, 3 + n));
    double sum = right;
    for (Index m = 0; m < 3; ++m) sum += e(unit(moco.s, n), unit(moco.k, 3 + m));
    want += std::log(sum / right) / 3;
  }
  CHECK(moco() == doctest::Approx(want).epsilon(1e-12));
  for (Index n = 3; n < 6; ++n)
    for (Index c = 0; c < 10; ++c) CHECK(moco.ds(n, c) == 0);
  double const slope = moco.ds(1, 2);
  moco.images = 12;                                      // half of a step: half of its mean
  CHECK(moco() == doctest::Approx(want / 2).epsilon(1e-12));
  CHECK(moco.ds(1, 2) == doctest::Approx(slope / 2).epsilon(1e-12));

  Asked swav(CrossViews{SinkhornQueue{.length = 6}});
  Asked plain(CrossViews{Sinkhorn{}});
  CHECK(swav() == plain());                              // not full yet
  swav.remember();
  for (double& x : swav.k) x *= -1;
  for (double& x : plain.k) x *= -1;
  CHECK(std::fabs(swav() - plain()) > 1e-6);
}

TEST_CASE("patches count where they are masked, or all of them: the means of both, written out") {
  using Objective = MaskedTokens<Softmax>;
  Made<double, SharedHead, NoDecoder, Objective, AsMaskTokens, Teacher<Ema>> some(assigns, {}, {}, {}, {}, two, 3);
  Made<double, SharedHead, NoDecoder, Objective, AsMaskTokens, Teacher<Ema>> every(assigns, {}, {.all = true}, {}, {}, two, 3);
  ViewBatch films(6, 3);
  for (Index j = 0; j < L; ++j) films.map(4, j) = 0;     // nothing is masked in one image
  std::vector micros = {films.micro()};
  double const masked = some.method.losses(one_thread, std::span(micros)).at("loss");
  double const all = every.method.losses(one_thread, std::span(micros)).at("loss");
  auto const s = some.method.scores();
  Tensor<double, 3> const scores = [&] {
    Tensor<double, 3> x(s.extent[0], s.extent[1], s.extent[2]);
    std::copy_n(s.data, s.size(), x.data());
    return x;
  }();
  some.method.run_teacher(one_thread, micros[0].clean);
  auto const t = some.method.teacher_scores();
  double of_masked = 0, of_all = 0;
  for (Index b = 0; b < 6; ++b) {
    double image = 0, count = 0;
    for (Index j = 0; j < L; ++j) {
      double top = 0, sum = 0, expected = 0;
      for (Index c = 0; c < 10; ++c) top += std::exp(t(b, j, c) / 0.05), sum += std::exp(scores(b, j, c) / 0.1);
      for (Index c = 0; c < 10; ++c) expected += std::exp(t(b, j, c) / 0.05) / top * scores(b, j, c) / 0.1;
      double const loss = std::log(sum) - expected;
      of_all += loss / static_cast<double>(6 * L);
      if (films.map(b, j)) image += loss, ++count;
    }
    if (count > 0) of_masked += image / count / 6;
  }
  CHECK(masked == doctest::Approx(of_masked).epsilon(1e-10));
  CHECK(all == doctest::Approx(of_all).epsilon(1e-10));
}
