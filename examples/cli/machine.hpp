// examples/cli/machine.hpp -- what this program was built with and what it runs on
//
//   Json const facts = build_facts();                      // build.json of a run
//   if (machine().fast_bf16) ...
#pragma once
#include <afire/backend/wide.hpp>
#include <afire/io/json.hpp>

namespace afire::cli {

struct Machine {
  std::string processor, instructions;     // "AMD EPYC ...";  "AVX-512, AVX-512 bf16"
  bool fast_bf16 = false;                  // AMX or AVX-512 bf16
  Index cores = 1, memory_mib = 0;
};

Machine const& machine();

// What is slower on these instructions, as a Machine names them, with row loops on that set than on a processor that has all: sentences.
std::vector<std::string> lost_by(std::string const& instructions, InstructionSet rows);
Json build_facts();
Index team();                              // threads that OpenMP gives; 1 without it

}  // namespace afire::cli
