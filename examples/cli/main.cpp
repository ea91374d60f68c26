// afire -- the program: pretrain, phantom, lesions, embed, evaluate, inspect, convert, report, doctor, demo
//
// An example of using the library: settings.hpp lists what can be set, assemble.hpp makes a method of it, train.hpp is one composition.
#include <stdlib.h>
#include <unistd.h>

#include <examples/cli/commands.hpp>
#include <new>

namespace {

int run(afire::cli::Request const& r) {
  using namespace afire::cli;
  struct Command {
    char const* name;
    int (*run)(Request const&);
  };
  for (auto const& command : {Command{"pretrain", pretrain},
                              {"phantom", phantom},
                              {"lesions", lesions},
                              {"embed", embed},
                              {"evaluate", evaluate},
                              {"inspect", inspect},
                              {"convert", convert},
                              {"report", report},
                              {"doctor", doctor},
                              {"demo", demo}})
    if (r.command == command.name) return command.run(r);
  return 0;                                                // help was printed
}

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

int main(int argc, char** argv) {
  spin_shortly(argv);
  using afire::cli::ExitCode;
  ExitCode code = ExitCode::failed;
  std::string what;
  try {
    return run(afire::cli::read_command_line(argc, argv));
  } catch (afire::cli::Failure const& e) {
    code = e.code, what = e.what();
  } catch (std::bad_alloc const&) {
    what = "not enough memory; a smaller --batch or model needs less (--dry-run says how much)";
  } catch (std::exception const& e) { what = e.what(); }
  std::fprintf(stderr, "%s\n", what.c_str());
  return static_cast<int>(code);
}
