// examples/cli/exit_code.hpp -- how the program ends: numbers that a script can rely on
//
//   throw Failure(ExitCode::usage, text("--batch: ", quoted(word), " is no whole number"));
#pragma once
#include <afire/core/error.hpp>

namespace afire::cli {

enum class ExitCode {
  done = 0,
  failed = 1,                              // a file, a folder, a film, the memory: the sentence says which
  usage = 2,                               // an option or command that cannot be meant
  diverged = 3,                            // a loss or gradient that is no number
  not_better = 4,                          // demo: the restored lesions are no better than the input or the mean film
  differs = 5,                             // verify: a number is further from the file's than it may be
  interrupted = 130,                       // Ctrl-C, state saved; 143 after SIGTERM
};

struct Failure : error {
  ExitCode code;
  Failure(ExitCode c, std::string const& what) : error(what), code(c) {}
};

// What `make` gives. Values that its parts refuse are a Failure of usage; memory that cannot be had is not.
template <class Make>
auto usage_of(Make make) {
  try {
    return make();
  } catch (Failure const&) { throw; } catch (not_enough_memory const&) { throw; } catch (error const& e) {
    if (std::string_view(e.what()).starts_with("not enough memory")) throw;
    throw Failure(ExitCode::usage, e.what());
  }
}

// Throws a Failure of usage unless `condition` holds.
template <class... Words>
void demands(bool condition, Words const&... words) {
  if (!condition) throw Failure(ExitCode::usage, text(words...));
}

}  // namespace afire::cli
