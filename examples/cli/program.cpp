#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <new>

#include <examples/cli/exit_code.hpp>
#include <examples/cli/program.hpp>

namespace afire::cli {
namespace {

// Threads that wait by spinning keep each other from the cores wherever something else runs too: a step then takes tens of times as long.
// libgomp reads how long to spin before main begins, so the program starts itself again with it set, unless somebody has chosen already.
void spin_shortly(char** argv) {
#if defined(_OPENMP) && defined(__linux__)
  if (::getenv("GOMP_SPINCOUNT") || ::getenv("OMP_WAIT_POLICY")) return;
  if (::setenv("GOMP_SPINCOUNT", "1000", 1) == 0) ::execv("/proc/self/exe", argv);
#endif
  static_cast<void>(argv);                                 // where that is not possible it goes on as it is
}

}  // namespace

int run_program(char** argv, std::function<int()> const& work) {
  spin_shortly(argv);
  ExitCode code = ExitCode::failed;
  std::string what;
  try {
    return work();
  } catch (Failure const& e) {
    code = e.code, what = e.what();
  } catch (std::bad_alloc const&) {
    what = "not enough memory; a smaller --batch or model needs less (--dry-run says how much)";
  } catch (std::exception const& e) { what = e.what(); }
  std::fprintf(stderr, "%s\n", what.c_str());
  return static_cast<int>(code);
}

}  // namespace afire::cli
