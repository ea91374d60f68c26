// The core as nvcc reads it: views, bf16 and random numbers in device code, without flags such as --extended-lambda.
#include <afire/core/bf16.hpp>
#include <afire/core/rng.hpp>
#include <afire/core/tensor.hpp>

using namespace afire;

template <class T>
__global__ void noise(View<T, 2> y, Random random) {
  Index const n = blockIdx.x, c = threadIdx.x;
  if (n < y.rows() && c < y.cols()) y.row(n)(c) = T(wide(y(n, c)) + random.uniform(static_cast<std::uint64_t>(n * y.cols() + c)));
}

template <class T>
void launch(View<T, 2> y) {
  noise<<<static_cast<unsigned>(y.rows()), static_cast<unsigned>(y.cols())>>>(y, Random(1, Purpose::test));
}

template void launch(View<float, 2>);
template void launch(View<double, 2>);
template void launch(View<bf16, 2>);
