// A linear layer, its backward, and how to know that a backward is right: compare it with differences of the forward.
//
// prints:
//   y = 3 -1 | 7 -1
//   dx = 5 1 | -3 3
//   dW = 3 6 | 7 8, db = 3 1
//   the backward agrees with 13 differences to 1e-9: true
//   without the line for db, the check finds b
//   the library's Linear gives the same y: true
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/nn/linear.hpp>
#include <afire/testing/gradcheck.hpp>

using namespace afire;

struct Affine {
  Tensor<double, 2> W{2, 2}, dW{2, 2};     // (out, in)
  Tensor<double, 1> b{2}, db{2};           // (out)

  // [forward]
  // y = x W^T + b
  void forward(View<const double, 2> x,                  // (N, in)
               View<double, 2> y) const {                // (N, out), written
    for (Index n = 0; n < y.rows(); ++n)
      for (Index o = 0; o < y.cols(); ++o) {
        y(n, o) = b(o);
        for (Index i = 0; i < x.cols(); ++i) y(n, o) += x(n, i) * W(o, i);
      }
  }
  // [/forward]

  // [backward]
  // Forward was y = x W^T + b. So dx = dy W, dW = dy^T x, db = sum_n dy: dx is written, parameter gradients are added.
  void backward(View<const double, 2> x,                 // (N, in)
                View<const double, 2> dy,                // (N, out)
                View<double, 2> dx,                      // (N, in), written
                bool forget_bias = false) {
    for (double& d : dx) d = 0;
    for (Index n = 0; n < dy.rows(); ++n)
      for (Index o = 0; o < dy.cols(); ++o) {
        if (!forget_bias) db(o) += dy(n, o);
        for (Index i = 0; i < x.cols(); ++i) {
          dW(o, i) += dy(n, o) * x(n, i);
          dx(n, i) += dy(n, o) * W(o, i);
        }
      }
  }
  // [/backward]
};

void set(double* to, std::initializer_list<double> numbers) { std::copy(numbers.begin(), numbers.end(), to); }

int main() {
  Affine fc;
  Tensor<double, 2> x(2, 2), y(2, 2), dx(2, 2), dy(2, 2);
  set(fc.W.data(), {1, 1, -1, 1}), set(fc.b.data(), {0, -2});
  set(x.data(), {1, 2, 3, 4}), set(dy.data(), {3, -2, 0, 3});
  fc.forward(x, y);
  std::printf("y = %g %g | %g %g\n", y(0, 0), y(0, 1), y(1, 0), y(1, 1));
  fc.backward(x, dy, dx);
  std::printf("dx = %g %g | %g %g\n", dx(0, 0), dx(0, 1), dx(1, 0), dx(1, 1));
  std::printf("dW = %g %g | %g %g, db = %g %g\n", fc.dW(0, 0), fc.dW(0, 1), fc.dW(1, 0), fc.dW(1, 1), fc.db(0), fc.db(1));

  // [check]
  // A layer is right if its backward is the gradient of S = <y, dy>, whatever dy is.
  auto const S = [&] {
    double sum = 0;
    fc.forward(x, y);
    for (Index i = 0; i < y.size(); ++i) sum += y.data()[i] * dy.data()[i];
    return sum;
  };
  auto const check = [&](bool forget_bias) {
    GradCheck c;
    c.input("x", x.view().flat(), dx.view().flat());
    c.parameter("W", fc.W.view().flat(), fc.dW.view().flat());
    c.parameter("b", fc.b.view(), fc.db.view());
    return c(S, [&] { fc.backward(x, dy, dx, forget_bias); });
  };
  GradReport const good = check(false), bad = check(true);
  // [/check]
  std::printf("the backward agrees with %td differences to 1e-9: %s\n", good.tried, good.worst < 1e-9 ? "true" : "false");
  std::printf("without the line for db, the check finds %s\n", bad.worst > 0.1 ? bad.name.c_str() : "nothing");

  // [module]
  // The same as a module of the library: parameters in one flat buffer, any backend, any type.
  Reference cpu;
  Linear<double> linear(2, 2);
  ParamStore<double> store(cpu, linear, Gradients::yes);
  copy(cpu, fc.W.view().flat(), linear.weight.value);
  copy(cpu, fc.b.view(), linear.bias.value);
  Tensor<double, 2> same(2, 2);
  linear.forward(cpu, x, same.view());
  // [/module]
  std::printf("the library's Linear gives the same y: %s\n", std::equal(y.begin(), y.end(), same.begin()) ? "true" : "false");
}
