#include <afire/dist/launched.hpp>
#include <examples/cli/gpu.hpp>

namespace afire::cli {

Gpu gpu_of(Settings const& s) {
  Gpus const found = look_for_gpus();
  expects(found.count > 0, found.none);
  demands(s.device < found.count, "--device is ", s.device, "; ", found.count, found.count == 1 ? " GPU is" : " GPUs are",
          " visible, counted from 0");
  Gpu const gpu = about_gpu(s.device);
  expects(gpu.fault.empty(), gpu.fault);
  return gpu;
}

void join_ranks(Settings& s, bool on_gpu) {
  Launched const run = usage_of([] { return launched(); });
  if (run.rank.count == 1) return;
  Index const count = run.rank.count;
  demands(on_gpu, run.by, " has started ", count, " ranks of this run, which share it among GPUs only; add --backend cuda, or start one ",
          "process");
  Gpus const found = look_for_gpus();
  demands(!found.cuda.empty(), built_without_cuda);
  demands(!found.nccl.empty(), built_without_nccl);
  demands(s.batch % count == 0, "--batch is ", s.batch, ", which ", count, " ranks cannot share equally; use a multiple of ", count);
  s.ranks = OneMachine::join(run.rank, run.job);           // what fails from here on is told to the others
  expects(found.count < 2 || run.rank.number < found.count, "rank ", run.rank.number, " would take GPU ", run.rank.number, ", but ",
          found.count, " are visible; start as many ranks as there are GPUs");
  s.device = found.count == 1 ? 0 : run.rank.number;       // a launcher may show each rank its own GPU alone
}

}  // namespace afire::cli
