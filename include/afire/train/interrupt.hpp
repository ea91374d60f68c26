// afire/train/interrupt.hpp -- Ctrl-C (SIGINT) and SIGTERM asked for between steps, so that a run can save before it ends
//
//   Interrupt const interrupt;                          // until its end the first signal only sets a flag; the second one ends at once
//   for (...) { step(); if (interrupt.asked()) { save(); break; } }
//   print("stopped by ", interrupt.name());             // "Ctrl-C"
//
// A signal handler reaches only what the whole process can see, so this header holds the library's one piece of process-wide state:
// a private flag, which nobody but one living Interrupt and its handler can touch. A signal that was ignored before (nohup) stays so.
#pragma once
#include <signal.h>

#include <atomic>

#include <afire/core/error.hpp>

namespace afire {

class Interrupt {
 public:
  Interrupt() {
    sig_atomic_t nobody = unused;
    expects(flag_.compare_exchange_strong(nobody, 0), "an Interrupt exists already; one in a program is enough");
    for (int i = 0; i < 2; ++i) {
      struct sigaction ours = {};
      ours.sa_handler = handle;
      ours.sa_flags = SA_RESTART;
      sigemptyset(&ours.sa_mask);
      ::sigaction(numbers[i], nullptr, &before_[i]);
      if (before_[i].sa_handler != SIG_IGN) ::sigaction(numbers[i], &ours, nullptr);
    }
  }
  Interrupt(Interrupt const&) = delete;
  ~Interrupt() {
    for (int i = 0; i < 2; ++i) ::sigaction(numbers[i], &before_[i], nullptr);
    flag_ = unused;
  }

  bool asked() const { return flag_ != 0; }
  int number() const { return static_cast<int>(flag_); }                              // of the signal; a shell reports 128 + number
  char const* name() const { return number() == SIGINT ? "Ctrl-C" : number() == SIGTERM ? "SIGTERM" : "nothing"; }

 private:
  static constexpr int numbers[] = {SIGINT, SIGTERM};
  static constexpr sig_atomic_t unused = -1;

  static void handle(int number) {
    sig_atomic_t none = 0;
    if (flag_.compare_exchange_strong(none, static_cast<sig_atomic_t>(number))) return;
    ::signal(number, SIG_DFL);
    ::raise(number);                                   // takes effect when this handler returns
  }

  // sig_atomic_t because a handler may interrupt anything; atomic because it may run in another thread than the one that asks.
  static inline std::atomic<sig_atomic_t> flag_ = unused;
  static_assert(std::atomic<sig_atomic_t>::is_always_lock_free, "afire: a signal handler needs a lock-free flag");
  struct sigaction before_[2];
};

}  // namespace afire
