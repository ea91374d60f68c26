// Your own optimiser: Signum (Bernstein et al., 2018), whose steps have one length for every number, and whose memory is half of AdamW's.
//
// prints:
//   Signum keeps 1 number a parameter, AdamW 2: true
//   after one step every weight has moved by the rate: true
//   after 300 steps the layer does what it should, to 0.01: true
#include <cmath>
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/nn/linear.hpp>
#include <afire/train/optimizer.hpp>

using namespace afire;

// [rule]
// m = b m + (1 - b) g;   w -= lr (sign(m) + decay w)
struct Signum {
  double lr = 1e-4;
  double b = 0.9;
  static constexpr int moments = 1;                      // m
  static constexpr bool needs_weight_norms = false;

  template <class S>
  void prepare(TensorStep<S>&, Index, double) const {}   // once a tensor and step: nothing to prepare
  template <class S>
  AFIRE_HD void update(S& w, S g, S* m, S*, TensorStep<S> const& t) const {
    *m = static_cast<S>(b) * *m + static_cast<S>(1 - b) * g;
    w -= t.lr * (static_cast<S>((*m > 0) - (*m < 0)) + t.decay * w);
  }
};
// [/rule]

int main() {
  Reference cpu{.threads = 1};
  Linear<float> fc(2, 1);
  ParamStore<float> store(cpu, fc, Gradients::yes), nobody;
  Optimizer<float, Signum> signum(cpu, store, nobody, Signum{}, UpdateOptions{});
  Optimizer<float, AdamW> adamw(cpu, store, nobody, AdamW{}, UpdateOptions{});
  std::printf("Signum keeps 1 number a parameter, AdamW 2: %s\n", 2 * signum.bytes() == adamw.bytes() ? "true" : "false");

  Tensor<float, 2> x(3, 2), y(3, 1), dy(3, 1), partial(column_chunks, 1);
  for (Index n = 0; n < 3; ++n) x(n, 0) = static_cast<float>(n), x(n, 1) = static_cast<float>(n * n);
  for (int step = 0; step < 300; ++step) {
    fc.forward(cpu, x, y.view());
    for (Index n = 0; n < 3; ++n) dy(n, 0) = y(n, 0) - (0.5f * x(n, 0) - 0.25f * x(n, 1) + 0.1f);          // what it should do
    fc.backward(cpu, x, dy, {}, partial.view());
    signum.measure(cpu);
    signum.step(cpu, Rates{.lr = 0.01 * (1 - step / 300.0), .weight_decay = 0, .momentum = 1}, false);
    if (step == 0) {
      bool moved = true;
      for (float w : fc.weight.value) moved = moved && std::fabs(std::fabs(w) - 0.01f) < 1e-7f;
      std::printf("after one step every weight has moved by the rate: %s\n", moved ? "true" : "false");
    }
  }
  bool const near = std::fabs(dy(0, 0)) < 0.01f && std::fabs(dy(1, 0)) < 0.01f && std::fabs(dy(2, 0)) < 0.01f;
  std::printf("after 300 steps the layer does what it should, to 0.01: %s\n", near ? "true" : "false");
}
