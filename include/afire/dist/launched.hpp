// afire/dist/launched.hpp -- which rank of a run this process is: what mpirun, torchrun or srun has put into its environment
//
//   Launched const run = launched();                      // nobody has: run.rank is {0, 1}
//   OneMachine ranks = OneMachine::join(run.rank, run.job);
//
//   mpirun     OMPI_COMM_WORLD_RANK, _SIZE, _LOCAL_RANK, _LOCAL_SIZE;   PMIX_NAMESPACE says which run
//   torchrun   RANK, WORLD_SIZE, LOCAL_RANK, LOCAL_WORLD_SIZE;          MASTER_PORT and TORCHELASTIC_RUN_ID
//   srun       SLURM_PROCID, SLURM_NTASKS, SLURM_LOCALID;               SLURM_JOB_ID and SLURM_STEP_ID
//
// The first two may have been started by srun, so what they say counts then. Variables that are incomplete or contradict each other, and
// ranks on several machines, are refused in one sentence.
#pragma once
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string>

#include <afire/core/error.hpp>
#include <afire/core/rank.hpp>

namespace afire {

struct Launched {
  Rank rank;
  std::string by = {};                     // "mpirun", "torchrun", "srun"; empty: started by itself
  std::string job = {};                    // the same for all ranks of the run and for no other run of the machine
};

namespace launchers {

struct Launcher {
  char const *name, *rank, *count, *local, *local_count, *machines;
  char const* job[3];                      // what tells runs apart; nullptr: nothing more
};
inline constexpr Launcher mpirun{"mpirun", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK",
                                 "OMPI_COMM_WORLD_LOCAL_SIZE", nullptr, {"PMIX_NAMESPACE", "MASTER_PORT", nullptr}};
inline constexpr Launcher torchrun{"torchrun", "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", nullptr,
                                   {"MASTER_PORT", "TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT"}};
inline constexpr Launcher srun{"srun", "SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID", nullptr, "SLURM_STEP_NUM_NODES",
                               {"SLURM_STEP_ID", "SLURM_JOB_ID", "MASTER_PORT"}};

// A variable that has to be a whole number, if it is there.
template <class Get>
std::optional<Index> number(Get get, char const* name) {
  char const* const word = name ? get(name) : nullptr;
  if (!word) return {};
  std::string_view const digits = word;
  Index n = 0;
  auto const [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  expects(problem == std::errc() && end == digits.data() + digits.size() && n >= 0, name, " is '", digits, "'; a whole number is needed");
  return n;
}

// Nothing where this launcher has not been at work.
template <class Get>
std::optional<Launched> started_by(Launcher const& by, Get get) {
  auto const rank = number(get, by.rank), count = number(get, by.count), local = number(get, by.local);
  // srun's allocation tells every program in it of its size.
  if (!rank && !local && (!count || &by == &srun)) return {};
  for (auto const& [there, name] : {std::pair{rank.has_value(), by.rank}, {count.has_value(), by.count}, {local.has_value(), by.local}})
    expects(there, by.name, ": ", name, " is not set, but ", rank ? by.rank : local ? by.local : by.count,
            " is; start all ranks with ", by.name, ", or take both out of the environment");
  expects(*rank < *count, by.name, ": ", by.rank, " is ", *rank, ", ", by.count, " ", *count, "; ranks are counted from 0");
  Launched run{{*rank, *count}, by.name};
  if (*count == 1) return run;
  auto const here = number(get, by.local_count), machines = number(get, by.machines);
  bool const one_machine = *local == *rank && here.value_or(*count) == *count && machines.value_or(1) == 1;
  expects(one_machine, by.name, ": rank ", *rank, " of ", *count, " is ", *local,
          " of its machine, so there are several machines; a run takes the GPUs of one");
  for (auto const* name : by.job)
    if (char const* const word = name ? get(name) : nullptr) run.job += text(run.job.empty() ? by.name : "", " ", word);
  expects(!run.job.empty() && (&by != &srun || get("SLURM_STEP_ID") || get("MASTER_PORT")), by.name, ": ", by.job[0],
          " is not set, so nothing says which run this rank belongs to; start all ranks with ", by.name,
          ", or set MASTER_PORT to a number of the run's own");
  return run;
}

}  // namespace launchers

// get(name): a variable's value, or nullptr.
template <class Get>
Launched launched(Get get) {
  auto const mpi = launchers::started_by(launchers::mpirun, get), torch = launchers::started_by(launchers::torchrun, get);
  expects(!mpi || !torch || (mpi->rank.number == torch->rank.number && mpi->rank.count == torch->rank.count),
          "mpirun says that this is rank ", mpi ? mpi->rank.number : 0, " of ", mpi ? mpi->rank.count : 0, ", RANK and WORLD_SIZE say ",
          torch ? torch->rank.number : 0, " of ", torch ? torch->rank.count : 0, "; take one of them out of the environment");
  if (mpi || torch) return mpi ? *mpi : *torch;
  auto const slurm = launchers::started_by(launchers::srun, get);
  return slurm ? *slurm : Launched{};
}
inline Launched launched() {
  return launched([](char const* name) { return static_cast<char const*>(std::getenv(name)); });
}

}  // namespace afire
