// afire/backend/parallel.hpp -- cut 0 ... n-1 into contiguous parts, one for each thread of the one OpenMP team
//
//   parallel(threads, n, [&](Index first, Index last) { ... });        // threads = 0: as many as OpenMP gives
//
// Without OpenMP (afire::openmp not linked) everything runs on the calling thread. Link it to all files of a program or to none.
// A team has as many parts as threads were asked for, whatever the machine grants, so that the cut never depends on load.
#pragma once
#include <exception>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <afire/core/config.hpp>

namespace afire {

// Whether the program was compiled with OpenMP; without it one thread does all.
inline constexpr bool have_openmp =
#ifdef _OPENMP
    true;
#else
    false;
#endif

// Threads that `asked` means here.
inline int team_size(int asked) {
#ifdef _OPENMP
  return asked > 0 ? asked : omp_get_max_threads();
#else
  (void)asked;
  return 1;
#endif
}

// While it lives, teams that this thread opens have so many members (0: as many as before): for libraries that open their own.
class ThreadLimit {
 public:
  explicit ThreadLimit(int threads) : before_(team_size(0)) { set(threads); }
  ThreadLimit(ThreadLimit const&) = delete;
  ~ThreadLimit() { set(before_); }

 private:
  static void set(int threads) {
#ifdef _OPENMP
    if (threads > 0 && threads != omp_get_max_threads()) omp_set_num_threads(threads);
#else
    (void)threads;
#endif
  }
  int before_;
};

template <class F>
void parallel(int threads, Index n, F const& part) {
  int const parts = team_size(threads);
  if (parts == 1 || n <= 1) {
    if (n > 0) part(Index{0}, n);
    return;
  }
#ifdef _OPENMP
  std::exception_ptr failed;
#pragma omp parallel for num_threads(parts) schedule(static, 1)
  for (int p = 0; p < parts; ++p) {
    Index const first = n * p / parts, last = n * (p + 1) / parts;
    try {
      if (first < last) part(first, last);
    } catch (...) {                        // an exception may not leave an OpenMP region
#pragma omp critical(afire_parallel)
      failed = std::current_exception();
    }
  }
  if (failed) std::rethrow_exception(failed);
#endif
}

}  // namespace afire
