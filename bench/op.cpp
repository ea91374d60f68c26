// bench/op.cpp -- row loops by themselves, one thread: op/NAME/TYPE, with the time for an element
//
//   ./run bench op --benchmark_filter=bf16
//
// Sizes are those of ViT-S on eight films: 1,576 tokens, 197 keys, 1,536 hidden columns; operands about fill the second-level cache.
#include <benchmark/benchmark.h>

#include <afire/backend/reference.hpp>
#include <afire/op/attention.hpp>
#include <afire/op/gelu.hpp>
#include <afire/op/layer_norm.hpp>
#include <afire/train/optimizer.hpp>

using namespace afire;

namespace {

constexpr Index tokens = 1576, keys = 197, columns = 384, hidden = 1536;
Reference one{.threads = 1};

template <class T, int Rank>
Tensor<T, Rank> filled(auto... sizes) {
  Tensor<T, Rank> x(sizes...);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = T(static_cast<float>(i * 7 % 97) * 0.05f - 2);
  return x;
}

template <class F>
void elements(benchmark::State& state, Index count, F f) {
  for (auto _ : state) {
    f();
    benchmark::ClobberMemory();
  }
  using benchmark::Counter;
  state.counters["per_element"] = Counter(static_cast<double>(count), Counter::kIsIterationInvariantRate | Counter::kInvert);
}

template <class T>
void softmax_row(benchmark::State& state) {
  auto scores = filled<Accum<T>, 2>(16 * keys, keys);
  Tensor<T, 2> probs(16 * keys, keys);
  Tensor<Accum<T>, 1> log_sum(16 * keys);
  elements(state, scores.size(), [&] {
    for_each_row(one, scores.extent(0), ProbabilityRow<T>{scores.view(), probs.view(), log_sum.view(), Accum<T>(0.17)});
  });
}

template <class T>
void softmax_row_backward(benchmark::State& state) {
  auto const scores = filled<Accum<T>, 2>(16 * keys, keys), d_probs = filled<Accum<T>, 2>(16 * keys, keys);
  auto const log_sum = filled<Accum<T>, 1>(16 * keys);
  auto const d_heads = filled<T, 2>(16 * keys, Index{32});
  auto const o = filled<T, 3>(Index{1}, keys, Index{512});
  Tensor<T, 2> probs(16 * keys, keys), d_scores(16 * keys, keys);
  elements(state, scores.size(), [&] {
    for_each_row(one, scores.extent(0), ScoreGradientRow<T>{scores.view(), d_probs.view(), log_sum.view(), d_heads.view(), o.view(),
                                                            probs.view(), d_scores.view(), Accum<T>(0.17)});
  });
}

template <class T>
void gelu_forward(benchmark::State& state) {
  auto const x = filled<T, 2>(tokens / 2, hidden);
  Tensor<T, 2> y(tokens / 2, hidden);
  elements(state, x.size(), [&] { gelu(one, x.view(), y.view()); });
}

template <class T>
void gelu_both(benchmark::State& state) {
  auto const x = filled<T, 2>(tokens / 2, hidden), dy = filled<T, 2>(tokens / 2, hidden);
  Tensor<T, 2> y(tokens / 2, hidden), dx(tokens / 2, hidden);
  elements(state, x.size(), [&] { gelu_backward(one, x.view(), dy.view(), y.view(), dx.view()); });
}

template <class T>
void norm_forward(benchmark::State& state) {
  auto const x = filled<T, 2>(tokens, columns);
  auto const gain = filled<Accum<T>, 1>(columns), shift = filled<Accum<T>, 1>(columns);
  Tensor<T, 2> y(tokens, columns);
  Tensor<Accum<T>, 2> stats(tokens, 2);
  elements(state, x.size(), [&] { layer_norm(one, x.view(), gain.view(), shift.view(), Accum<T>(1e-6), y.view(), stats.view()); });
}

// The sweep over the parameters: AdamW, the gradient cleared, the working copy and the teacher.
template <class T>
void adamw_sweep(benchmark::State& state) {
  constexpr Index size = Index{1} << 20, segment = 4096;
  auto w = filled<Accum<T>, 1>(size), g = filled<Accum<T>, 1>(size), m = filled<Accum<T>, 1>(size), teacher = filled<Accum<T>, 1>(size);
  Tensor<Accum<T>, 1> v(size);
  Tensor<T, 1> work(size), teacher_work(size);
  Tensor<Segment, 1> segments(size / segment);
  for (Index i = 0; i < segments.size(); ++i) segments.data()[i] = {i * segment, segment, i * segment, 0};
  Tensor<TensorStep<Accum<T>>, 1> step(1);
  step.data()[0] = {1, 1e-3f, 0.1f, 1, 1e-3f, 1, false, true};
  elements(state, size, [&] {
    for_each_row(one, segments.size(), UpdateSegment<T, AdamW>{segments.view(), step.view(), w.view(), g.view(), m.view(), v.view(),
                                                               teacher.view(), work.view(), teacher_work.view(), AdamW{}, 0.99f, 0.01f});
  });
}

template <class T>
void add() {
  auto const name = [](char const* op) { return text("op/", op, "/", type_name<T>()); };
  benchmark::RegisterBenchmark(name("softmax").c_str(), softmax_row<T>);
  benchmark::RegisterBenchmark(name("softmax_backward").c_str(), softmax_row_backward<T>);
  benchmark::RegisterBenchmark(name("gelu").c_str(), gelu_forward<T>);
  benchmark::RegisterBenchmark(name("gelu_backward").c_str(), gelu_both<T>);
  benchmark::RegisterBenchmark(name("layer_norm").c_str(), norm_forward<T>);
  benchmark::RegisterBenchmark(name("adamw_sweep").c_str(), adamw_sweep<T>);
}

[[maybe_unused]] bool const added = (add<float>(), add<bf16>(), true);

}  // namespace
