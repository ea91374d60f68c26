// examples/cli/program.hpp -- around the work of every program: threads that do not spin, exit codes, one sentence of failure
//
//   int main(int argc, char** argv) {
//     return run_program(argv, [&] { return pretrain(read_command_line(argc, argv)); });
//   }
#pragma once
#include <functional>

namespace afire::cli {

int run_program(char** argv, std::function<int()> const& work);

}  // namespace afire::cli
