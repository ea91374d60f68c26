// tests/support/child.hpp -- runs something in a child process, which may die of it
//
//   CHECK(signal_of_child([] { raise(SIGKILL); }) == SIGKILL);
#pragma once
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace afire_test {

// The signal that ended it; 0 if f returned, -1 if f threw.
template <class F>
int signal_of_child(F f) {
  pid_t const child = ::fork();
  if (child == 0) {
    try {
      f();
    } catch (...) { ::_exit(1); }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status) == 0 ? 0 : -1;
}

}  // namespace afire_test
