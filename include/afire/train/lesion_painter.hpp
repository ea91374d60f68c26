// afire/train/lesion_painter.hpp -- lesions painted by the backend that trains, not the loader's threads: the same films, byte for byte
//
//   fit(trainer, films, FitOptions{.lesions = DrawnBy::device});
//
//   loader: film -> circle, random numbers: a plan        backend: clean, plan -> seen, map        host: map, for counts of the step
//
//   LesionPainter painter = painter_of(trainer);                  // or the sentence why there is none
//   painter.paint(batch, micros);                                 // films of a planned batch (data/loader.hpp), for trainer.step
//   painter.expect(next);                                         // its films and plan are copied while that step computes
//
// Half the bytes are copied: clean films, and 32 of them for each lesion. A step's first micro-batch finds all of the step's films there.
#pragma once
#include <algorithm>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <afire/core/ahead.hpp>
#include <afire/core/ranks.hpp>
#include <afire/data/batch.hpp>
#include <afire/nn/vit.hpp>
#include <afire/ssl/lesion_paint.hpp>
#include <afire/ssl/objective.hpp>

namespace afire {

// Who draws the lesions of a training: threads on the CPU, or the device that computes. The films are the same.
enum class DrawnBy { loader, device };

struct LesionPainter {
  std::function<void(Batch const& batch, std::span<Micro<GreyPixels>> micros)> paint = {};
  std::function<void(Batch const& next)> expect = {};
  explicit operator bool() const { return static_cast<bool>(paint); }
};

// Memory of the backend that so many films of a step take.
inline Index painted_bytes(SyntheticLesion const& how, Index films, Index micro, Index side, Index tokens) {
  return films * (3 * side * side + tokens + 2 * how.slots() * Index{sizeof(Lesion)}) + LesionBrushes::bytes(how, micro, side, side);
}

// The films of a step in a backend's memory: two rooms of clean films and plans, one that is computed with and one that is copied to.
template <class B>
class PaintedBatches {
 public:
  PaintedBatches(B& be, SyntheticLesion const& how, ViTConfig const& vit, Index films, Index micro, Normalisation const& normalisation)
      : be_(be), how_(how), normalisation_(normalisation), films_(films), side_(vit.image), patch_(vit.patch),
        brushes_(be, how, micro, side_, side_), seen_(allocate<std::uint8_t>(be, films * side_ * side_)),
        map_(allocate<std::uint8_t>(be, films * vit.tokens())), host_map_(films, vit.tokens()) {
    for (Room& room : rooms_) {
      room.clean = allocate<std::uint8_t>(be, films * side_ * side_);
      room.plan = allocate<Lesion>(be, films * how.slots());
    }
  }
  PaintedBatches(PaintedBatches const&) = delete;
  ~PaintedBatches() {
    for (auto const* films : pinned_) unpin(be_, films);
  }

  void paint(Batch const& batch, std::span<Micro<GreyPixels>> micros) {
    if (Which(batch) == expected_) {
      now_ = 1 - now_;
      await_uploads(be_);
    } else {
      upload(be_, batch.clean.data(), rooms_[now_].clean.view()), upload(be_, batch.plan.data(), rooms_[now_].plan.view());
    }
    expected_ = {};
    Index const count = films_ / static_cast<Index>(micros.size()), slots = how_.slots(), tokens = host_map_.extent(1);
    View<std::uint8_t, 3> const clean(rooms_[now_].clean.data(), films_, side_, side_), seen(seen_.data(), films_, side_, side_);
    View<Lesion, 2> const plan(rooms_[now_].plan.data(), films_, slots);
    View<std::uint8_t, 2> const map(map_.data(), films_, tokens);
    for (Index first = 0; first < films_; first += count) {
      auto const part = [&](auto const& x) { return x.slice(first, count); };
      paint_lesions(be_, how_, {part(clean), part(plan), part(seen), part(map)}, patch_, brushes_);
      micros[static_cast<std::size_t>(first / count)] = {{part(seen), normalisation_, true}, {part(clean), normalisation_, true},
                                                         part(host_map_.view())};
    }
    download(be_, map_.view(), host_map_.data());
  }

  // After paint(): the other room is free once what has been asked for is done.
  void expect(Batch const& next) {
    auto const* const films = next.clean.data();
    if (std::find(pinned_.begin(), pinned_.end(), films) == pinned_.end()) {
      pin(be_, films, next.clean.size());
      pinned_.push_back(films);
    }
    upload_ahead(be_, films, rooms_[1 - now_].clean.view()), upload_ahead(be_, next.plan.data(), rooms_[1 - now_].plan.view());
    expected_ = Which(next);
  }

 private:
  struct Room {
    Buffer<std::uint8_t> clean;            // (films, S, S)
    Buffer<Lesion> plan;                   // (films, K)
  };
  struct Which {
    Index epoch = -1, step = -1;
    Which() = default;
    explicit Which(Batch const& b) : epoch(b.epoch), step(b.step) {}
    bool operator==(Which const&) const = default;
  };

  B& be_;
  SyntheticLesion how_;
  Normalisation normalisation_;
  Index films_, side_, patch_;
  LesionBrushes brushes_;
  Room rooms_[2];
  int now_ = 0;
  Buffer<std::uint8_t> seen_, map_;        // (films, S, S), (films, L)
  Tensor<std::uint8_t, 2> host_map_;       // (films, L)
  Which expected_;                         // what lies in the other room, or is on its way there
  std::vector<std::uint8_t const*> pinned_;
};

// Of a trainer whose backend has memory of its own and whose masking is SyntheticLesion.
template <class Trainer>
LesionPainter painter_of(Trainer& trainer) {
  using B = std::remove_reference_t<decltype(trainer.backend())>;
  using Masking = std::remove_cvref_t<decltype(trainer.masking())>;
  if constexpr (shares_host_memory<B>()) {
    throw error("lesions on the device: this backend computes in the host's memory; let the loader draw them (--lesions loader)");
  } else if constexpr (!std::is_same_v<Masking, SyntheticLesion>) {
    throw error("lesions on the device: only SyntheticLesion is painted there; let the loader draw (--lesions loader)");
  } else {
    auto const& o = trainer.options();
    auto& be = trainer.backend();
    Index const ranks = ranks_of(be).rank().count;       // each paints its share
    auto const films = std::make_shared<PaintedBatches<B>>(be, trainer.masking(), trainer.method().config().vit,
                                                           trainer.films_per_step() / ranks, o.batch / ranks, o.normalisation);
    return {[films](Batch const& batch, std::span<Micro<GreyPixels>> micros) { films->paint(batch, micros); },
            [films](Batch const& next) { films->expect(next); }};
  }
}

}  // namespace afire
