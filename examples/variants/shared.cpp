#define AFIRE_SHARED
#include <bench/support/gemm_rate.hpp>
#include <examples/variants/program.hpp>
#include <examples/variants/shared.hpp>

double afire::cli::fastest_gemm_rate(int threads, Index M, Index N, Index K) {
  Fastest be;
  be.threads = threads;
  return bench::gemm_rate<float>(be, M, N, K);
}
