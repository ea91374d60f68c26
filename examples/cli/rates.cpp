// How fast this machine multiplies and reads memory.
#include <bench/support/triad_rate.hpp>
#include <examples/cli/commands.hpp>

namespace afire::cli {

double gemm_rate(Composition const& c, Index threads) {
  bool const slow = std::string_view(c.backend) == "reference";
  return slow ? c.gemm_rate(static_cast<int>(threads), 197, 384, 384) : c.gemm_rate(static_cast<int>(threads), 1576, 1536, 384);
}

double triad_rate() { return bench::triad_rate(); }

}  // namespace afire::cli
