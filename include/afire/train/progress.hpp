// afire/train/progress.hpp -- how far a run is: one live line on a terminal, a plain line every few seconds elsewhere
//
//   step 1200/4000  epoch 3/10  81.5 images/s  12:03 left  loss 5.31  contrast 4.92
//
//   Progress progress({.steps = 4000, .steps_per_epoch = 400, .images_per_step = 8});
//   progress.step(step, {{"loss", loss}, {"contrast", contrast}});        // after each step, counted from 1
//   progress.say("saved run/step-001200.safetensors");                    // a line of its own, above the live one
//
// The rate is an average over about the last half minute, the time left follows from it.
#pragma once
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>

#include <afire/core/error.hpp>

namespace afire {

struct ProgressPlan {                      // what a run's line is computed from
  Index steps = 0;                                     // of the whole run
  Index steps_per_epoch = 1;
  Index images_per_step = 1;
  Index done = 0;                                      // steps that an earlier part of the run has made
  double plain_seconds = 10;                           // between two plain lines
};

struct Shown {                                         // a name and a number on the line
  char const* name;
  double value;
};

// 75 seconds: "1:15";   2 hours: "2:00:00".
inline std::string time_text(double seconds) {
  if (!(seconds < 1e9)) return "?";
  long const s = std::lround(seconds > 0 ? seconds : 0);
  char words[32];
  if (s < 3600) std::snprintf(words, sizeof words, "%ld:%02ld", s / 60, s % 60);
  else std::snprintf(words, sizeof words, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
  return words;
}

class Progress {
 public:
  explicit Progress(ProgressPlan plan, std::FILE* to = stderr) : Progress(plan, to, is_terminal(to)) {}
  Progress(ProgressPlan plan, std::FILE* to, bool live) : plan_(plan), to_(to), live_(live), begun_(clock()), last_step_(plan.done) {}
  Progress(Progress const&) = delete;
  ~Progress() { end_line(); }

  void step(Index step, std::initializer_list<Shown> numbers) { this->step(step, numbers, clock() - begun_); }

  // The same at a moment that the caller names, in seconds since the start.
  void step(Index step, std::initializer_list<Shown> numbers, double now) {
    double const keep = std::exp(-(now - last_time_) / 30);
    steps_ = keep * steps_ + static_cast<double>(step - last_step_);
    time_ = keep * time_ + (now - last_time_);
    last_step_ = step, last_time_ = now;
    if (step < plan_.steps && now - shown_ < (live_ ? 0.1 : plan_.plain_seconds)) return;
    shown_ = now;
    compose(step, numbers);
    if (live_) {
      line_.resize(std::min(line_.size(), width()));
      std::fprintf(to_, "\r\033[K%s", line_.c_str());
      open_ = true;
    } else {
      std::fprintf(to_, "%s\n", line_.c_str());
    }
    std::fflush(to_);
  }

  // A line that stays. The live line is drawn anew by the next step.
  void say(std::string_view words) {
    if (open_) std::fputs("\r\033[K", to_);
    open_ = false;
    std::fprintf(to_, "%.*s\n", static_cast<int>(words.size()), words.data());
    std::fflush(to_);
  }

  double images_per_second() const { return time_ > 0 ? steps_ * static_cast<double>(plan_.images_per_step) / time_ : 0; }

 private:
  static double clock() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

  static bool is_terminal(std::FILE* to) {
    char const* const kind = std::getenv("TERM");
    return ::isatty(::fileno(to)) && kind && std::string_view(kind) != "dumb";
  }

  std::size_t width() const {                          // of the terminal, less the column where the cursor stands
    winsize size = {};
    return ::ioctl(::fileno(to_), TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col - 1u : 119u;
  }

  void compose(Index step, std::initializer_list<Shown> numbers) {
    Index const per_epoch = plan_.steps_per_epoch > 0 ? plan_.steps_per_epoch : 1;
    auto const epoch = [&](Index s) { return (s + per_epoch - 1) / per_epoch; };
    char rate[32];
    std::snprintf(rate, sizeof rate, "%.1f", images_per_second());
    line_ = text("step ", step, "/", plan_.steps, "  epoch ", epoch(step), "/", epoch(plan_.steps), "  ", rate, " images/s  ",
                 time_text(steps_ > 0 ? static_cast<double>(plan_.steps - step) * time_ / steps_ : 1e9), " left");
    for (auto const& [name, value] : numbers) {
      char number[32];
      std::snprintf(number, sizeof number, "%.4g", value);
      append(line_, "  "), append(line_, name), append(line_, " "), append(line_, number);
    }
  }

  void end_line() {
    if (open_) std::fputc('\n', to_), std::fflush(to_);
    open_ = false;
  }

  ProgressPlan plan_;
  std::FILE* to_;
  bool live_;
  double begun_, shown_ = -1e9, last_time_ = 0;
  Index last_step_;
  double steps_ = 0, time_ = 0;                        // both fade with the half minute, their quotient is the rate
  bool open_ = false;                                  // a live line stands without its newline
  std::string line_;
};

}  // namespace afire
