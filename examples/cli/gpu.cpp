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

}  // namespace afire::cli
