// tests/support/emulated_gpu.hpp -- runs a kernel's body on the CPU, thread by thread, and refuses what a GPU would do silently
//
//   run_emulated(body, blocks, threads);           // body(t) for every thread t of every block; body.shared_bytes of shared memory
//
// Every thread is a fiber that runs until it waits: for its block (sync), or for the other 31 of its warp (swap, load_matrices, multiply,
// sync_warp), which are then worked out from the operands of all 32 lanes as the PTX ISA describes them. An error is thrown, which names
// block and thread, where one
//   reads or writes outside of shared memory or of a view, or at an address that the width of the access does not divide;
//   reads shared memory that nobody has written;
//   touches shared memory that another thread writes with no barrier in between, or writes what another has read (any order of threads);
//   reads or writes memory of the device that another thread of the launch has written;
//   waits for something else than the others of its warp or block do, or ends before them.
#pragma once
#include <ucontext.h>

#include <cmath>
#include <cstring>
#include <exception>
#include <memory>
#include <unordered_map>
#include <vector>

#include <afire/backend/cuda/tile.cuh>

namespace afire_test {

using namespace afire;

class EmulatedBlock {
 public:
  using Collective = void (*)(void* const (&operands)[32]);            // of the 32 lanes of a warp
  using Written = std::unordered_map<std::uintptr_t, long>;            // two bytes of device memory: block and thread that wrote them

  EmulatedBlock(int number, int threads, int shared_bytes, Written& written)
      : number_(number), workers_(static_cast<std::size_t>(threads)), warp_epoch_(static_cast<std::size_t>(threads / 32)),
        memory_(static_cast<std::size_t>(shared_bytes + 16)), touched_(static_cast<std::size_t>(shared_bytes / 2)), written_(written) {
    expects(threads % 32 == 0, "a block of ", threads, " threads is not whole warps");
  }
  EmulatedBlock(EmulatedBlock const&) = delete;

  // body(thread) by every thread, until all have ended.
  template <class Thread, class Body>
  void run(Body const& body) {
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      Worker& w = workers_[i];
      w.stack = std::make_unique<char[]>(stack_bytes);
      w.work = [](EmulatedBlock& block, int index, void const* what) { (*static_cast<Body const*>(what))(Thread(block, index)); };
      getcontext(&w.context);
      w.context.uc_stack.ss_sp = w.stack.get();
      w.context.uc_stack.ss_size = stack_bytes;
      w.context.uc_link = nullptr;
      makecontext(&w.context, reinterpret_cast<void (*)()>(&enter), 0);
    }
    body_ = &body;
    for (;;) {
      bool moved = false;
      for (std::size_t first = 0; first < workers_.size(); first += 32) moved = run_warp(first) || moved;
      if (moved) continue;
      std::size_t ended = 0, waiting = 0;
      for (auto const& w : workers_) ended += w.state == State::ended, waiting += w.state == State::block;
      if (ended == workers_.size()) return;
      expects(waiting == workers_.size(), "emulated block ", number_, ": ", waiting, " of ", workers_.size(), " threads wait for it, ",
              ended, " have ended, others wait for their warp");
      ++epoch_;
      for (auto& w : workers_) w.state = State::runs;
    }
  }

  int number() const { return number_; }

  void sync() { wait(State::block); }
  void sync_warp() { together(nullptr, only_wait); }
  void together(void* operands, Collective how) {
    Worker& w = workers_[static_cast<std::size_t>(current_)];
    w.operands = operands;
    w.how = how;
    wait(State::warp);
  }

  // `bytes` of shared memory from `at` on, for this thread to read or write.
  std::byte* shared(int index, long at, long bytes, bool writes) {
    long const all = static_cast<long>(touched_.size()) * 2;
    expects(0 <= at && at + bytes <= all, where(index), bytes, " bytes at ", at, " of ", all, " bytes of shared memory");
    expects(at % bytes == 0, where(index), bytes, " bytes of shared memory at ", at, ", which they do not divide");
    for (long k = at / 2; k < (at + bytes) / 2; ++k) {
      Touched& x = touched_[static_cast<std::size_t>(k)];
      if (x.writer.thread == nobody) expects(writes, where(index), "reads byte ", 2 * k, " of shared memory, which nobody has written");
      expects(!races(x.writer, index), where(index), "touches byte ", 2 * k, " of shared memory, which thread ", x.writer.thread,
              " writes with no barrier in between");
      if (writes) {
        expects(!races(x.reader, index), where(index), "writes byte ", 2 * k,
                " of shared memory, which another reads with no barrier in between");
        x.writer = now(index);
      } else if (x.reader.thread == nobody || !same_time(x.reader, index)) {
        x.reader = now(index);
      } else if (x.reader.thread != index) {
        x.reader.thread = several;
      }
    }
    auto const base = reinterpret_cast<std::uintptr_t>(memory_.data());
    return memory_.data() + (base + 15) / 16 * 16 - base + at;
  }

  // Elements (i, j) ... (i, j + count - 1) of a view, for this thread to read or write.
  template <class T>
  void device(int index, View<T, 2> x, Index i, Index j, Index count, bool writes) {
    expects(0 <= i && i < x.rows() && 0 <= j && j + count <= x.cols(), where(index), "element (", i, ", ", j, ") and ", count - 1,
            " more of a view of ", shape_text(x));
    auto const first = reinterpret_cast<std::uintptr_t>(&x(i, j)), bytes = static_cast<std::uintptr_t>(count) * sizeof(T);
    expects(first % bytes == 0, where(index), bytes, " bytes of the device's memory at an address that they do not divide");
    long const me = static_cast<long>(number_) * 4096 + index;
    for (auto at = first; at < first + bytes; at += 2) {
      auto const found = written_.find(at);
      expects(found == written_.end() || found->second == me, where(index), "touches element (", i, ", ", j,
              "), which another thread of this launch has written");
      if (writes) written_[at] = me;
    }
  }

 private:
  enum class State { runs, warp, block, ended };
  static constexpr std::size_t stack_bytes = 128 * 1024;
  static constexpr int nobody = -1, several = -2;
  struct Worker {
    ucontext_t context;
    std::unique_ptr<char[]> stack;
    State state = State::runs;
    void* operands = nullptr;
    Collective how = nullptr;
    void (*work)(EmulatedBlock&, int, void const*) = nullptr;
  };
  struct Touch {
    int thread = nobody, warp = 0;
    long epoch = -1, warp_epoch = 0;       // barriers that had been passed
  };
  struct Touched {
    Touch writer, reader;
  };

  std::string where(int index) const { return text("emulated block ", number_, ", thread ", index, ": "); }
  Touch now(int index) const { return {index, index / 32, epoch_, warp_epoch_[static_cast<std::size_t>(index / 32)]}; }
  bool same_time(Touch const& x, int index) const {
    return x.epoch == epoch_ && !(x.warp == index / 32 && x.warp_epoch < warp_epoch_[static_cast<std::size_t>(index / 32)]);
  }
  bool races(Touch const& x, int index) const { return x.thread != nobody && x.thread != index && same_time(x, index); }

  static EmulatedBlock*& running() {
    static EmulatedBlock* block = nullptr;
    return block;
  }
  static void enter() {
    EmulatedBlock& b = *running();
    Worker& w = b.workers_[static_cast<std::size_t>(b.current_)];
    try {
      w.work(b, b.current_, b.body_);
    } catch (...) {
      b.error_ = std::current_exception();
    }
    b.wait(State::ended);
  }
  void wait(State state) {
    Worker& w = workers_[static_cast<std::size_t>(current_)];
    w.state = state;
    swapcontext(&w.context, &scheduler_);
  }

  // Every thread of a warp goes as far as it can; then what all 32 wait for is done.
  bool run_warp(std::size_t first) {
    bool moved = false;
    std::size_t together = 0;
    for (std::size_t i = first; i < first + 32; ++i) {
      if (workers_[i].state == State::runs) {
        running() = this;
        current_ = static_cast<int>(i);
        moved = true;
        swapcontext(&scheduler_, &workers_[i].context);
        if (error_) std::rethrow_exception(error_);
      }
      together += workers_[i].state == State::warp;
    }
    if (together < 32) return moved;
    void* operands[32];
    for (std::size_t l = 0; l < 32; ++l) {
      Worker& w = workers_[first + l];
      expects(w.how == workers_[first].how, where(static_cast<int>(first + l)), "waits for something else than the others of its warp");
      operands[l] = w.operands;
      w.state = State::runs;
    }
    workers_[first].how(operands);
    if (workers_[first].how == only_wait) ++warp_epoch_[first / 32];
    return true;
  }
  static void only_wait(void* const (&)[32]) {}

  int number_, current_ = 0;
  void const* body_ = nullptr;
  std::exception_ptr error_;
  ucontext_t scheduler_;
  std::vector<Worker> workers_;
  long epoch_ = 0;
  std::vector<long> warp_epoch_;
  std::vector<std::byte> memory_;
  std::vector<Touched> touched_;
  Written& written_;
};

template <class T>
struct EmulatedShared {
  EmulatedBlock* block;
  int index;                               // of the thread
  long byte;                               // of element 0
  int size;

  template <class V>
  V read(int i) const {
    V v;
    std::memcpy(&v, at(i, sizeof(V), false), sizeof v);
    return v;
  }
  template <class V>
  void write(int i, V const& v) const { std::memcpy(at(i, sizeof(V), true), &v, sizeof v); }
  std::byte* at(int i, std::size_t bytes, bool writes) const {
    int const count = static_cast<int>(bytes / sizeof(T));
    expects(0 <= i && i + count <= size, "emulated thread ", index, ": elements ", i, " ... ", i + count - 1, " of an array of ", size);
    return block->shared(index, byte + static_cast<long>(i) * static_cast<long>(sizeof(T)), static_cast<long>(bytes), writes);
  }
};

// The thread that a body is called with (backend/cuda/tile.cuh).
class EmulatedThread {
 public:
  EmulatedThread(EmulatedBlock& block, int index) : block_(&block), index_(index) {}

  int index() const { return index_; }
  int block() const { return block_->number(); }
  void sync() const { block_->sync(); }
  void sync_warp() const { block_->sync_warp(); }
  float exp2(float x) const { return std::exp2(x); }

  float swap(float x, int mask) const {
    Swap s{x, mask, 0};
    block_->together(&s, [](void* const(&lanes)[32]) {
      for (int l = 0; l < 32; ++l) of<Swap>(lanes[l]).out = of<Swap>(lanes[l ^ of<Swap>(lanes[l]).mask]).in;
    });
    return s.out;
  }

  template <class T>
  EmulatedShared<T> shared(int byte, int size) const { return {block_, index_, byte, size}; }

  template <class V, class T>
  V load(View<T, 2> x, Index i, Index j) const {
    block_->device(index_, x, i, j, static_cast<Index>(sizeof(V) / sizeof(T)), false);
    V v;
    std::memcpy(&v, static_cast<void const*>(&x(i, j)), sizeof v);
    return v;
  }
  template <class V, class T>
  void store(View<T, 2> x, Index i, Index j, V const& v) const {
    block_->device(index_, x, i, j, static_cast<Index>(sizeof(V) / sizeof(T)), true);
    std::memcpy(static_cast<void*>(&x(i, j)), &v, sizeof v);
  }

  // Lane l gets of matrix m the elements (l / 4, 2 (l % 4)) and the one to its right; turned: of the transposed matrix.
  template <bool turned>
  Quad load_matrices(EmulatedShared<bf16> x, int i) const {
    Rows r{x.read<Quad>(i), {}};
    block_->together(&r, [](void* const(&lanes)[32]) {
      for (int l = 0; l < 32; ++l)
        for (int m = 0; m < 4; ++m) {
          auto const element = [&](int row, int column) {
            return of<Rows>(lanes[8 * m + row]).in.x[column / 2] >> (16 * (column % 2)) & 0xffffu;
          };
          int const g = l / 4, c = l % 4 * 2;
          of<Rows>(lanes[l]).out.x[m] = turned ? element(c, g) | element(c + 1, g) << 16 : element(g, c) | element(g, c + 1) << 16;
        }
    });
    return r.out;
  }

  void multiply(float (&c)[4], Quad const& a, std::uint32_t b0, std::uint32_t b1) const {
    Product p{c, a, {b0, b1}};
    block_->together(&p, [](void* const(&lanes)[32]) {
      float left[16][16], right[16][8];    // as the PTX ISA lays out their fragments: a_i and b_i are halves of the registers
      for (int l = 0; l < 32; ++l) {
        int const g = l / 4, t = l % 4;
        auto const& x = of<Product>(lanes[l]);
        for (int i = 0; i < 8; ++i)
          left[g + (i / 2 % 2) * 8][t * 2 + i % 2 + i / 4 * 8] = i % 2 ? second_of(x.a.x[i / 2]) : first_of(x.a.x[i / 2]);
        for (int i = 0; i < 4; ++i) right[t * 2 + i % 2 + i / 2 * 8][g] = i % 2 ? second_of(x.b[i / 2]) : first_of(x.b[i / 2]);
      }
      for (int l = 0; l < 32; ++l)
        for (int i = 0; i < 4; ++i) {
          float& sum = of<Product>(lanes[l]).c[i];
          for (int k = 0; k < 16; ++k) sum += left[l / 4 + i / 2 * 8][k] * right[k][l % 4 * 2 + i % 2];
        }
    });
  }

 private:
  struct Swap {
    float in;
    int mask;
    float out;
  };
  struct Rows {
    Quad in, out;
  };
  struct Product {
    float* c;
    Quad a;
    std::uint32_t b[2];
  };
  template <class O>
  static O& of(void* p) { return *static_cast<O*>(p); }

  EmulatedBlock* block_;
  int index_;
};

template <class Body>
void run_emulated(Body const& body, int blocks, int threads) {
  EmulatedBlock::Written written;
  for (int n = 0; n < blocks; ++n) EmulatedBlock(n, threads, Body::shared_bytes, written).run<EmulatedThread>(body);
}

}  // namespace afire_test
