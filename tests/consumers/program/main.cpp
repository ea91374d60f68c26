// The smallest program of another project: a product of two matrices on the plain backend.
#include <afire/backend/reference.hpp>
#include <afire/core/tensor.hpp>

int main() {
  using afire::View;
  afire::Reference cpu;
  afire::Tensor<float, 2> a(2, 3), b(3, 2), c(2, 2);
  for (float& x : a) x = 1;
  for (float& x : b) x = 2;
  afire::gemm(cpu, afire::matrix(View<const float, 2>(a)), afire::matrix(View<const float, 2>(b)), afire::matrix(c.view()));
  return c(1, 1) == 6 ? 0 : 1;
}
