// What launchers put into the environment of a rank: read, and refused where it is incomplete or contradicts itself.
#include <afire/dist/launched.hpp>
#include <doctest/doctest.h>

#include <map>

#include "tests/support/message.hpp"

using namespace afire;
using afire_test::message;

namespace {

using Environment = std::map<std::string, std::string>;

Launched of(Environment const& all) {
  return launched([&](char const* name) -> char const* {
    auto const found = all.find(name);
    return found == all.end() ? nullptr : found->second.c_str();
  });
}

Environment const mpirun{{"OMPI_COMM_WORLD_RANK", "1"}, {"OMPI_COMM_WORLD_SIZE", "4"}, {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                         {"OMPI_COMM_WORLD_LOCAL_SIZE", "4"}, {"PMIX_NAMESPACE", "prterun-9@1"}};
Environment const torchrun{{"RANK", "2"}, {"WORLD_SIZE", "3"}, {"LOCAL_RANK", "2"}, {"LOCAL_WORLD_SIZE", "3"}, {"MASTER_ADDR", "localhost"},
                           {"MASTER_PORT", "29500"}};
Environment const srun{{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "2"}, {"SLURM_LOCALID", "0"}, {"SLURM_STEP_NUM_NODES", "1"},
                       {"SLURM_JOB_ID", "77"}, {"SLURM_STEP_ID", "3"}};

Environment with(Environment all, Environment const& more) {
  for (auto const& [name, value] : more) all[name] = value;
  return all;
}
Environment without(Environment all, std::string const& name) { return all.erase(name), all; }
std::string refusal(Environment const& all) {
  return message([&] { of(all); });
}

}  // namespace

TEST_CASE("each launcher says which rank of which run this is") {
  Launched const alone = of({});
  CHECK(alone.rank.number == 0);
  CHECK(alone.rank.count == 1);
  CHECK(alone.by == "");
  Launched const mpi = of(mpirun), torch = of(torchrun), slurm = of(srun);
  CHECK(mpi.rank.number == 1);
  CHECK(mpi.rank.count == 4);
  CHECK(mpi.by == "mpirun");
  CHECK(mpi.job == "mpirun prterun-9@1");
  CHECK(torch.rank.number == 2);
  CHECK(torch.rank.count == 3);
  CHECK(torch.job == "torchrun 29500");
  CHECK(slurm.rank.number == 0);
  CHECK(slurm.rank.count == 2);
  CHECK(slurm.job == "srun 3 77");
  CHECK(of(with(torchrun, {{"TORCHELASTIC_RUN_ID", "x"}, {"TORCHELASTIC_RESTART_COUNT", "1"}})).job == "torchrun 29500 x 1");
  CHECK(of(without(with(torchrun, {{"RANK", "0"}, {"LOCAL_RANK", "0"}, {"WORLD_SIZE", "1"}}), "MASTER_PORT")).rank.count == 1);
}

TEST_CASE("what srun has started counts, not srun's own words, nor those of an allocation") {
  CHECK(of(with(srun, mpirun)).by == "mpirun");
  CHECK(of(with(srun, torchrun)).by == "torchrun");
  CHECK(of({{"SLURM_NTASKS", "8"}, {"SLURM_JOB_ID", "77"}}).rank.count == 1);
  CHECK(of(with(mpirun, {{"RANK", "1"}, {"WORLD_SIZE", "4"}, {"LOCAL_RANK", "1"}, {"MASTER_PORT", "1"}})).by == "mpirun");
}

TEST_CASE("incomplete, impossible and contradictory variables are one sentence") {
  CHECK(refusal(without(mpirun, "OMPI_COMM_WORLD_SIZE")) ==
        "mpirun: OMPI_COMM_WORLD_SIZE is not set, but OMPI_COMM_WORLD_RANK is; start all ranks with mpirun, or take both out of the "
        "environment");
  CHECK(refusal(without(torchrun, "RANK")).find("torchrun: RANK is not set, but LOCAL_RANK is") == 0);
  CHECK(refusal({{"WORLD_SIZE", "2"}}).find("torchrun: RANK is not set, but WORLD_SIZE is") == 0);
  CHECK(refusal(without(srun, "SLURM_LOCALID")).find("srun: SLURM_LOCALID is not set, but SLURM_PROCID is") == 0);
  CHECK(refusal(without(torchrun, "MASTER_PORT")).find("torchrun: MASTER_PORT is not set, so nothing says which run") == 0);
  CHECK(refusal(without(srun, "SLURM_STEP_ID")).find("srun: SLURM_STEP_ID is not set, so nothing says which run") == 0);
  CHECK(refusal(with(torchrun, {{"RANK", "two"}})) == "RANK is 'two'; a whole number is needed");
  CHECK(refusal(with(torchrun, {{"RANK", "-1"}})) == "RANK is '-1'; a whole number is needed");
  CHECK(refusal(with(torchrun, {{"RANK", "3"}})) == "torchrun: RANK is 3, WORLD_SIZE 3; ranks are counted from 0");
  CHECK(refusal(with(mpirun, torchrun)) ==
        "mpirun says that this is rank 1 of 4, RANK and WORLD_SIZE say 2 of 3; take one of them out of the environment");
}

TEST_CASE("several machines are refused") {
  std::string const words = "so there are several machines; a run takes the GPUs of one";
  CHECK(refusal(with(mpirun, {{"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}})).find(words) != std::string::npos);
  CHECK(refusal(with(torchrun, {{"LOCAL_RANK", "0"}})).find(words) != std::string::npos);
  CHECK(refusal(with(srun, {{"SLURM_STEP_NUM_NODES", "2"}})).find(words) != std::string::npos);
}
