// afire/backend/cuda/graph.cuh -- kernels as calls that can be recorded, and CUDA graphs, which they are recorded into (backend/replay.hpp)
//
//   Cuda gpu{.graphs = true};                     // the Trainer's steps from the third on; without: every kernel is started by itself
//   cuda_call(be, kernel<F>, blocks, threads, shared, f, n);          // kernel(f, n), or its place in the step's graph
//
// Graphs are captured from the stream, so products of cuBLASLt are in them. What changes from step to step (rates, shares, random
// positions, the room of the films) is a number in some functor; a kernel whose functor has other bytes than last time gets new parameters.
#pragma once
#include <afire/backend/cuda/check.cuh>

#include <type_traits>

#include <afire/backend/replay.hpp>

namespace afire {

// The machine of a Replay: a stream.
struct CudaGraphs {
  using Node = cudaGraphNode_t;
  class Graph {
   public:
    Graph() = default;
    Graph(cudaGraph_t graph, cudaGraphExec_t ready) : graph_(graph), ready_(ready) {}
    Graph(Graph&& g) noexcept : graph_(std::exchange(g.graph_, nullptr)), ready_(std::exchange(g.ready_, nullptr)) {}
    Graph& operator=(Graph&& g) noexcept {
      std::swap(graph_, g.graph_), std::swap(ready_, g.ready_);
      return *this;
    }
    ~Graph() {
      if (ready_) cudaGraphExecDestroy(ready_);
      if (graph_) cudaGraphDestroy(graph_);
    }
    cudaGraphExec_t ready() const { return ready_; }

   private:
    cudaGraph_t graph_ = nullptr;          // whose nodes name those of the other
    cudaGraphExec_t ready_ = nullptr;
  };

  cudaStream_t stream = nullptr;

  void begin() const { check_cuda(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "recording a step"); }
  bool end(Graph& into) const {
    cudaGraph_t graph = nullptr;
    cudaGraphExec_t ready = nullptr;
    bool const captured = cudaStreamEndCapture(stream, &graph) == cudaSuccess;
    bool const made = captured && cudaGraphInstantiate(&ready, graph, 0) == cudaSuccess;
    if (!made) cudaGetLastError();         // the caller goes on without; the error is not kept
    into = made ? Graph(graph, ready) : Graph();
    if (!made && graph) cudaGraphDestroy(graph);
    return made;
  }
  void launch(Graph const& graph) const { check_cuda(cudaGraphLaunch(graph.ready(), stream), "starting a recorded step"); }
  void abandon() const {
    cudaGraph_t graph = nullptr;
    if (cudaStreamEndCapture(stream, &graph) == cudaSuccess) cudaGraphDestroy(graph);
    cudaGetLastError();
  }

  // The node that has been recorded last; nullptr where nothing is recorded.
  Node last() const {
    cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
    Node const* nodes = nullptr;
    std::size_t count = 0;
#if CUDART_VERSION >= 13000
    cudaGraphEdgeData const* edges = nullptr;
    check_cuda(cudaStreamGetCaptureInfo(stream, &status, nullptr, nullptr, &nodes, &edges, &count), "recording a step");
#else
    check_cuda(cudaStreamGetCaptureInfo_v2(stream, &status, nullptr, nullptr, &nodes, &count), "recording a step");
#endif
    return status == cudaStreamCaptureStatusActive && count == 1 ? nodes[0] : nullptr;
  }
};

// A kernel with its functor. Everything but the functor must be the same where it is replayed.
template <class F>
struct CudaCall {
  struct Shape {
    void (*kernel)(F, Index);
    Index n;
    unsigned blocks, threads, shared, zero;
  } shape;
  F f;

  static void act(CudaGraphs& machine, void const* bytes, CudaGraphs::Graph* graph, CudaGraphs::Node* node) {
    CudaCall call = *static_cast<CudaCall const*>(bytes);
    Shape const& s = call.shape;
    if (graph) {
      void* parameters[] = {&call.f, &call.shape.n};
      cudaKernelNodeParams to{};
      to.func = reinterpret_cast<void*>(s.kernel), to.gridDim = dim3(s.blocks), to.blockDim = dim3(s.threads);
      to.sharedMemBytes = s.shared, to.kernelParams = parameters;
      check_cuda(cudaGraphExecKernelNodeSetParams(graph->ready(), *node, &to), "changing a recorded step");
      return;
    }
    s.kernel<<<s.blocks, s.threads, s.shared, machine.stream>>>(call.f, s.n);
    check_cuda(cudaGetLastError(), "starting a kernel");           // what could not be started is told here, not at some later call
    if (node) *node = machine.last();
  }
};

// kernel(f, n) by blocks of threads.
template <class B, class F>
void cuda_call(B& be, void (*kernel)(F, Index), Index blocks, unsigned threads, unsigned shared, F const& f, Index n) {
  static_assert(alignof(CudaCall<F>) <= 16 && std::is_trivially_copyable_v<F>, "afire: a GPU copies functors as bytes");
  expects(blocks < (Index{1} << 31), "cuda: a loop over ", n, " rows is longer than a launch may be; use a smaller batch");
  CudaCall<F> const call{{kernel, n, static_cast<unsigned>(blocks), threads, shared, 0}, f};
  be.on->call(CudaCall<F>::act, call, sizeof call.shape);
}

}  // namespace afire
