// afire/ssl/teacher.hpp -- where the targets' network comes from
//
//   Teacher<Ema>:        theta_T <- m theta_T + (1 - m) theta_S after each step,  m from 0.996 to 1 along a cosine (spec 2.6)
//   Teacher<StopGrad>:   the student itself, whose scores are then constants: no second network is owned
//   NoTeacher:           objectives that compare views with each other, or restore
//
//   Teacher<Ema>{{.momentum = 0.99}}        Teacher<Ema>{.sees = Sees::seen}        // the teacher gets the spoilt film too
//
// The average itself is taken in the optimiser's sweep (train/optimizer.hpp), which has both values in its hands.
#pragma once
#include <type_traits>

#include <afire/core/error.hpp>

namespace afire {

struct Ema {
  double momentum = 0.996, end = 1.0;
  void validate() const { expects_share("teacher: the momentum", momentum), expects_share("teacher: the momentum's end", end); }
};

struct StopGrad {};

enum class Sees { clean, seen };

template <class Kind = Ema>
struct Teacher {
  using kind_type = Kind;
  Kind kind = {};
  Sees sees = Sees::clean;
  void validate() const { validated(kind); }
};

struct NoTeacher {
  using kind_type = void;
  static constexpr Sees sees = Sees::clean;
};

// is_average: a teacher has weights of its own, a moving average of the student's.  is_teacher: it gives targets; NoTeacher does not.
template <class Teacher>
inline constexpr bool is_average = std::is_same_v<typename Teacher::kind_type, Ema>;
template <class Teacher>
inline constexpr bool is_teacher = !std::is_void_v<typename Teacher::kind_type>;

}  // namespace afire
