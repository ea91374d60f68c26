// tests/support/ranks.hpp -- ranks as threads and as processes of a test
//
//   in_threads(3, [&](OneMachine ranks) { ... });         // returns what each threw, or "(no error)"
//   in_processes(2, [&](Rank rank) { ... });              // the same, of processes; a name for them to meet by: meeting()
#pragma once
#include <afire/dist/one_machine.hpp>

#include <functional>

#include "tests/support/child.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary.hpp"

namespace afire_test {

using namespace afire;

// As fit does: where f throws, the others are told.
inline std::vector<std::string> in_threads(Index count, std::function<void(OneMachine)> const& f) {
  std::vector<OneMachine> ranks = OneMachine::threads(count);
  std::vector<std::string> said(static_cast<std::size_t>(count));
  std::vector<std::jthread> threads;
  for (std::size_t r = 0; r < said.size(); ++r)
    threads.emplace_back([&, r] {
      said[r] = message([&] {
        try {
          f(ranks[r]);
        } catch (std::exception const& e) {
          ranks[r].stop(e.what());
          throw;
        }
      });
    });
  threads.clear();                         // joins
  return said;
}

// A name that no other test has, and the same for its child processes.
inline std::string meeting() { return text("a test of ", ::getpid()); }
inline std::string meeting_of_parent() { return text("a test of ", ::getppid()); }

struct Processes {
  std::vector<pid_t> ids = {};
  TemporaryFolder folder = {};             // for what they say

  Processes(Index count, std::function<void(Rank)> const& f) {
    for (Index r = 0; r < count; ++r) {
      pid_t const child = ::fork();
      if (child != 0) {
        ids.push_back(child);
        continue;
      }
      replace_file(folder / text(r), message([&] { f({r, count}); }));
      ::_exit(0);
    }
  }
  // What each threw; "signal 9" where one was killed.
  std::vector<std::string> said() {
    std::vector<std::string> all;
    for (std::size_t r = 0; r < ids.size(); ++r) {
      int status = 0;
      ::waitpid(ids[r], &status, 0);
      all.push_back(WIFSIGNALED(status) ? text("signal ", WTERMSIG(status)) : read_file(folder / text(r)));
    }
    return all;
  }
};

}  // namespace afire_test
