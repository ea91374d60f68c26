// Steps that are recorded and replayed, as a GPU's graphs are, on a machine of the CPU: a training gives the reference's bits although its
// rates, shares, random positions and films change; steps that are other than the recorded ones are carried out all the same.
#include <afire/backend/reference.hpp>
#include <afire/backend/replay.hpp>
#include <afire/ssl/masking.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/trainer.hpp>
#include <doctest/doctest.h>

#include <functional>

#include "tests/support/small_afire.hpp"

using namespace afire;
using namespace afire_test;

namespace {

// Its graph is a list of calls, which are copies of what was recorded.
struct Lists {
  using Node = std::size_t;
  using Graph = std::vector<std::function<void()>>;
  Graph recorded = {};
  bool recording = false, able = true;
  Index changed = 0, alone = 0;            // calls that were put into a graph anew; that were carried out by themselves

  void begin() { recording = true, recorded.clear(); }
  bool end(Graph& graph) {
    recording = false;
    if (able) graph = std::move(recorded);
    return able;
  }
  void launch(Graph const& graph) {
    for (auto const& call : graph) call();
  }
  void abandon() { recording = false; }
};

template <class F>
struct ListCall {
  Index n;
  F f;                                     // f(n)
  static void act(Lists& m, void const* bytes, Lists::Graph* graph, Lists::Node* node) {
    std::function<void()> const run = [call = *static_cast<ListCall const*>(bytes)] { call.f(call.n); };
    if (graph) graph->at(*node) = run, ++m.changed;
    else if (node) *node = m.recorded.size(), m.recorded.push_back(run);
    else run(), ++m.alone;
  }
};

// The reference, whose loops and products are calls.
struct graphed_tag : reference_tag {};
struct Graphed {
  using tag = graphed_tag;
  int threads = 1;
  Lists lists = {};
  Replay<Lists> replay = {};
  template <class F>
  void call(Index n, F f) {
    ListCall<F> const what{n, f};
    replay.call(lists, ListCall<F>::act, &what, sizeof what, sizeof n);
  }
};
inline Reference one_thread{.threads = 1};

template <class F>
struct Rows {
  F f;
  void operator()(Index n) const { for_each_row(one_thread, n, f); }
};
template <class F>
struct Elements {
  F f;
  void operator()(Index n) const { for_each(one_thread, n, f); }
};
template <class T, class U>
struct Product {
  Matrices<const T> a, b;
  Matrices<U> c;
  GemmOf<T> how;
  void operator()(Index) const { gemm(one_thread, a, b, c, how); }
};
template <class B, class F>
void for_each_row(graphed_tag, B& be, Index n, F f) { be.call(n, Rows<F>{f}); }
template <class B, class F>
void for_each(graphed_tag, B& be, Index n, F f) { be.call(n, Elements<F>{f}); }
template <class B, class T, class U>
void gemm(graphed_tag, B& be, Matrices<const T> a, Matrices<const T> b, Matrices<U> c, GemmOf<T> how) {
  be.call(0, Product<T, U>{a, b, c, how});
}
template <class B, class F>
auto reduce(graphed_tag, B& be, Index n, F f) {
  be.replay.flush(be.lists);
  return reduce(reference_tag{}, one_thread, n, f);
}
template <class B, class F>
auto repeated(graphed_tag, B& be, F f) {
  be.replay.begin(be.lists);
  auto result = f();
  be.replay.end(be.lists);
  return result;
}

// The losses of nine steps, whose films and numbers of spoilt tokens change; the fifth on another number of micro-batches if `odd`.
template <class B>
std::vector<double> nine_steps(B& be, Index accumulate, bool odd) {
  Trainer trainer{be, Compute<float>{}, small_vit, small_head, small_decoder, SyntheticLesion{}, Teacher<Ema>{}, afire_objective(),
                  AdamW{.lr = 1e-3}, TrainOptions{.batch = 4 / accumulate, .accumulate = accumulate, .seed = 5, .scale_lr = false}};
  trainer.schedule(4, 3);
  std::vector<double> all;
  for (int step = 0; step < 9; ++step) {
    SmallBatch const batch(small_vit, 4, static_cast<std::uint64_t>(step));
    std::vector<Micro<ImagePixels<float>>> micros;
    for (Index i = 0; i < (odd && step == 4 ? 1 : accumulate); ++i) micros.push_back(batch.micro(i * 4 / accumulate, 4 / accumulate));
    for (auto& term : trainer.step(std::span(micros))) all.push_back(term.value);
  }
  return all;
}

struct AddTo1 {                            // the log of what was carried out
  std::vector<Index>* log;
  Index number;
  void operator()(Index n) const { log->push_back(n * 100 + number); }
};

}  // namespace

TEST_CASE("a training whose steps are replayed gives the reference's bits") {
  for (Index const accumulate : {Index{1}, Index{2}})
    for (bool const odd : {false, true}) {
      CAPTURE(accumulate);
      Reference reference{.threads = 1};
      Graphed be;
      CHECK(nine_steps(be, accumulate, odd) == nine_steps(reference, accumulate, odd));
      CHECK(be.replay.launched() >= 7 * 3);              // three sums a micro-batch at least cut a step into stretches
      CHECK(be.lists.changed > 0);
    }
}

TEST_CASE("what is replayed, what is carried out by itself, and when it is recorded anew") {
  Lists lists;
  Replay<Lists> replay;
  std::vector<Index> log, want;
  auto const call = [&](Index n, Index number) {
    ListCall<AddTo1> const what{n, {&log, number}};
    replay.call(lists, ListCall<AddTo1>::act, &what, sizeof what, sizeof n);
    want.push_back(n * 100 + number);
  };
  // A step of two stretches, of three calls and of one.
  auto const step = [&](Index first, Index number, bool third, bool second) {
    replay.begin(lists);
    call(first, 1), call(2, number);
    if (third) call(3, 3);
    replay.flush(lists), replay.flush(lists);
    if (second) call(4, number);
    replay.end(lists);
    CHECK(log == want);
  };
  step(1, 1, true, true), step(1, 2, true, true);
  CHECK(replay.launched() == 0);                         // warming up
  CHECK(lists.alone == 8);
  step(1, 3, true, true);                                // recorded
  CHECK(replay.launched() == 2);
  step(1, 4, true, true);                                // replayed, with other numbers
  CHECK((replay.launched() == 4 && lists.changed == 2 && lists.alone == 8));
  step(1, 4, true, true);                                // with the same
  CHECK((replay.launched() == 6 && lists.changed == 2));
  step(1, 5, false, true);                               // one call less: by themselves
  CHECK((replay.launched() == 7 && lists.alone == 10));
  step(1, 6, true, true);                                // as recorded again
  CHECK((replay.launched() == 9 && lists.alone == 10));
  step(7, 6, true, false), step(7, 7, true, true);       // another size, twice: dropped
  CHECK((replay.launched() == 10 && lists.alone == 16));
  step(7, 8, true, true), step(7, 9, true, true);        // and recorded anew
  CHECK((replay.launched() == 14 && lists.alone == 16));
  for (Index n = 20; n < 40; ++n) step(n, n, true, true);              // another size each time: given up
  CHECK(replay.launched() <= 14 + 20 + 2);
}

TEST_CASE("a machine that cannot record carries everything out, and a step that is broken off leaves nothing behind") {
  std::vector<Index> log;
  auto const step = [&](Lists& lists, Replay<Lists>& replay, Index numbers) {
    replay.begin(lists);
    for (Index k = 0; k < numbers; ++k) {
      ListCall<AddTo1> const what{k, {&log, 0}};
      replay.call(lists, ListCall<AddTo1>::act, &what, sizeof what, sizeof k);
    }
  };
  Lists unable{.able = false};
  Replay<Lists> replay;
  for (int n = 0; n < 5; ++n) step(unable, replay, 3), replay.end(unable);
  CHECK(log.size() == 15);
  CHECK(replay.launched() == 0);
  Lists lists;
  Replay<Lists> broken;
  for (int n = 0; n < 2; ++n) step(lists, broken, 3), broken.end(lists);
  log.clear();
  step(lists, broken, 2), broken.abandon(lists);         // while it is recorded
  CHECK((log.empty() && !lists.recording && !broken.active()));
  step(lists, broken, 3), broken.end(lists);
  step(lists, broken, 2), broken.abandon(lists);         // while it is replayed
  CHECK(log.size() == 3);
  step(lists, broken, 3), broken.end(lists);
  CHECK(log.size() == 6);
  CHECK(broken.launched() == 2);
}
