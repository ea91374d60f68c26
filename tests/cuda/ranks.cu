// needs a GPU to run: a training with NCCL of one rank (the bits of one without it), and where there are more GPUs, of 2, 4 or 8 ranks, a
// process and a GPU each: the losses of one rank with the whole batch, within 1e-4.
// Functors for both machines are run by the CPU's lane here too, which nvcc takes for calls from the device.
#pragma nv_diag_suppress 20011, 20013, 20014
#include <stdlib.h>
#include <sys/wait.h>

#include <cmath>
#include <cstdio>

#include <afire/backend/cuda.hpp>
#include <afire/data/phantom.hpp>
#include <afire/dist/launched.hpp>
#include <afire/dist/nccl.cuh>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/fit.hpp>

#include "tests/support/logged_losses.hpp"
#include "tests/support/temporary.hpp"

using namespace afire;
using afire_test::furthest;
using afire_test::logged_losses;

template <class B>
void train(B be, std::string const& folder) {
  ViTConfig const vit{.image = 32, .patch = 8, .channels = 1, .width = 64, .depth = 3, .heads = 2};
  auto const objective = TokenContrast{Sinkhorn{}} + 1.0 * Restoration<Everywhere>{};
  Trainer trainer{be, Compute<float>{}, vit, PerPositionHead{.hidden = 64, .out = 32, .prototypes = 32},
                  TransformerDecoder{.width = 32, .depth = 1, .heads = 2}, SyntheticLesion{}, Teacher<Ema>{}, objective,
                  AdamW{.lr = 1e-3}, TrainOptions{.batch = 16, .seed = 3, .scale_lr = false}};
  fit(trainer, PhantomFilms{.count = 80, .seed = 1}, FitOptions{.epochs = 6, .out = folder, .monitor_films = 16, .quiet = true});
}

Ranked<Cuda, Nccl> connected(OneMachine ranks, Cuda gpu) {
  Ranked<Cuda, Nccl> be{gpu, Nccl::join(ranks, gpu, true)};
  be.piece_bytes = 0;                      // sums begin after each block
  return be;
}

// This program as `count` ranks; whether all of them ended well.
bool in_processes(Index count, std::string const& folder) {
  std::vector<pid_t> ranks;
  for (Index r = 0; r < count; ++r)
    if (pid_t const child = ::fork(); child != 0) {
      ranks.push_back(child);
    } else {
      std::string const number = std::to_string(r), all = std::to_string(count), job = std::to_string(::getppid());
      for (auto const& [name, value] : {std::pair{"RANK", &number}, {"LOCAL_RANK", &number}, {"WORLD_SIZE", &all}, {"MASTER_PORT", &job}})
        ::setenv(name, value->c_str(), 1);
      ::execl("/proc/self/exe", "ranks", folder.c_str(), static_cast<char*>(nullptr));
      ::_exit(1);
    }
  bool well = true;
  for (pid_t const rank : ranks) {
    int status = 1;
    ::waitpid(rank, &status, 0);
    well = well && status == 0;
  }
  return well;
}

int main(int count, char** words) {
  try {
    if (count > 1) {
      Launched const run = launched();
      train(connected(OneMachine::join(run.rank, run.job), Cuda{.device = static_cast<int>(run.rank.number)}), words[1]);
      return 0;
    }
    Cuda const gpu;
    afire_test::TemporaryFolder const folder;
    train(gpu, folder / "alone");
    train(connected({}, gpu), folder / "one");
    auto const want = logged_losses(folder / "alone"), one = logged_losses(folder / "one");
    bool well = want == one;
    std::printf("loss %.4f -> %.4f; one rank: %s\n", want.front(), want.back(), well ? "the same bits" : "other bits");
    int devices = 0;
    check_cuda(cudaGetDeviceCount(&devices), "looking for GPUs");
    for (Index ranks = 2; ranks <= devices && ranks <= 8; ranks *= 2) {
      std::string const there = folder / std::to_string(ranks);
      bool const ended = in_processes(ranks, there);
      double const far = ended ? furthest(logged_losses(there), want) : HUGE_VAL;
      std::printf("%td ranks: furthest loss %.2e\n", ranks, far);
      well = well && far < 1e-4;
    }
    if (devices < 2) std::printf("one GPU: several ranks were not tried\n");
    return well ? 0 : 1;
  } catch (error const& e) {
    std::printf("%s\n", e.what());
    return 77;
  }
}
