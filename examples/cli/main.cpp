// afire -- the program: pretrain, phantom, lesions, embed, evaluate, inspect, convert, verify, report, doctor, demo
//
// An example of using the library: settings.hpp lists what can be set, assemble.hpp makes a method of it, train.hpp is one composition.
#include <examples/cli/commands.hpp>
#include <examples/cli/program.hpp>

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
                              {"verify", verify},
                              {"report", report},
                              {"doctor", doctor},
                              {"demo", demo}})
    if (r.command == command.name) return command.run(r);
  return 0;                                                // help was printed
}

}  // namespace

int main(int argc, char** argv) {
  return afire::cli::run_program(argv, [&] { return run(afire::cli::read_command_line(argc, argv)); });
}
