#define AFIRE_SHARED
#include <bench/support/gemm_rate.hpp>
#include <examples/cli/backend_of.hpp>
#include <examples/variants/program.hpp>
#include <examples/variants/shared.hpp>

double afire::cli::fastest_gemm_rate(Settings const& s, Index M, Index N, Index K) {
  auto be = backend_of<Fastest>(s);
  return bench::gemm_rate<float>(be, M, N, K);
}
