// afire/backend/cuda/device.cuh -- a GPU to compute on: its stream, its memory, copies in and out
//
//   Cuda gpu;                              Cuda second{.device = 1};                // Cuda{.graphs = true}: graph.cuh
//   auto x = allocate<float>(gpu, n);      upload(gpu, host, x.view());      download(gpu, x.view(), host);
//
// All work of a backend object goes into one stream, in order; only films that are uploaded ahead go through another. It belongs to the
// thread that computes with it; copies of the object share the stream. What a copy out gives has been waited for; a copy in has left the
// host's memory when it returns.
#pragma once
#include <afire/backend/cuda/check.cuh>

#include <cstring>
#include <memory>
#include <vector>

#include <afire/backend/cuda/graph.cuh>
#include <afire/backend/cuda/products.cuh>
#include <afire/core/ahead.hpp>
#include <afire/core/pack.hpp>
#include <afire/core/repeated.hpp>

namespace afire {

struct cuda_tag : any_tag {};
constexpr bool moves_packs(cuda_tag) { return true; }

// What a Cuda object holds open as long as it or a copy of it lives.
class CudaDevice {
 public:
  static constexpr std::size_t workspace_bytes = std::size_t{32} << 20;        // for cuBLASLt
  static constexpr Index partial_bytes = 8192;                                 // for sums, on both sides
  static constexpr Index most_biases = 65536;                                  // columns of a product with a rounded bias

  explicit CudaDevice(int device) : device_(device) {
    int devices = 0;
    check_cuda(cudaGetDeviceCount(&devices), "looking for GPUs");
    expects(0 <= device && device < devices, "cuda: there is no device ", device, "; ", devices, devices == 1 ? " is" : " are",
            " visible, counted from 0");
    check_cuda(cudaSetDevice(device), "choosing the device");
    check_cuda(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "making a stream");
    graphs_.stream = stream_;
    check_cuda(cudaStreamCreateWithFlags(&copies_, cudaStreamNonBlocking), "making a stream for copies");
    check_cuda(cudaEventCreateWithFlags(&computed_, cudaEventDisableTiming), "making an event");
    check_cuda(cudaEventCreateWithFlags(&copied_, cudaEventDisableTiming), "making an event");
    check_cublas(cublasLtCreate(&cublas_), "starting cuBLASLt");
    check_cuda(cudaMalloc(&workspace_, workspace_bytes), "allocating the workspace of products");
    check_cuda(cudaMalloc(&bias_, most_biases * 2), "allocating room for a bias");
    check_cuda(cudaMalloc(&partial_, partial_bytes), "allocating room for sums");
    check_cuda(cudaMallocHost(&partial_host_, partial_bytes), "allocating room for sums on the host");
  }
  CudaDevice(CudaDevice const&) = delete;
  ~CudaDevice() {
    cudaStreamSynchronize(copies_);
    cudaFreeHost(pinned_), cudaFreeHost(partial_host_), cudaFree(partial_), cudaFree(bias_), cudaFree(workspace_);
    cublasLtDestroy(cublas_), cudaEventDestroy(computed_), cudaEventDestroy(copied_);
    cudaStreamDestroy(copies_), cudaStreamDestroy(stream_);
  }

  int number() const { return device_; }
  // For work that is no call: what has been called is started before it. A thread that computes on two devices changes over here.
  cudaStream_t stream() {
    check_cuda(cudaSetDevice(device_), "choosing the device");
    replay_.flush(graphs_);
    return stream_;
  }
  // Calls: kernels and products, which the graph of a step may hold. `fixed`: the bytes of it that must be the same again.
  template <class Call>
  void call(Replay<CudaGraphs>::Act act, Call const& what, std::size_t fixed) {
    check_cuda(cudaSetDevice(device_), "choosing the device");
    replay_.call(graphs_, act, &what, sizeof what, fixed);
  }
  // f, whose calls are recorded and replayed.
  template <class F>
  auto repeat(F f) {
    struct Step {
      CudaDevice& on;
      bool done = false;
      ~Step() {
        if (!done) on.replay_.abandon(on.graphs_);
      }
    } step{*this};
    replay_.begin(graphs_);
    auto result = f();
    replay_.end(graphs_);
    step.done = true;
    return result;
  }
  Replay<CudaGraphs> const& replay() const { return replay_; }
  cublasLtHandle_t cublas() const { return cublas_; }
  void* workspace() const { return workspace_; }
  template <class T>
  View<T, 1> bias(Index columns) const {                                       // (columns)
    expects(columns * static_cast<Index>(sizeof(T)) <= most_biases * 2, "cuda: a product of ", columns, " columns with a bias; ",
            most_biases, " are the most");
    return View<T, 1>(static_cast<T*>(bias_), columns);
  }
  template <class S>
  S* partial() const { return static_cast<S*>(partial_); }               // on the device
  template <class S>
  S* partial_host() const { return static_cast<S*>(partial_host_); }     // pinned
  CudaProducts& products() { return products_; }
  // A copy beside the stream: after what the stream has been given so far, before what it is given once it awaits the copies. Where the
  // host's memory is not pinned, it goes through memory that is, into which the host copies while the device is at what it has been given.
  void upload_ahead(void const* host, void* to, std::size_t bytes) {
    check_cuda(cudaEventRecord(computed_, stream()), "marking what is computed");
    check_cuda(cudaStreamWaitEvent(copies_, computed_, 0), "waiting for what is computed");
    check_cuda(cudaMemcpyAsync(to, pinned(host, bytes), bytes, cudaMemcpyHostToDevice, copies_), "copying films to the device");
    check_cuda(cudaEventRecord(copied_, copies_), "marking what is copied");
  }
  void await_uploads() {
    check_cuda(cudaStreamWaitEvent(stream(), copied_, 0), "waiting for films");
    pinned_used_ = 0;
  }
  void pin(void const* host, std::size_t bytes) {
    check_cuda(cudaSetDevice(device_), "choosing the device");
    auto* const begin = static_cast<std::byte*>(const_cast<void*>(host));
    if (cudaHostRegister(begin, bytes, cudaHostRegisterDefault) == cudaSuccess) fixed_.push_back({begin, begin + bytes});
    else cudaGetLastError();               // copies go on as before; the error is not kept
  }
  void unpin(void const* host) {
    for (std::size_t i = 0; i < fixed_.size(); ++i)
      if (fixed_[i].begin == host) {
        cudaStreamSynchronize(copies_), cudaHostUnregister(fixed_[i].begin);
        fixed_.erase(fixed_.begin() + static_cast<std::ptrdiff_t>(i));
        return;
      }
  }
  void wait() { check_cuda(cudaStreamSynchronize(stream()), "waiting for the device"); }

 private:
  // These bytes in pinned memory, until the copies have been awaited and others come; where there is none to be had, as they are.
  void const* pinned(void const* host, std::size_t bytes) {
    for (Fixed const& f : fixed_)
      if (f.begin <= host && static_cast<std::byte const*>(host) + bytes <= f.end) return host;
    std::size_t const at = pinned_used_;
    if (at == 0 || at + bytes > pinned_bytes_) check_cuda(cudaEventSynchronize(copied_), "waiting for films");     // nobody reads it now
    if (at + bytes > pinned_bytes_) {
      cudaFreeHost(std::exchange(pinned_, nullptr));
      pinned_bytes_ = 2 * (at + bytes);
      if (cudaMallocHost(&pinned_, pinned_bytes_) != cudaSuccess) pinned_ = nullptr, pinned_bytes_ = 0, cudaGetLastError();
    }
    if (!pinned_) return host;
    pinned_used_ = at + (bytes + 255) / 256 * 256;
    return std::memcpy(static_cast<std::byte*>(pinned_) + at, host, bytes);
  }

  int device_;
  cudaStream_t stream_ = nullptr, copies_ = nullptr;
  cudaEvent_t computed_ = nullptr, copied_ = nullptr;
  cublasLtHandle_t cublas_ = nullptr;
  void *workspace_ = nullptr, *bias_ = nullptr, *partial_ = nullptr, *partial_host_ = nullptr, *pinned_ = nullptr;
  std::size_t pinned_bytes_ = 0, pinned_used_ = 0;
  struct Fixed {
    std::byte *begin, *end;
  };
  std::vector<Fixed> fixed_;               // memory of the host that was pinned where it lay
  CudaProducts products_;
  CudaGraphs graphs_;
  Replay<CudaGraphs> replay_;
};

struct Cuda {
  using tag = cuda_tag;
  int device = 0;
  bool graphs = false;                     // steps are recorded as CUDA graphs: worth it where kernels are short, see docs/gpu.md
  std::shared_ptr<CudaDevice> on = std::make_shared<CudaDevice>(device);
};

// The name of the device, for reports.
inline std::string device_name(Cuda const& be) {
  cudaDeviceProp about{};
  check_cuda(cudaGetDeviceProperties(&about, be.device), "asking the device for its name");
  return about.name;
}

inline void free_cuda(void* p) { cudaFree(p); }

template <class B>
Memory allocate_bytes(cuda_tag, B& be, Index bytes) {
  void* p = nullptr;
  cudaStream_t const stream = be.on->stream();
  auto const size = static_cast<std::size_t>(bytes > 0 ? bytes : 1);
  if (cudaError_t const code = cudaMalloc(&p, size); code == cudaErrorMemoryAllocation) {
    cudaGetLastError();                    // the error is told, not kept
    std::size_t free = 0, all = 0;
    check_cuda(cudaMemGetInfo(&free, &all), "asking how much memory is free");
    throw not_enough_memory(text("cuda: device ", be.device, " has ", free >> 20, " of ", all >> 20, " MiB free, ", size >> 20,
                                 " MiB are needed in one piece"),
                            bytes, static_cast<Index>(free));
  } else {
    check_cuda(code, "allocating memory of the device");
  }
  check_cuda(cudaMemsetAsync(p, 0, size, stream), "clearing memory of the device");
  return {p, free_cuda};
}

template <class B, class F>
auto repeated(cuda_tag, B& be, F f) { return be.graphs ? be.on->repeat(f) : f(); }

template <class B>
void upload_bytes(cuda_tag, B& be, void const* host, void* to, Index bytes) {
  check_cuda(cudaMemcpyAsync(to, host, static_cast<std::size_t>(bytes), cudaMemcpyHostToDevice, be.on->stream()), "copying to the device");
  be.on->wait();                           // pinned memory would be read later: the caller may change it now
}

template <class B>
void upload_ahead_bytes(cuda_tag, B& be, void const* host, void* to, Index bytes) {
  be.on->upload_ahead(host, to, static_cast<std::size_t>(bytes));
}
template <class B>
void await_uploads(cuda_tag, B& be) { be.on->await_uploads(); }
template <class B>
void pin_bytes(cuda_tag, B& be, void const* host, Index bytes) { be.on->pin(host, static_cast<std::size_t>(bytes)); }
template <class B>
void unpin_bytes(cuda_tag, B& be, void const* host) { be.on->unpin(host); }

template <class B>
void download_bytes(cuda_tag, B& be, void const* from, void* host, Index bytes) {
  check_cuda(cudaMemcpyAsync(host, from, static_cast<std::size_t>(bytes), cudaMemcpyDeviceToHost, be.on->stream()),
             "copying from the device");
  be.on->wait();
}

}  // namespace afire
