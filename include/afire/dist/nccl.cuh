// afire/dist/nccl.cuh -- ranks with a GPU each: gradients are summed by NCCL while the device goes on computing
//
//   Cuda gpu{.device = 1};
//   Ranked be{gpu, Nccl::join(OneMachine::join({.number = 1, .count = 4}, "job 17"), gpu)};
//
// Sums of memory go through a stream of their own: each begins when what the backend was asked for so far is done, and what is asked for
// later waits only where it is told to await them. Numbers of the host go from process to process without the device
// (dist/one_machine.hpp); a rank that ends or fails is noticed there, also while the device waits for its part, and what is under way is
// given up. A program that catches an error of a step beside fit has to say so: ranks_of(be).stop(sentence).
#pragma once
#include <afire/backend/cuda/device.cuh>

#include <nccl.h>

#include <cstring>

#include <afire/dist/one_machine.hpp>

namespace afire {

class Nccl {
 public:
  Nccl() = default;                        // the only rank

  // All ranks at once, each with the device it computes on. A single rank has nothing to add, and takes NCCL only if it is told to.
  static Nccl join(OneMachine machine, Cuda const& gpu, bool even_alone = false) {
    Nccl n;
    n.machine_ = machine;
    if (machine.rank().count == 1 && !even_alone) return n;
    try {
      expect_own_device(machine, gpu.on->number());
      n.on_ = std::make_shared<Connected>(machine, gpu.on->number());
    } catch (error const& e) {
      machine.stop(e.what());
      throw;
    }
    return n;
  }

  Rank rank() const { return machine_.rank(); }

  void sum(std::span<double> x) {
    guarded([&] { machine_.sum(x); });
  }

  template <class B, class S>
  void sum(B& be, View<S, 1> x) {          // memory of the device
    static_assert(std::is_same_v<S, float> || std::is_same_v<S, double>, "afire: ranks add float and double");
    if (!on_) return;
    cudaStream_t const computing = be.on->stream();
    check_cuda(cudaEventRecord(on_->computed, computing), "marking what is computed");
    check_cuda(cudaStreamWaitEvent(on_->stream, on_->computed, 0), "waiting for what is computed");
    check_nccl(ncclAllReduce(x.data, x.data, static_cast<std::size_t>(x.size()), std::is_same_v<S, float> ? ncclFloat : ncclDouble, ncclSum,
                             on_->comm, on_->stream),
               "adding up over the ranks");
    check_cuda(cudaEventRecord(on_->summed, on_->stream), "marking what is added up");
  }
  template <class B>
  void await(B& be) {
    if (on_) check_cuda(cudaStreamWaitEvent(be.on->stream(), on_->summed, 0), "waiting for the other ranks");
  }
  // The device would wait for ever for a rank that has ended, so this asks and looks in turn.
  template <class B>
  void complete(B& be) {
    if (!on_) return;
    await(be);
    guarded([&] {
      for (Index asked = 1;; ++asked) {
        cudaError_t const code = cudaEventQuery(on_->summed);
        if (code == cudaSuccess) return;
        if (code != cudaErrorNotReady) check_cuda(code, "adding up over the ranks");
        if (asked % 256 != 0) continue;
        machine_.expect_all();
        ncclResult_t state = ncclSuccess;
        check_nccl(ncclCommGetAsyncError(on_->comm, &state), "asking how the sums go");
        check_nccl(state, "adding up over the ranks");
      }
    });
  }

  void stop(std::string_view sentence) {
    machine_.stop(sentence);
    if (on_) on_->give_up();
  }

 private:
  static void check_nccl(ncclResult_t code, char const* doing) {
    if (code != ncclSuccess) throw error(text("nccl: ", doing, ": ", ncclGetErrorString(code), "; NCCL_DEBUG=WARN tells more"));
  }

  // f(), and where it fails, nothing on the device waits for other ranks any more.
  template <class F>
  void guarded(F f) {
    try {
      f();
    } catch (...) {
      if (on_) on_->give_up();
      throw;
    }
  }

  // NCCL wants a device for each rank.
  static void expect_own_device(OneMachine& machine, int device) {
    cudaDeviceProp about{};
    check_cuda(cudaGetDeviceProperties(&about, device), "asking the device for its name");
    Rank const rank = machine.rank();
    std::vector<double> all(static_cast<std::size_t>(rank.count) * sizeof about.uuid);       // a number a byte: a row is a device
    for (std::size_t i = 0; i < sizeof about.uuid; ++i)
      all[static_cast<std::size_t>(rank.number) * sizeof about.uuid + i] = static_cast<unsigned char>(about.uuid.bytes[i]);
    machine.sum(all);
    auto const row = [&](Index r) { return all.begin() + static_cast<std::ptrdiff_t>(r) * static_cast<std::ptrdiff_t>(sizeof about.uuid); };
    for (Index r = 0; r < rank.count; ++r)
      for (Index other = 0; other < r; ++other)
        expects(!std::equal(row(r), row(r + 1), row(other)), "cuda: ranks ", other, " and ", r, " have the same GPU, ", about.name,
                "; start as many ranks as there are GPUs");
  }

  // What the copies of a Nccl have in common.
  struct Connected {
    cudaStream_t stream = nullptr;
    cudaEvent_t computed = nullptr, summed = nullptr;
    ncclComm_t comm = nullptr;

    Connected(OneMachine& machine, int device) {
      int least = 0, greatest = 0;
      check_cuda(cudaSetDevice(device), "choosing the device");
      check_cuda(cudaDeviceGetStreamPriorityRange(&least, &greatest), "asking for priorities of streams");
      check_cuda(cudaStreamCreateWithPriority(&stream, cudaStreamNonBlocking, greatest), "making a stream for sums over ranks");
      check_cuda(cudaEventCreateWithFlags(&computed, cudaEventDisableTiming), "making an event");
      check_cuda(cudaEventCreateWithFlags(&summed, cudaEventDisableTiming), "making an event");
      ncclUniqueId id{};
      if (machine.rank().first()) check_nccl(ncclGetUniqueId(&id), "beginning");
      machine.share(&id, sizeof id);
      check_nccl(ncclCommInitRank(&comm, static_cast<int>(machine.rank().count), id, static_cast<int>(machine.rank().number)),
                 "connecting the ranks' GPUs");
    }
    Connected(Connected const&) = delete;
    ~Connected() {
      if (comm) ncclCommDestroy(comm);
      cudaEventDestroy(computed), cudaEventDestroy(summed), cudaStreamDestroy(stream);
    }
    void give_up() {
      if (comm) ncclCommAbort(std::exchange(comm, nullptr));
    }
  };

  OneMachine machine_;
  std::shared_ptr<Connected> on_;
};

}  // namespace afire
