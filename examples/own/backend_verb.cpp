// Your own backend verb: products whose sums are kept in double. Everything that multiplies, from a linear layer to attention, then does.
//
// prints:
//   the library's sum of 1,000,000 times 0.1 is off by more than 1e-6: true
//   with my gemm it is not: true
//   the gradient of a method that multiplies with it agrees with differences to 1e-7: true
#include <cmath>
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/nn/linear_decoder.hpp>
#include <afire/ssl/restoration.hpp>

#include "gradient.hpp"

using namespace afire;

// [verb]
struct careful_tag : reference_tag {};                   // all other verbs are the reference backend's
struct Careful : Reference {
  using tag = careful_tag;
};

template <class B, class T, class U>
void gemm(careful_tag, B& be, Matrices<const T> a, Matrices<const T> b, Matrices<U> c, GemmOf<T> how) {
  for_each(be, c.batch * c.rows * c.cols, [=](Index i) {
    Index const n = i / (c.rows * c.cols), row = i / c.cols % c.rows, col = i % c.cols;
    double sum = how.bias ? static_cast<double>(how.bias(col)) : 0;
    for (Index k = 0; k < a.cols; ++k)
      sum += static_cast<double>(how.alpha) * static_cast<double>(a.data[n * a.batch_stride + row * a.row_stride + k * a.col_stride]) *
             static_cast<double>(b.data[n * b.batch_stride + k * b.row_stride + col * b.col_stride]);
    U& out = c.data[n * c.batch_stride + row * c.row_stride + col * c.col_stride];
    out = static_cast<U>(how.add ? static_cast<double>(out) + sum : sum);
  });
}
// [/verb]

// The same linear layer on any backend: how far is the mean of a million numbers from what it is?
template <class B>
double error_of(B be) {
  Index const N = 1'000'000;
  Linear<float> fc(N, 1);
  ParamStore<float> store(be, fc, Gradients::no);
  Tensor<float, 2> x(1, N), y(1, 1);
  for (Index i = 0; i < N; ++i) x(0, i) = 0.1f, fc.weight.value(i) = 1e-5f;
  fc.forward(be, x, y.view());
  return std::fabs(static_cast<double>(y(0, 0)) / (1e6 * static_cast<double>(0.1f) * static_cast<double>(1e-5f)) - 1);
}

int main() {
  std::printf("the library's sum of 1,000,000 times 0.1 is off by more than 1e-6: %s\n", error_of(Reference{}) > 1e-6 ? "true" : "false");
  std::printf("with my gemm it is not: %s\n", error_of(Careful{}) < 1e-6 ? "true" : "false");
  Careful mine;
  Trainer trainer{mine, Compute<double>{}, four_patches, NoHead{}, LinearDecoder{}, Clean{}, NoTeacher{}, Restoration<>{}, AdamW{},
                  TrainOptions{.batch = 2}};
  std::printf("the gradient of a method that multiplies with it agrees with differences to 1e-7: %s\n",
              gradient_agrees(mine, trainer, 1e-7).c_str());
}
