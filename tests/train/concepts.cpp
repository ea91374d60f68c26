// What the library ships keeps the contracts that it asks of others. What does not keep them: tests/fail.
#include <afire/data/films.hpp>
#include <afire/data/loader.hpp>
#include <afire/data/phantom.hpp>
#include <afire/nn/block.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/trainer.hpp>
#include <doctest/doctest.h>

#include <afire/data/views.hpp>
#include <afire/nn/concepts.hpp>
#include <afire/nn/linear_decoder.hpp>
#include <afire/nn/mlp_head.hpp>
#include <afire/nn/plain_head.hpp>
#include <afire/ssl/masked_tokens.hpp>
#include <afire/ssl/queue_agreement.hpp>
#include <afire/ssl/sinkhorn_queue.hpp>

#include "tests/support/backends.hpp"

using namespace afire;

namespace {

template <class B, class T>
constexpr bool keeps() {
  using Contrast = TokenContrast<Sinkhorn>;
  using Both = Sum<Contrast, Scaled<Restoration<Lesions>>>;
  return Backend<B> && Module<Block<T>, T, B> && Module<Attention<T>, T, B> && Objective<Contrast, B, T> && Objective<Both, B, T> &&
         Objective<QueueAgreement, B, T> && Objective<MaskedTokens<SinkhornQueue>, B, T> && Assignment<Sinkhorn, B, Accum<T>> &&
         Assignment<Softmax, B, Accum<T>> && Assignment<Centred, B, Accum<T>> && !Assignment<CentreSharpen, B, Accum<T>> &&
         StatefulAssignment<CentreSharpen, B, Accum<T>> && StatefulAssignment<Centred, B, Accum<T>> && ScoringHead<SharedHead, B, T> &&
         ScoringHead<PerPositionHead, B, T> && ScoringHead<MlpHead, B, T> && ScoringHead<PredictedHead, B, T> &&
         ScoringHead<PlainPositionHead, B, T> && RestorationHead<TransformerDecoder, B, T> && RestorationHead<LinearDecoder, B, T>;
}

}  // namespace

TEST_CASE_TEMPLATE_DEFINE("parts of the library are what they ask of others", Target, own_parts) {
  static_assert(keeps<typename Target::Backend, typename Target::Type>());
  CHECK(keeps<typename Target::Backend, typename Target::Type>());
}
TEST_CASE_TEMPLATE_APPLY(own_parts, afire_test::Targets);

TEST_CASE("sources, maskings, teachers and rules of the library are what they ask of others") {
  static_assert(DataSource<Films>);
  static_assert(DataSource<PhantomFilms>);
  static_assert(Masking<SyntheticLesion>);
  static_assert(Masking<Clean>);
  static_assert(Masking<TwoCrops>);
  static_assert(Masking<MaskedViews<MultiCrop, SyntheticLesion>>);
  static_assert(TeacherLike<Teacher<Ema>>);
  static_assert(TeacherLike<Teacher<StopGrad>>);
  static_assert(TeacherLike<NoTeacher>);
  static_assert(UpdateRule<AdamW>);
  static_assert(UpdateRule<Sgd>);
  static_assert(UpdateRule<Lars>);
  static_assert(!UpdateRule<Ema>);
  static_assert(!TeacherLike<Ema>);
  static_assert(!DataSource<Film>);
  CHECK(DataSource<Films>);
}
