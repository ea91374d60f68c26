// How fast this machine multiplies and reads memory.
#include <afire/backend/reference.hpp>
#include <bench/support/gemm_rate.hpp>
#include <examples/cli/commands.hpp>

namespace afire::cli {
namespace {

struct Triad {
  View<const float, 1> b, c;
  View<float, 1> a;
  void operator()(Index i) const { a(i) = b(i) + 3.0f * c(i); }
};

}  // namespace

double gemm_rate(Composition const& c, Index threads) {
  bool const slow = std::string_view(c.backend) == "reference";
  return slow ? c.gemm_rate(static_cast<int>(threads), 197, 384, 384) : c.gemm_rate(static_cast<int>(threads), 1576, 1536, 384);
}

double triad_rate() {
  Reference be;
  Index const n = Index{1} << 26;                          // 3 x 256 MiB
  Tensor<float, 1> a(n), b(n), c(n);
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    double const before = bench::seconds();
    for_each(be, n, Triad{b, c, a});
    best = std::min(best, bench::seconds() - before);
  }
  return 12.0 * static_cast<double>(n) / best;
}

}  // namespace afire::cli
