// A method owns what its objective needs and nothing else, as its stores and the plan of its memory show; gradients of the rivals' shapes.
#include <afire/data/views.hpp>
#include <afire/nn/linear_decoder.hpp>
#include <afire/ssl/cross_views.hpp>
#include <afire/ssl/hidden.hpp>
#include <afire/ssl/masked_tokens.hpp>
#include <afire/ssl/method.hpp>
#include <afire/ssl/nt_xent.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/ssl/view_agreement.hpp>
#include <doctest/doctest.h>

#include "tests/support/made_method.hpp"

using namespace afire;
using namespace afire_test;

namespace {

constexpr SharedHead shared{.hidden = 20, .out = 12, .prototypes = 10};

}  // namespace

TEST_CASE("no teacher, no decoder, no head: none of their weights, none of their memory") {
  Made<float, NoHead, TransformerDecoder, Scaled<Restoration<Everywhere>>> restores({}, small_decoder, 1.0 * Restoration<Everywhere>{});
  CHECK(restores.method.teacher_store().bytes() == 0);
  CHECK(restores.kept("head") == 0);
  CHECK(restores.kept("decoder") > 0);
  CHECK(!restores.has("head."));

  Made<float, SharedHead, NoDecoder, ViewAgreement<NtXent>> agrees(shared, {}, ViewAgreement{NtXent{}}, {}, {}, {2, 2});
  CHECK(agrees.method.teacher_store().bytes() == 0);
  CHECK(agrees.kept("decoder") == 0);
  CHECK(!agrees.has("decoder."));
  CHECK(!agrees.has("encoder.mask_token"));

  // The student as its own teacher owns no second network.
  using Cross = CrossViews<CentreSharpen, TeacherScores>;
  Made<float, SharedHead, NoDecoder, Cross, InPixels, Teacher<StopGrad>> itself(shared, {}, Cross{}, {}, {}, {2, 2});
  Made<float, SharedHead, NoDecoder, Cross, InPixels, Teacher<Ema>> average(shared, {}, Cross{}, {}, {}, {2, 2});
  CHECK(itself.method.teacher_store().bytes() == 0);
  CHECK(average.method.teacher_store().bytes() > 0);
  CHECK(itself.method.arena().bytes() == average.method.arena().bytes());
}

TEST_CASE("class scores cost a row an image, patch scores one a patch; targets are kept only where films are compared with them") {
  using Cross = CrossViews<CentreSharpen, TeacherScores>;
  Made<float, SharedHead, NoDecoder, Cross, InPixels, Teacher<Ema>> image(shared, {}, Cross{}, {}, {}, {2, 2});
  using Both = Sum<Cross, Scaled<MaskedTokens<CentreSharpen>>>;
  Made<float, SharedHead, NoDecoder, Both, AsMaskTokens, Teacher<Ema>> both(
      shared, {}, Cross{} + 1.0 * MaskedTokens<CentreSharpen>{}, {}, {}, {2, 2});
  CHECK(image.kept("head") * 4 < both.kept("head"));
  CHECK(both.has("encoder.mask_token"));
  CHECK(both.method.teacher_store().find("encoder.mask_token") == nullptr);

  Made<float, PerPositionHead, NoDecoder, TokenContrast<Sinkhorn>, InPixels, Teacher<Ema>> afire(small_head, {}, TokenContrast{});
  Index const L = small_vit.tokens(), K = small_head.prototypes, B = 2;
  Index const sizes[] = {L * K * 4, L * K * 4, L * K * 4, L * 4, K * 4, L * 4, B * L * 4};        // state of the contrast, rounded up
  Index bytes = 0;
  for (Index s : sizes) bytes += (s + 63) / 64 * 64;
  CHECK(afire.kept("objective") == bytes);                 // and no targets of films
}

TEST_CASE("an encoder that patches are left out of plans for those that stay") {
  using Objective = Scaled<Restoration<Lesions>>;
  Made<float, NoHead, TransformerDecoder, Objective> whole({}, small_decoder, 1.0 * Restoration<Lesions>{});
  Made<float, NoHead, TransformerDecoder, Objective, LeftOut> part({}, small_decoder, 1.0 * Restoration<Lesions>{}, LeftOut{3});
  CHECK(part.kept("encoder") < whole.kept("encoder") * 6 / 10);
  CHECK(part.kept("decoder") == whole.kept("decoder"));

  ViewBatch films(2, 1);
  films.map(1, 0) = 1;
  std::vector micros = {films.micro()};
  Made<float, NoHead, TransformerDecoder, Objective, LeftOut> five({}, small_decoder, 1.0 * Restoration<Lesions>{}, LeftOut{5});
  CHECK_THROWS_WITH_AS(five.method.losses(one_thread, std::span(micros)),
                       "method: image 1 of a micro-batch keeps 4 patches, the plan is for 5 of every one", error);
}

TEST_CASE("gradients of the rivals' shapes: views, class and patch scores, mask tokens, patches left out, one linear map") {
  SUBCASE("two views of a student alone") {
    Made<double, SharedHead, NoDecoder, ViewAgreement<NtXent>> m(shared, {}, ViewAgreement{NtXent{}}, {}, {}, {2, 2});
    gradient_holds(m.method, 4);
  }
  SUBCASE("class and masked tokens to a teacher") {
    using Both = Sum<CrossViews<Sinkhorn, TeacherScores>, Scaled<MaskedTokens<Sinkhorn>>>;
    Made<double, SharedHead, NoDecoder, Both, AsMaskTokens, Teacher<Ema>> m(
        shared, {}, CrossViews{Sinkhorn{}, TeacherScores{}} + 0.5 * MaskedTokens<Sinkhorn>{}, {}, {}, {2, 2});
    gradient_holds(m.method, 4);
  }
  SUBCASE("the mean of an image's patches, whose tokens are compared too") {
    using Both = Sum<CrossViews<Sinkhorn, TeacherScores>, Scaled<MaskedTokens<Sinkhorn>>>;
    Made<double, SharedHead, NoDecoder, Both, AsMaskTokens, Teacher<Ema>> m(
        shared, {}, CrossViews{Sinkhorn{}, TeacherScores{}} + 0.5 * MaskedTokens<Sinkhorn>{}, {}, {}, {2, 2}, 2, {1, 9});
    gradient_holds(m.method, 4);
  }
  SUBCASE("three views, two of which teach, and restoration of what was left out") {
    using Both = Sum<CrossViews<Sinkhorn, TeacherScores>, Scaled<Restoration<Lesions>>>;
    Made<double, SharedHead, TransformerDecoder, Both, LeftOut, Teacher<Ema>> m(
        shared, small_decoder, CrossViews{Sinkhorn{}, TeacherScores{}} + 1.0 * Restoration<Lesions>{}, LeftOut{5}, {}, {3, 2}, 1);
    gradient_holds(m.method, 3);
  }
  SUBCASE("mask tokens and a linear decoder") {
    Made<double, NoHead, LinearDecoder, Scaled<Restoration<Lesions>>, AsMaskTokens> m({}, {}, 1.0 * Restoration<Lesions>{});
    gradient_holds(m.method, 2);
  }
}

TEST_CASE("an objective of two views refuses one") {
  CHECK_THROWS_WITH_AS((Made<float, SharedHead, NoDecoder, ViewAgreement<NtXent>>(shared, {}, ViewAgreement{NtXent{}})),
                       "method: the objective compares 2 views of each film, the masking gives 1; use TwoCrops", error);
}
