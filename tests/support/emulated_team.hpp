// tests/support/emulated_team.hpp -- the workers of a warp or block as coroutines on one CPU thread, so that row functors run as on a GPU
//
//   for_each_row_of_teams<EmulatedWarp>(n, f);            // f(TeamLane<EmulatedWarp>{}, row) by 32 workers a row
//
// Between two meetings (swap, sync) a worker runs alone, and workers take turns in an order that a test may turn round: what depends on
// it is a race. If some workers end a row while others wait at a meeting, the row functor's branches are not the row's, and that throws.
#pragma once
#include <ucontext.h>

#include <afire/backend/reference.hpp>
#include <afire/backend/team_lane.hpp>
#include <afire/core/pack.hpp>
#include <cstring>
#include <utility>
#include <vector>

namespace afire_test {

using namespace afire;

class Fibres {
 public:
  static Fibres*& running() {
    static Fibres* now = nullptr;
    return now;
  }

  template <class Work>
  void run(Index workers, bool backwards, Work& work) {
    running() = this;
    all_.resize(static_cast<std::size_t>(workers)), values_.resize(all_.size()), room_.resize(1024);
    work_ = [](void* w, Index i) { (*static_cast<Work*>(w))(i); }, argument_ = &work;
    for (Index i = 0; i < workers; ++i) {
      Fibre& f = all_[static_cast<std::size_t>(i)];
      f.stack.resize(std::size_t{64} << 10), f.done = false;
      ::getcontext(&f.context);
      f.context.uc_stack.ss_sp = f.stack.data(), f.context.uc_stack.ss_size = f.stack.size(), f.context.uc_link = &scheduler_;
      ::makecontext(&f.context, begin, 0);
    }
    for (Index ended = 0; ended < workers;) {            // every worker up to its next meeting, then again
      Index more = 0;
      for (Index k = 0; k < workers; ++k) {
        now_ = backwards ? workers - 1 - k : k;
        ::swapcontext(&scheduler_, &all_[static_cast<std::size_t>(now_)].context);
        more += all_[static_cast<std::size_t>(now_)].done;
      }
      ended += more;
      if (more != 0 && more != workers) throw error(text("row functor: ", more, " of ", workers, " workers ended while others wait"));
    }
  }

  Index now() const { return now_; }
  void meet() { ::swapcontext(&all_[static_cast<std::size_t>(now_)].context, &scheduler_); }
  template <class S>
  S swapped(S x, Index with) {
    static_assert(sizeof(S) <= 16);
    std::memcpy(values_[static_cast<std::size_t>(now_)].bytes, &x, sizeof(S));
    meet();
    std::memcpy(&x, values_[static_cast<std::size_t>(with)].bytes, sizeof(S));
    meet();                                              // nobody gives the next before all have read
    return x;
  }
  void* room() { return room_.data(); }

 private:
  struct Fibre {
    ucontext_t context;
    std::vector<char> stack;
    bool done = false;
  };
  struct alignas(16) Value {
    char bytes[16];
  };
  static void begin() {
    Fibres& f = *running();
    f.work_(f.argument_, f.now_);
    f.all_[static_cast<std::size_t>(f.now_)].done = true;
  }

  std::vector<Fibre> all_;
  std::vector<Value> values_, room_;
  ucontext_t scheduler_;
  Index now_ = 0;
  void (*work_)(void*, Index) = nullptr;
  void* argument_ = nullptr;
};

template <Index workers>
struct EmulatedTeam {
  static constexpr Index size = workers;
  Index index() const { return Fibres::running()->now(); }
  template <class S>
  S swap(S x, int mask) const { return Fibres::running()->swapped(x, index() ^ mask); }
  void sync() const { Fibres::running()->meet(); }
  template <class S>
  S* room() const { return static_cast<S*>(Fibres::running()->room()); }
};
using EmulatedWarp = EmulatedTeam<32>;
using EmulatedBlock = EmulatedTeam<64>;          // a GPU's has 256: more of the same, but four times the work here

// f for every row by a team of its own, as backend/cuda/launch.cuh starts it.
template <class Team, class F>
void for_each_row_of_teams(Index n, F const& f, bool backwards = false) {
  Fibres fibres;
  for (Index row = 0; row < n; ++row) {
    auto work = [&](Index) { f(TeamLane<Team>{}, row); };
    fibres.run(Team::size, backwards, work);
  }
}

// A backend of the CPU that runs rows as a GPU does: a warp a row, or a block.
template <class Team>
struct team_tag : reference_tag {};
template <class Team>
constexpr bool moves_packs(team_tag<Team>) { return true; }
template <class Team>
struct Emulated {
  using tag = team_tag<Team>;
  int threads = 1;
  bool backwards = false;                  // workers take turns from the last to the first
};
template <class Team, class B, class F>
void for_each_row(team_tag<Team>, B& be, Index n, F f) { for_each_row_of_teams<Team>(n, f, be.backwards); }

}  // namespace afire_test
