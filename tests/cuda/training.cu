// needs a GPU to run: a hundred steps of AFiRe in float on phantoms, on the GPU against the reference on the CPU (losses within 1 %), on
// the GPU twice, once with its steps recorded as graphs, and both ways with lesions that it paints (the same bits), and begun on the CPU,
// gone on with on the GPU and ended on the CPU.
// Functors for both machines are run by the CPU's lane here too, which nvcc takes for calls from the device.
#pragma nv_diag_suppress 20011, 20013, 20014
#include <cmath>
#include <cstdio>

#include <afire/backend/cuda.hpp>
#include <afire/backend/reference.hpp>
#include <afire/data/phantom.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/fit.hpp>

#include "tests/support/logged_losses.hpp"
#include "tests/support/temporary.hpp"

using namespace afire;
using afire_test::furthest;
using afire_test::logged_losses;

constexpr Index all_steps = 100;

// The loss of every step up to `stop`, as the log has it; with `resume` after the steps that are there.
template <class B>
std::vector<double> losses(B be, std::string const& folder, Index stop = all_steps, bool resume = false,
                           DrawnBy lesions = DrawnBy::loader) {
  ViTConfig const vit{.image = 32, .patch = 8, .channels = 1, .width = 64, .depth = 2, .heads = 2};
  auto const objective = TokenContrast{Sinkhorn{}} + 1.0 * Restoration<Everywhere>{};
  Trainer trainer{be, Compute<float>{}, vit, PerPositionHead{.hidden = 64, .out = 32, .prototypes = 32},
                  TransformerDecoder{.width = 32, .depth = 1, .heads = 2}, SyntheticLesion{}, Teacher<Ema>{}, objective,
                  AdamW{.lr = 1e-3}, TrainOptions{.batch = 8, .seed = 3, .scale_lr = false}};
  fit(trainer, PhantomFilms{.count = 80, .seed = 1},
      FitOptions{.epochs = all_steps / 10, .steps = stop, .out = folder, .resume = resume, .lesions = lesions,
                 .monitor_films = 16, .quiet = true});
  return logged_losses(folder);
}

int main() {
  try {
    Cuda const gpu, recording{.graphs = true};
    Reference const cpu;
    afire_test::TemporaryFolder const folder;
    auto const want = losses(cpu, folder / "cpu"), got = losses(gpu, folder / "gpu"), again = losses(gpu, folder / "again");
    auto const recorded = losses(recording, folder / "recorded");
    bool const painted = losses(gpu, folder / "painted", all_steps, false, DrawnBy::device) == got &&
                         losses(Cuda{.graphs = true}, folder / "painted graphs", all_steps, false, DrawnBy::device) == got;
    losses(cpu, folder / "both", 30);
    losses(gpu, folder / "both", 70, true);
    auto const both = losses(cpu, folder / "both", all_steps, true);
    auto const bits = [](bool same) { return same ? "the same bits" : "other bits"; };
    auto const graphs = recording.on->replay().launched();
    std::printf("loss %.4f -> %.4f; furthest from the CPU: %.2e on the GPU, %.2e in turns; repeated: %s; recorded: %s, %td graphs; "
                "painted: %s\n",
                want.front(), want.back(), furthest(got, want), furthest(both, want), bits(got == again), bits(got == recorded), graphs,
                bits(painted));
    return furthest(got, want) < 0.01 && furthest(both, want) < 0.01 && got == again && got == recorded && painted &&
                   graphs > all_steps
               ? 0
               : 1;
  } catch (error const& e) {
    std::printf("%s\n", e.what());
    return 77;
  }
}
