// examples/cli/options.hpp -- the command line, read once: which command, its options, and help
//
//   Request const request = read_command_line(argc, argv);      // a Failure of usage where it cannot be meant; help is printed there
#pragma once
#include <string>
#include <vector>

#include <examples/cli/settings.hpp>

namespace afire::cli {

struct Request {
  std::string command;                     // empty: help or version was printed, all is done
  Given flags;                             // settings that were given, as typed
  std::string config;                      // --config
  std::string input;                       // the file or folder that a command works on
  std::string out;
  std::string match;                       // inspect: names
  std::string to, from, part, allow;       // convert: layouts, teacher or student, patterns of names
  std::string backend, dtype;              // verify
  Index count = 0, columns = 0, film_rows = 0;
  double abnormal = 0;
  double minutes = 0;                      // demo
  std::string train_where, test_where, restore_where, positive, by;       // evaluate
  std::vector<double> shares = {1};
  Index seeds = 3, neighbours = 20, draws = 2000;
  bool dry_run = false, json = false, values = false, student = false, tokens = true;
  bool check = false;                      // of a variant
  Index crash_at_byte = 0;                 // for tests: SIGKILL after so many bytes of checkpoints
};

Request read_command_line(int argc, char** argv);

// The options of `afire pretrain` for one composition's own program, with its defaults.
Request read_variant_line(int argc, char** argv, std::string const& name, std::string const& what, Settings const& defaults);

}  // namespace afire::cli
