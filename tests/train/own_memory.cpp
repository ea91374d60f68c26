// A backend with memory of its own: a whole training, its validation and its checkpoints touch that memory through verbs and copies only,
// and verbs touch no film of the host. What a GPU demands, on a CPU.
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/fit.hpp>
#include <doctest/doctest.h>

#include <csignal>
#include <functional>

#include "tests/support/child.hpp"
#include "tests/support/discs.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/message.hpp"
#include "tests/support/small_afire.hpp"
#include "tests/support/temporary.hpp"

using namespace afire;
using namespace afire_test;

namespace {

// Copies ahead are made as late as they may be: a verb that does not await them sees what was there before. (Guarded makes them as early
// as it may: if their room is still computed with, that is seen.)
struct late_tag : guarded_tag {};
struct Late : Guarded {
  using tag = late_tag;
  std::vector<std::function<void()>> ahead = {};
  Index uploads = 0;
};
template <class B>
void upload_ahead_bytes(late_tag, B& be, void const* from, void* to, Index bytes) {
  be.ahead.push_back([&be, from, to, bytes] { upload_bytes(late_tag{}, be, from, to, bytes); });
}
template <class B>
void await_uploads(late_tag, B& be) {
  for (auto& copy : be.ahead) copy(), ++be.uploads;
  be.ahead.clear();
}

template <class B, class T>
struct Run {
  using Objective = decltype(afire_objective());
  B be{};
  Trainer<B, T, PerPositionHead, TransformerDecoder, SyntheticLesion, Objective, AdamW> trainer;

  explicit Run(Index accumulate = 1, SyntheticLesion const& lesion = {}, ViTConfig const& vit = small_vit)
      : trainer(be, Compute<T>{}, vit, small_head, small_decoder, lesion, Teacher<Ema>{}, afire_objective(), AdamW{.lr = 1e-3},
                TrainOptions{.batch = 4 / accumulate, .accumulate = accumulate, .seed = 5, .scale_lr = false}) {}
};

FitOptions options(std::string const& folder) {
  return {.epochs = 2, .out = folder, .checkpoint_steps = 1, .keep = 9, .monitor_films = 6, .quiet = true};
}

// A copy of a batch whose films verbs cannot see.
template <class S, int Rank>
View<S, Rank> hidden(Guarded& be, View<S, Rank> x) {
  void* const p = be.host->take(x.size() * static_cast<Index>(sizeof(S)));
  std::memcpy(p, x.data, static_cast<std::size_t>(x.size()) * sizeof(S));
  x.data = static_cast<S*>(p);
  return x;
}

}  // namespace

TEST_CASE("what is guarded cannot be touched, by the host or by a verb") {
  CHECK(signal_of_child([] {
          std::signal(SIGSEGV, SIG_DFL);
          Guarded be;
          auto const x = allocate<float>(be, 8);
          x.data()[0] = 1;
        }) == SIGSEGV);
  CHECK(signal_of_child([] {
          std::signal(SIGSEGV, SIG_DFL);
          Guarded be;
          float const one[1] = {1};
          auto const x = allocate<float>(be, 1);
          fill(be, x.view(), 0);
          copy(be, hidden(be, View<const float, 1>(one, 1)), x.view());
        }) == SIGSEGV);
}

TEST_CASE_TEMPLATE("training on memory of its own gives the bits of the host's", T, float, bf16) {
  TemporaryFolder const folder;
  for (Index const accumulate : {Index{1}, Index{2}}) {
    std::string const name = std::to_string(accumulate);
    Run<Reference, T> host(accumulate);
    Run<Guarded, T> own(accumulate);
    Discs const films;
    fit(host.trainer, films, &films, options(folder / "host" + name));
    fit(own.trainer, films, &films, options(folder / "own" + name));
    CHECK(own.be.verbs > 1000);
    for (Index step = 1; step <= 4; ++step)
      CHECK(read_file(checkpoint_name(folder / "own" + name, step)) == read_file(checkpoint_name(folder / "host" + name, step)));
    CHECK(read_file(folder / "own" + name + "/best.safetensors") == read_file(folder / "host" + name + "/best.safetensors"));
    auto const a = read_log(folder / "own" + name), b = read_log(folder / "host" + name);
    REQUIRE(a.columns == b.columns);
    REQUIRE(a.rows.size() == b.rows.size());
    for (std::size_t i = 0; i < a.rows.size(); ++i)
      for (std::size_t c = 0; c < a.columns.size(); ++c)
        if (a.columns[c] != "waiting" && a.columns[c] != "films_per_second" && std::isfinite(b.rows[i][c]))
          CHECK_MESSAGE(a.rows[i][c] == b.rows[i][c], a.columns[c]);
  }
}

TEST_CASE("films that are copied ahead are those of the step, however late they come") {
  TemporaryFolder const folder;
  for (Index const accumulate : {Index{1}, Index{4}}) {
    std::string const name = std::to_string(accumulate);
    Run<Reference, float> host(accumulate);
    Run<Late, float> late(accumulate);
    Discs const films;
    FitOptions o = options(folder / "host" + name);
    o.epochs = 3, fit(host.trainer, films, &films, o);
    o.out = folder / "late" + name, fit(late.trainer, films, &films, o);
    if (accumulate > 1) CHECK(late.be.uploads > 100);                   // at one micro-batch a step, as far as the loader is in time
    CHECK(read_file(checkpoint_name(folder / "late" + name, 6)) == read_file(checkpoint_name(folder / "host" + name, 6)));
  }
}

TEST_CASE_TEMPLATE("lesions that the backend paints are the loader's: the same checkpoints", B, Guarded, Late) {
  TemporaryFolder const folder;
  Discs const films;
  ViTConfig three = small_vit;
  three.channels = 3;
  int runs = 0;
  for (auto const& lesion : {SyntheticLesion{}, faithful_lesions()})
    for (auto const& vit : {small_vit, three})
      for (Index const accumulate : {Index{1}, Index{2}}) {
        std::string const name = std::to_string(runs++);
        Run<Reference, float> host(accumulate, lesion, vit);
        Run<B, float> own(accumulate, lesion, vit);
        FitOptions o = options(folder / "host" + name);
        fit(host.trainer, films, &films, o);
        o.out = folder / "own" + name, o.lesions = DrawnBy::device;
        fit(own.trainer, films, &films, o);
        for (Index step = 1; step <= 4; ++step)
          CHECK(read_file(checkpoint_name(folder / "own" + name, step)) == read_file(checkpoint_name(folder / "host" + name, step)));
      }
}

TEST_CASE("a run goes on whoever draws its lesions") {
  TemporaryFolder const folder;
  Discs const films;
  Run<Reference, float> whole, last;
  Run<Guarded, float> first, middle;
  fit(whole.trainer, films, &films, options(folder / "whole"));
  FitOptions o = options(folder / "turns");
  o.lesions = DrawnBy::device, o.steps = 1;
  fit(first.trainer, films, &films, o);
  o.lesions = DrawnBy::loader, o.steps = 3, o.resume = true;
  fit(middle.trainer, films, &films, o);
  o.steps = 0;
  CHECK(message([&] {
          Run<Reference, float> none;
          FitOptions wrong = o;
          wrong.lesions = DrawnBy::device;
          fit(none.trainer, films, &films, wrong);
        }) == "lesions on the device: this backend computes in the host's memory; let the loader draw them (--lesions loader)");
  fit(last.trainer, films, &films, o);
  CHECK(read_file(checkpoint_name(folder / "turns", 4)) == read_file(checkpoint_name(folder / "whole", 4)));
}

TEST_CASE("a step that another was expected in place of has its own films") {
  SmallBatch const first(small_vit, 4, 3), second(small_vit, 4, 4), third(small_vit, 4, 5);
  Run<Late, float> late;
  Run<Reference, float> host;
  late.trainer.schedule(4, 2), host.trainer.schedule(4, 2);
  auto const a = first.micro(), b = second.micro(), c = third.micro();
  auto const same = [&](Micro<ImagePixels<float>> m, Micro<ImagePixels<float>> const* next) {
    Terms const got = late.trainer.step(std::span(&m, 1), next), want = host.trainer.step(std::span(&m, 1), next);
    for (auto& t : want) CHECK_MESSAGE(got.at(t.name) == t.value, t.name);
  };
  same(a, &b), same(b, &c);
  CHECK(late.be.uploads == 3);
  auto micro = a;
  late.trainer.method().losses(late.be, std::span(&micro, 1)), host.trainer.method().losses(host.be, std::span(&micro, 1));
  same(c, &a), same(b, &c), same(c, nullptr), same(c, nullptr);
  CHECK(late.be.uploads == 12);                          // with those that nobody asked for: of c, of a
}

TEST_CASE("a checkpoint of the host resumes on memory of its own, and back") {
  TemporaryFolder const folder;
  Discs const films;
  Run<Reference, float> whole;
  fit(whole.trainer, films, &films, options(folder / "whole"));
  FitOptions first = options(folder / "both"), second = options(folder / "both");
  first.steps = 1, second.steps = 3, second.resume = true;
  Run<Reference, float> begun, resumed;
  Run<Guarded, float> middle;
  fit(begun.trainer, films, &films, first);
  fit(middle.trainer, films, &films, second);
  second.steps = 0;
  fit(resumed.trainer, films, &films, second);
  CHECK(read_file(checkpoint_name(folder / "both", 4)) == read_file(checkpoint_name(folder / "whole", 4)));
}

TEST_CASE("verbs see copies of the films, whether they come at once or in parts") {
  SmallBatch const batch(small_vit, 4, 3);
  for (Index const parts : {Index{1}, Index{2}}) {
    Run<Guarded, float> own(parts);
    Run<Reference, float> host(parts);
    own.trainer.schedule(4, 2), host.trainer.schedule(4, 2);
    std::vector<Micro<ImagePixels<float>>> theirs, ours;
    for (Index p = 0; p < parts; ++p) {
      theirs.push_back(batch.micro(p * 4 / parts, 4 / parts));
      auto m = theirs.back();
      m.seen.image = hidden(own.be, m.seen.image), m.clean.image = hidden(own.be, m.clean.image), m.lesion = hidden(own.be, m.lesion);
      ours.push_back(m);
    }
    for (int step = 0; step < 3; ++step) {
      Terms const a = own.trainer.step(std::span(ours)), b = host.trainer.step(std::span(theirs));
      for (auto& t : b) CHECK_MESSAGE(a.at(t.name) == t.value, t.name);
    }
    Terms const a = own.trainer.method().losses(own.be, std::span(ours)), b = host.trainer.method().losses(host.be, std::span(theirs));
    for (auto& t : b) CHECK_MESSAGE(a.at(t.name) == t.value, t.name);
  }
}
