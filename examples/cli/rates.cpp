// How fast this machine multiplies and reads memory.
#include <bench/support/triad_rate.hpp>
#include <examples/cli/commands.hpp>

namespace afire::cli {

double gemm_rate(Composition const& c, Settings const& s) {
  if (c.on_gpu()) return c.gemm_rate(s, 12608, 3072, 768);           // 64 films of a ViT-B: less does not fill a large device
  bool const slow = std::string_view(c.backend) == "reference";
  return slow ? c.gemm_rate(s, 197, 384, 384) : c.gemm_rate(s, 1576, 1536, 384);
}

double triad_rate() { return bench::triad_rate(); }

}  // namespace afire::cli
