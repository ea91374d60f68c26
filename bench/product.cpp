// bench/product.cpp -- the products of a step by themselves, on oneDNN: product/SHAPE/TYPE, with the rate
// needs: onednn
//
//   ./run bench product --benchmark_filter=bf16
//
// Shapes are those of ViT-S and the released decoder on eight films, 1,576 tokens. forward: x w^T;  dx: dy w;  dw: dy^T x, added to floats.
#include <benchmark/benchmark.h>

#include <afire/backend/onednn.hpp>
#include <afire/core/tensor.hpp>

using namespace afire;

namespace {

enum class Way { forward, dx, dw };

// c (M, N) = a (M, K) b (K, N)
template <class T>
void product(benchmark::State& state, Index M, Index N, Index K, Way way) {
  OneDnn cpu;
  Tensor<T, 2> a(M, K), w(N, K), b(K, N), a_turned(K, M), c(M, N);
  Tensor<float, 2> sum(M, N);
  auto const x = matrix(View<const T, 2>(a.view())), plain = matrix(View<const T, 2>(b.view()));
  for (auto _ : state) {
    if (way == Way::forward) gemm(cpu, x, transposed(matrix(View<const T, 2>(w.view()))), matrix(c.view()));
    if (way == Way::dx) gemm(cpu, x, plain, matrix(c.view()));
    if (way == Way::dw) gemm(cpu, transposed(matrix(View<const T, 2>(a_turned.view()))), plain, matrix(sum.view()), GemmOf<T>{.add = true});
  }
  state.counters["flops"] = benchmark::Counter(2.0 * static_cast<double>(M * N * K), benchmark::Counter::kIsIterationInvariantRate);
}

template <class T>
void all(char const* type) {
  struct Shape {
    Index M, N, K;
    Way way;
  };
  for (auto const [M, N, K, way] : {Shape{1576, 1536, 384, Way::forward}, {1576, 384, 1536, Way::forward}, {1576, 1152, 384, Way::forward},
                                    {1576, 2048, 512, Way::forward}, {1576, 512, 2048, Way::forward}, {1576, 384, 384, Way::forward},
                                    {1576, 2048, 512, Way::dx}, {1576, 512, 2048, Way::dx}, {1576, 384, 1536, Way::dx},
                                    {2048, 512, 1576, Way::dw}, {512, 2048, 1576, Way::dw}, {384, 1536, 1576, Way::dw},
                                    {384, 384, 1576, Way::dw}}) {
    char const* const words[] = {"forward", "dx", "dw"};
    benchmark::RegisterBenchmark(text("product/", words[static_cast<int>(way)], "/", M, "x", N, "x", K, "/", type).c_str(),
                                 [M = M, N = N, K = K, way = way](benchmark::State& state) { product<T>(state, M, N, K, way); })
        ->UseRealTime()->Unit(benchmark::kMicrosecond);
  }
}

[[maybe_unused]] bool const added = [] { return all<bf16>("bf16"), all<float>("f32"), true; }();

}  // namespace
