// afire/core/arena.hpp -- activation memory, planned once and reused by every step
//
//   A module's plan(arena, ...) asks for the views it will need and keeps them; it is called twice, first on an arena that only
//   counts (the dry run, whose total --dry-run prints), then on one that owns that much memory. A step allocates nothing.
//
//   auto x = arena.keep<T>(N, C);                         // lives as long as the plan: what the backward pass will read
//   { auto scope = arena.scope();                         // scratch taken inside may be reused by whoever plans next
//     auto h = arena.scratch<T>(N, 4 * C);
//   }
//   auto forget = arena.forget();                         // a teacher: keep() is scratch() while this lives
//   auto borrow = arena.borrow();                         // and its scratch lies where what is kept next will lie: used up before that is
//   auto again = arena.recompute();                       // blocks planned while this lives compute again backward what they need there
//
// Plans nest as the calls of the step do, so what must not overlap does not.
#pragma once
#include <vector>

#include <afire/core/tensor.hpp>

namespace afire {

// Hands out views of one piece of memory, or counts what that piece must be.
class Arena {
 public:
  struct Part {
    std::string name;
    Index bytes;
  };

  Arena() = default;                                     // counts only
  Arena(Arena const& counted, Buffer<std::byte> memory)  // memory.size() must be at least counted.bytes()
      : base_(memory.data()), scratch_begin_(counted.kept_bytes()), memory_(std::move(memory)) {}

  template <class T, class... N>
  auto keep(N... sizes) {
    return place<T>(forgetting_ || lending_ ? take_scratch(bytes_of<T>(sizes...)) : take_kept(bytes_of<T>(sizes...)), sizes...);
  }

  template <class T, class... N>
  auto scratch(N... sizes) {
    return place<T>(take_scratch(bytes_of<T>(sizes...)), sizes...);
  }

  // Gives scratch back when it ends.
  class Scope {
   public:
    explicit Scope(Arena& arena) : taken_(arena.borrowing_ ? arena.borrowed_ : arena.scratch_), at_(taken_) {}
    Scope(Scope const&) = delete;
    ~Scope() { taken_ = at_; }

   private:
    Index& taken_;
    Index at_;
  };
  Scope scope() { return Scope(*this); }

  // A way of planning that is left when it ends.
  class Mode {
   public:
    Mode(bool& mode, bool value) : mode_(mode), before_(std::exchange(mode, value)) {}
    Mode(Mode const&) = delete;
    ~Mode() { mode_ = before_; }

   private:
    bool& mode_;
    bool before_;
  };
  // keep() is scratch(), and no backward pass will come.
  Mode forget() { return Mode(forgetting_, true); }
  bool forgetting() const { return forgetting_; }
  // Whoever can is to keep its input alone, and to compute again backward what it needs there (nn/block.hpp); it plans that as lent.
  Mode recompute(bool on = true) { return Mode(recomputing_, on); }
  bool recomputing() const { return recomputing_ && !forgetting_; }
  // keep() is scratch(), although a backward pass will come.
  Mode lend(bool on = true) { return Mode(lending_, on); }

  // Scratch taken while this lives lies where keep() will go on afterwards. Nothing is kept meanwhile.
  Mode borrow() { return borrowed_ = 0, Mode(borrowing_, true); }

  // What is kept from here on is listed under this name.
  [[gnu::noinline]] void part(std::string name) { parts_.push_back({std::move(name), 0}); }

  Index bytes() const { return kept_bytes() + scratch_peak_; }
  Index kept_bytes() const { return kept_ > borrowed_peak_ ? kept_ : borrowed_peak_; }       // or borrowed, if that is more
  Index scratch_bytes() const { return scratch_peak_; }
  std::vector<Part> const& parts() const { return parts_; }

 private:
  static constexpr Index alignment = 64;

  template <class T, class... N>
  static Index bytes_of(N... sizes) {
    expect_countable((static_cast<double>(sizeof(T)) * ... * static_cast<double>(sizes)));
    return (static_cast<Index>(sizeof(T)) * ... * static_cast<Index>(sizes));
  }
  [[gnu::noinline]] static void expect_countable(double bytes) {
    expects(0 <= bytes && bytes < 0x1p56, "not enough memory for an activation of ", bytes, " bytes; use a smaller batch or model");
  }
  static Index padded(Index bytes) { return (bytes + alignment - 1) / alignment * alignment; }

  [[gnu::noinline]] Index take_kept(Index bytes) {
    Index const at = kept_;
    kept_ += padded(bytes);
    if (!parts_.empty()) parts_.back().bytes += kept_ - at;
    return at;
  }
  [[gnu::noinline]] Index take_scratch(Index bytes) {
    if (borrowing_) {
      Index const here = kept_ + borrowed_;
      borrowed_ += padded(bytes);
      if (kept_ + borrowed_ > borrowed_peak_) borrowed_peak_ = kept_ + borrowed_;
      return here;
    }
    Index const at = scratch_begin_ + scratch_;
    scratch_ += padded(bytes);
    if (scratch_ > scratch_peak_) scratch_peak_ = scratch_;
    return at;
  }

  template <class T, class... N>
  View<T, static_cast<int>(sizeof...(N))> place(Index at, N... sizes) const {
    return View<T, static_cast<int>(sizeof...(N))>(base_ ? reinterpret_cast<T*>(base_ + at) : nullptr, sizes...);
  }

  std::byte* base_ = nullptr;
  Index kept_ = 0, scratch_ = 0, scratch_peak_ = 0, scratch_begin_ = 0, borrowed_ = 0, borrowed_peak_ = 0;
  bool forgetting_ = false, recomputing_ = false, lending_ = false, borrowing_ = false;
  std::vector<Part> parts_;
  Buffer<std::byte> memory_;
};

}  // namespace afire
