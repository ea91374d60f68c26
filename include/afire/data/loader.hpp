// afire/data/loader.hpp -- worker threads that load films, draw their lesions and hand out batches in a fixed order
//
//   Loader loader(films, SyntheticLesion{}, LoaderOptions{.image = 224, .patch = 16, .batch = 32, .seed = 1, .threads = 2});
//   Batch const& batch = loader.next();              // valid until the next call
//
// Step s belongs to epoch s / (films / batch); a shuffle of (seed, epoch) alone gives its rows, what does not fill a batch is left out of
// that epoch. What happens to a film is a function of (seed, epoch, row). So batches are the same for any number of threads, and
// LoaderOptions::step goes on where another run stopped. A worker prepares a whole batch; at most threads + ahead batches exist.
#pragma once
#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <afire/core/rng.hpp>
#include <afire/core/tensor.hpp>

namespace afire {

struct LoaderOptions {
  Index image = 224, patch = 16, batch = 32;
  std::uint64_t seed = 0;
  Index threads = 1;                       // 0: next() prepares the batch itself
  Index ahead = 2;                         // batches that may wait beside those in work
  Index step = 0;                          // the first one to hand out
};

struct Batch {
  Index epoch = 0, step = 0;
  Tensor<std::uint8_t, 3> clean, seen, mask;           // (B, S, S)
  Tensor<std::uint8_t, 2> lesion;                      // (B, L): 1 where a patch was changed
  std::vector<Index> rows;                             // (B): of the source
};

// A shuffle of 0 ... n-1, a function of (seed, epoch).
inline void film_order(std::uint64_t seed, Index epoch, Index n, std::vector<Index>& order) {
  order.resize(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<Index>(i);
  Draws draws(Random(seed, Purpose::order, static_cast<std::uint64_t>(epoch)));
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[draws.below(static_cast<std::uint32_t>(i))]);
}

template <class Source, class Masking>
class Loader {
 public:
  Loader(Source const& source, Masking const& masking, LoaderOptions options)
      : source_(source), masking_(masking), o_(options), per_epoch_(source.size() / options.batch), wanted_(options.step), next_step_(options.step) {
    expects(per_epoch_ > 0, "loader: ", source.size(), " films do not fill one batch of ", options.batch);
    Index const slots = o_.threads + o_.ahead + 1;
    for (Index i = 0; i < slots; ++i) {
      slots_.push_back(std::make_unique<Slot>());
      Batch& b = slots_.back()->batch;
      Index const side = o_.image / o_.patch;
      b.clean = Tensor<std::uint8_t, 3>(o_.batch, o_.image, o_.image);
      b.seen = Tensor<std::uint8_t, 3>(o_.batch, o_.image, o_.image);
      b.mask = Tensor<std::uint8_t, 3>(o_.batch, o_.image, o_.image);
      b.lesion = Tensor<std::uint8_t, 2>(o_.batch, side * side);
      b.rows.resize(static_cast<std::size_t>(o_.batch));
    }
    for (Index t = 0; t < o_.threads; ++t) workers_.emplace_back([this] { work(); });
  }
  Loader(Loader const&) = delete;
  ~Loader() {
    {
      std::lock_guard const lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    for (auto& worker : workers_) worker.join();
  }

  Index steps_per_epoch() const { return per_epoch_; }
  double waited() const { return waited_; }            // seconds in next(), in all

  // The batch of the next step; what a worker could not load is thrown here, and again at the next call.
  Batch const& next() {
    auto const begin = std::chrono::steady_clock::now();
    if (o_.threads == 0) {
      prepare(*slots_[0], wanted_, own_);
      waited_ += seconds_since(begin);
      if (slots_[0]->failed) std::rethrow_exception(slots_[0]->failed);
      ++wanted_;
      return slots_[0]->batch;
    }
    std::unique_lock lock(mutex_);
    if (out_) out_->state = State::free, out_ = nullptr;
    changed_.notify_all();
    Slot* found = nullptr;
    changed_.wait(lock, [&] { return (found = slot_of(wanted_, State::ready)) != nullptr; });
    waited_ += seconds_since(begin);
    if (found->failed) std::rethrow_exception(found->failed);
    ++wanted_;
    found->state = State::out;
    out_ = found;
    return found->batch;
  }

 private:
  enum class State { free, working, ready, out };
  struct Slot {
    Batch batch;
    State state = State::free;
    std::exception_ptr failed;
  };
  struct Own {                             // of one thread
    Index epoch = -1;
    std::vector<Index> order;
    typename Masking::Room room;
  };

  static double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }

  Slot* slot_of(Index step, State state) {
    for (auto& slot : slots_)
      if (slot->state == state && slot->batch.step == step) return slot.get();
    return nullptr;
  }

  Slot* free_slot() {
    for (auto& slot : slots_)
      if (slot->state == State::free) return slot.get();
    return nullptr;
  }

  void work() {
    Own own;
    std::unique_lock lock(mutex_);
    for (;;) {
      Slot* slot = nullptr;
      changed_.wait(lock, [&] { return stop_ || (slot = free_slot()) != nullptr; });
      if (stop_) return;
      Index const step = next_step_++;
      slot->state = State::working;
      lock.unlock();
      prepare(*slot, step, own);
      lock.lock();
      slot->state = State::ready;
      changed_.notify_all();
    }
  }

  void prepare(Slot& slot, Index step, Own& own) const {
    Batch& b = slot.batch;
    b.step = step, b.epoch = step / per_epoch_;
    slot.failed = nullptr;
    try {
      if (own.epoch != b.epoch) film_order(o_.seed, own.epoch = b.epoch, source_.size(), own.order);
      for (Index i = 0; i < o_.batch; ++i) {
        Index const row = own.order[static_cast<std::size_t>(step % per_epoch_ * o_.batch + i)];
        b.rows[static_cast<std::size_t>(i)] = row;
        auto const clean = b.clean.view().row(i), seen = b.seen.view().row(i), mask = b.mask.view().row(i);
        source_.load(row, clean);
        masking_(Random(o_.seed, Purpose::lesion, static_cast<std::uint64_t>(b.epoch), static_cast<std::uint64_t>(row)), clean, seen, mask, own.room);
        lesion_patches(mask, o_.patch, b.lesion.view().row(i), masking_.patch_share);
      }
    } catch (...) { slot.failed = std::current_exception(); }
  }

  Source const& source_;
  Masking masking_;
  LoaderOptions o_;
  Index per_epoch_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  Index wanted_, next_step_;
  double waited_ = 0;
  std::vector<std::unique_ptr<Slot>> slots_;
  Slot* out_ = nullptr;
  Own own_;
  std::vector<std::thread> workers_;
};

}  // namespace afire
