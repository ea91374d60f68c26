// What afire doctor says of a processor: a sentence for each thing that it lacks, none where it has all.
#include <doctest/doctest.h>
#include <examples/cli/machine.hpp>

using namespace afire;
using cli::lost_by;

TEST_CASE("a processor that lacks instructions loses what doctor names") {
  std::string const sapphire = "AMX bf16, AVX-512 bf16, AVX-512, AVX2", genoa = "AVX-512 bf16, AVX-512, AVX2", skylake = "AVX-512, AVX2";
  CHECK(lost_by(sapphire, InstructionSet::avx512).empty());

  auto const no_amx = lost_by(genoa, InstructionSet::avx512);
  REQUIRE(no_amx.size() == 1);
  CHECK(no_amx[0].starts_with("no AMX: "));

  auto const no_bf16 = lost_by(skylake, InstructionSet::avx512);
  REQUIRE(no_bf16.size() == 1);
  CHECK(no_bf16[0].starts_with("this processor multiplies no bf16 "));

  auto const no_avx512 = lost_by("AVX2", InstructionSet::avx2);
  REQUIRE(no_avx512.size() == 2);
  CHECK(no_avx512[1].starts_with("no AVX-512: "));

  auto const neither = lost_by("baseline", InstructionSet::plain);
  REQUIRE(neither.size() == 2);
  CHECK(neither[1].starts_with("neither AVX-512 nor AVX2: "));
}

#ifdef __x86_64__
TEST_CASE("what doctor reads of this processor fits what row loops run on") {
  auto const& all = cli::machine().instructions;
  if (instruction_set() == InstructionSet::avx512) CHECK(all.ends_with("AVX-512, AVX2"));
  if (instruction_set() == InstructionSet::avx2) CHECK(all.ends_with("AVX2"));
}
#endif
