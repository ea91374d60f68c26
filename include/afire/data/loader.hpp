// afire/data/loader.hpp -- batches of films, made by threads of their own while the last batch is learnt from
//
//   Loader loader(films, SyntheticLesion{}, {.batch = 32, .seed = 1, .threads = 2});
//   for (Index step = 0; step < loader.steps_per_epoch(); ++step) {
//     Batch const& batch = loader.next();                 // valid until the next call; batch.epoch, batch.step say which
//   }
//   loader.seek(epoch, step);                             // go on elsewhere, as a run that is resumed does
//
// A masking with views (two crops of each film) makes V images of a film. Of each `micro` films, image v micro + b is view v of film b, so
// that a view of a micro-batch lies in one piece.
//
// With ranks, rank r of R makes its share alone: films r B ... (r + 1) B - 1 of each R B, so that together they make what one rank would.
//
// Epoch e takes the films in the order of a shuffle by Random(seed, Purpose::order, e) and leaves out the last ones that fill no batch.
// What happens to film `row` is drawn from Random(seed, Purpose::lesion, e, row). So a batch is a function of (seed, epoch, step): the
// same for any number of threads and after any seek. Memory is taken for `ahead` + 1 batches once. An exception in a thread comes out of
// next() in place of the batch that it concerns.
#pragma once
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <numeric>
#include <span>
#include <thread>
#include <vector>

#include <afire/core/rank.hpp>
#include <afire/data/batch.hpp>
#include <afire/data/body_circles.hpp>
#include <afire/data/concepts.hpp>
#include <afire/ssl/concepts.hpp>
#include <afire/ssl/masking.hpp>

namespace afire {

struct LoaderOptions {                     // sizes in pixels, batch in films
  Index batch = 32, side = 224, patch = 16;
  std::uint64_t seed = 0;
  Index threads = 1;
  Index ahead = 3;                                       // batches made before they are asked for
  bool shuffle = true;
  Index micro = 0;                                       // films of a micro-batch; 0: all of the batch
  Rank rank = {};                                        // whose share of the films; batch and micro are its own
  bool planned = false;                                  // lesions are numbers, for who paints them (train/lesion_painter.hpp)
};

// The order of the films in an epoch. Fisher and Yates: each is as likely as any other.
inline void shuffle_epoch(std::span<Index> order, std::uint64_t seed, Index epoch) {
  std::iota(order.begin(), order.end(), Index{0});
  Draws draws(Random(seed, Purpose::order, static_cast<std::uint64_t>(epoch)));
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[draws.below(static_cast<std::uint32_t>(i))]);
}

template <class Source, class Masking>
class Loader {
  static_assert(explain_source<Source>() && explain_masking<Masking>());

 public:
  Loader(Source const& source, Masking masking, LoaderOptions const& options = {})      // the source must outlive the loader
      : source_(source), masking_(validated(masking)), views_(view_count(masking_)), options_(options),
        circles_(options.planned ? source.size() : 0), order_(static_cast<std::size_t>(source.size())) {
    if (options_.micro == 0) options_.micro = options_.batch;
    auto const [B, S, P, seed, threads, ahead, shuffle, micro, rank, planned] = options_;
    expects(B > 0 && threads > 0 && ahead > 0, "loader: batch ", B, ", threads ", threads, ", ahead ", ahead, "; each must be at least 1");
    expects(S > 0 && P > 0 && S % P == 0, "loader: films of ", S, " x ", S, " pixels cannot be cut into patches of ", P);
    expects(micro > 0 && B % micro == 0, "loader: micro-batches of ", micro, " do not make a batch of ", B);
    expects(0 <= rank.number && rank.number < rank.count, "loader: there is no rank ", rank.number, " of ", rank.count);
    expects(source.size() >= B * rank.count, "loader: ", source.size(), " films do not fill a batch of ", B * rank.count,
            "; use a smaller batch");
    expects(!planned || lesion_slots(masking_) > 0, "loader: this masking has no lesions that a device could paint; use --lesions loader");
    slots_.resize(static_cast<std::size_t>(ahead) + 1);
    Index const images = views_ * B, painted = planned ? 0 : images;
    for (Slot& slot : slots_) {
      slot.batch.clean = Tensor<std::uint8_t, 3>(images, S, S);
      slot.batch.seen = Tensor<std::uint8_t, 3>(painted, S, S);
      slot.batch.mask = Tensor<std::uint8_t, 3>(painted, S, S);
      slot.batch.lesion = Tensor<std::uint8_t, 2>(painted, (S / P) * (S / P));
      slot.batch.plan = Tensor<Lesion, 2>(B - painted / views_, lesion_slots(masking_));
      slot.batch.rows.resize(static_cast<std::size_t>(B));
    }
    try {
      for (Index t = 0; t < threads; ++t) threads_.emplace_back([this] { work(); });
    } catch (...) {
      stop();
      throw;
    }
  }
  Loader(Loader const&) = delete;
  ~Loader() { stop(); }

  Index steps_per_epoch() const { return source_.size() / (options_.batch * options_.rank.count); }
  double seconds_waited() const { return waited_; }      // by all calls of next()
  LoaderOptions const& options() const { return options_; }

  Batch const& next() {
    std::unique_lock lock(mutex_);
    if (std::exchange(handed_out_, false)) {
      ++current_;
      free_.notify_all();
    }
    Slot& slot = slot_of(current_);
    auto const is_ready = [&] { return slot.number == current_ && slot.left == 0; };
    if (!is_ready()) {
      auto const begin = std::chrono::steady_clock::now();
      ready_.wait(lock, is_ready);
      waited_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }
    if (slot.failure) std::rethrow_exception(slot.failure);
    handed_out_ = true;
    return slot.batch;
  }

  // The batch that next() will give, if it is done already; as it is until the call of next() after that one. Else nullptr.
  Batch const* upcoming() {
    std::lock_guard const lock(mutex_);
    Index const number = current_ + handed_out_;
    Slot const& slot = slot_of(number);
    return slot.number == number && slot.left == 0 && !slot.failure ? &slot.batch : nullptr;
  }

  // The next batch will be that of this step.
  void seek(Index epoch, Index step) {
    expects(epoch >= 0 && 0 <= step && step <= steps_per_epoch(), "loader: epoch ", epoch, ", step ", step, "; an epoch has ",
            steps_per_epoch(), " steps");
    std::unique_lock lock(mutex_);
    paused_ = true;
    ready_.wait(lock, [&] { return busy_ == 0; });
    current_ = epoch * steps_per_epoch() + step, ticket_ = current_ * options_.batch;
    for (Slot& slot : slots_) slot.number = -1;
    handed_out_ = paused_ = false;
    free_.notify_all();
  }

 private:
  static Index view_count(Masking const& masking) {
    if constexpr (requires { masking.count(); }) return masking.count();
    else return 1;
  }

  struct Slot {
    Batch batch;
    Index number = -1;                                   // which batch it is, counted from the first of epoch 0
    Index left = 0;                                      // films still to be made
    Index failed = 0;                                    // the first film that could not be
    std::exception_ptr failure;
  };

  Slot& slot_of(Index number) { return slots_[static_cast<std::size_t>(number) % slots_.size()]; }

  // What a thread keeps from film to film.
  struct Room {
    typename Masking::Room masking;
    Tensor<std::uint8_t, 2> film;                        // (S, S) of which views are made
  };

  // One film after the other, in the order in which they are wanted, as long as there is a batch to put them into.
  void work() {
    Room room;
    std::unique_lock lock(mutex_);
    for (;;) {
      free_.wait(lock, [&] { return stopping_ || (!paused_ && ticket_ / options_.batch < current_ + static_cast<Index>(slots_.size())); });
      if (stopping_) return;
      Index const number = ticket_ / options_.batch, at = ticket_ % options_.batch;
      ++ticket_, ++busy_;
      Slot& slot = slot_of(number);
      if (slot.number != number) begin(slot, number);
      lock.unlock();
      std::exception_ptr failure;
      try {
        make(slot.batch, at, room);
      } catch (...) { failure = std::current_exception(); }
      lock.lock();
      if (failure && (!slot.failure || at < slot.failed)) slot.failure = failure, slot.failed = at;
      --busy_, --slot.left;
      if (slot.left == 0 || paused_) ready_.notify_all();
    }
  }

  void begin(Slot& slot, Index number) {
    slot.number = number, slot.left = options_.batch, slot.failure = nullptr;
    Batch& batch = slot.batch;
    batch.epoch = number / steps_per_epoch(), batch.step = number % steps_per_epoch();
    if (batch.epoch != order_epoch_) put_in_order(batch.epoch);
    Index const share = batch.step * options_.rank.count + options_.rank.number;
    std::copy_n(order_.begin() + share * options_.batch, options_.batch, batch.rows.begin());
  }

  void put_in_order(Index epoch) {
    if (options_.shuffle) shuffle_epoch(order_, options_.seed, epoch);
    else std::iota(order_.begin(), order_.end(), Index{0});
    order_epoch_ = epoch;
  }

  void make(Batch& batch, Index at, Room& room) const {
    Index const row = batch.rows[static_cast<std::size_t>(at)], S = options_.side, micro = options_.micro;
    Random const random(options_.seed, Purpose::lesion, static_cast<std::uint64_t>(batch.epoch), static_cast<std::uint64_t>(row));
    if constexpr (PlansLesions<Masking>)
      if (options_.planned) {
        auto const film = batch.clean.view().row(at);
        source_.load(row, film);
        Circle const body = circles_.of(row, film, [&] { return masking_.body(film, room.masking); });
        return masking_.plan(random, body, S, S, batch.plan.view().row(at), room.masking);
      }
    if constexpr (requires { masking_.count(); }) {
      if (room.film.size() == 0) room.film = Tensor<std::uint8_t, 2>(S, S);
      source_.load(row, room.film.view());
    } else {
      source_.load(row, batch.clean.view().row(at));
    }
    for (Index v = 0; v < views_; ++v) {
      Index const image = (at / micro * views_ + v) * micro + at % micro;
      auto const clean = batch.clean.view().row(image), seen = batch.seen.view().row(image), mask = batch.mask.view().row(image);
      if constexpr (requires { masking_.count(); }) masking_.view(random, v, room.film.view(), clean, seen, mask, room.masking);
      else masking_(random, clean, seen, mask, room.masking);
      lesion_patches(mask, options_.patch, batch.lesion.view().row(image), masking_.patch_share);
    }
  }

  void stop() {
    {
      std::lock_guard const lock(mutex_);
      stopping_ = true;
    }
    free_.notify_all();
    threads_.clear();                                    // joins
  }

  Source const& source_;
  Masking masking_;
  Index views_;                                          // V
  LoaderOptions options_;
  BodyCircles circles_;                                  // of planned lesions
  double waited_ = 0;

  std::mutex mutex_;                                     // for all that follows but the pixels of a slot that is being filled
  std::condition_variable free_, ready_;
  std::vector<Slot> slots_;
  std::vector<Index> order_;                             // of the films in epoch order_epoch_
  Index order_epoch_ = -1;
  Index current_ = 0;                                    // the batch that next() hands out, or has handed out
  Index ticket_ = 0;                                     // the film that is made next, counted as batches are
  Index busy_ = 0;
  bool handed_out_ = false, paused_ = false, stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace afire
