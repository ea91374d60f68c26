// Whole methods that recompute their blocks: with drop path, layer scale and several micro-batches the gradients have the bits of those
// that keep everything, with one thread and with two; and a plan of AFiRe shows what is saved.
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/method.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

#include "tests/support/backends.hpp"
#include "tests/support/small_afire.hpp"

using namespace afire;
using namespace afire_test;

namespace {

struct Chosen {                            // one type for both, so that both are the same code
  bool recompute = false;
};
static_assert(Checkpointing<Chosen> && Checkpointing<KeepActivations> && Checkpointing<RecomputeBlocks> && !Checkpointing<int>);

template <class T, class TeacherKind = Teacher<Ema>>
using AnyMethod = Method<T, PerPositionHead, TransformerDecoder, decltype(afire_objective()), InPixels, TeacherKind, Chosen>;

template <class M, class B>
auto made(B& be, ViTConfig const& vit, Index batch, bool recompute) {
  TransformerDecoder decoder = small_decoder;
  decoder.depth = 2;
  auto method = std::make_unique<M>(be, typename M::Config{.vit = vit, .head = small_head, .decoder = decoder,
                                                           .objective = afire_objective(), .checkpointing = {recompute}},
                                    batch);
  randomise(be, method->student_store(), 1, 0.2);
  if (method->teacher_store().size() > 0) randomise(be, method->teacher_store(), 2, 0.2);
  return method;
}

ViTConfig with_everything() {
  ViTConfig vit = small_vit;
  vit.depth = 3, vit.registers = 2, vit.layer_scale = 0.5, vit.learned_positions = true, vit.drop_path = 0.5;
  return vit;
}

template <class M, class B>
std::vector<double> learnt(B& be, ViTConfig const& vit, bool recompute) {
  auto const method = made<M>(be, vit, 2, recompute);
  SmallBatch const films(vit, 4, 1);
  std::vector micros = {films.micro(0, 2), films.micro(2, 2)};
  std::vector<double> all;
  for (Index step = 0; step < 2; ++step) {
    all.push_back(method->gradients(be, std::span(micros), Moment{.step = step, .seed = 5}).at("loss"));
    all.push_back(method->losses(be, std::span(micros)).at("loss"));
  }
  for (auto const& v : method->student_store().gradients()) all.push_back(static_cast<double>(v));
  return all;
}

}  // namespace

TEST_CASE_TEMPLATE_DEFINE("a method that recomputes has the gradients of one that keeps", Target, same) {
  using T = typename Target::Type;
  typename Target::Backend be;
  be.threads = 1;
  auto const kept = learnt<AnyMethod<T>>(be, with_everything(), false);
  CHECK(std::all_of(kept.begin(), kept.end(), [](double v) { return std::isfinite(v); }));
  CHECK(learnt<AnyMethod<T>>(be, with_everything(), true) == kept);
  be.threads = 2;
  CHECK(learnt<AnyMethod<T>>(be, with_everything(), true) == kept);
}
TEST_CASE_TEMPLATE_APPLY(same, Targets);

TEST_CASE("a student that is its own teacher recomputes too") {
  Reference be{.threads = 1};
  using M = AnyMethod<double, Teacher<StopGrad>>;
  CHECK(learnt<M>(be, with_everything(), true) == learnt<M>(be, with_everything(), false));
}

TEST_CASE("what recomputing saves in a method: encoder and decoder keep a fraction, the rest is as it was") {
  Reference be{.threads = 1};
  ViTConfig vit = small_vit;
  vit.depth = 6;
  auto const plain = made<AnyMethod<float>>(be, vit, 4, false), again = made<AnyMethod<float>>(be, vit, 4, true);
  auto const &before = plain->arena().parts(), &after = again->arena().parts();
  REQUIRE(before.size() == after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    bool const has_blocks = before[i].name == "encoder" || before[i].name == "decoder";
    if (has_blocks) CHECK(2 * after[i].bytes < before[i].bytes);
    else CHECK(after[i].bytes == before[i].bytes);
  }
  CHECK(again->arena().bytes() < plain->arena().bytes());
}
