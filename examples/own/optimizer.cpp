// Your own optimiser: Lion (Chen et al., 2023), whose steps have one length for every number, and whose memory is half of AdamW's.
//
// prints:
//   Lion keeps 1 number a parameter, AdamW 2: true
//   after one step every weight has moved by the rate: true
//   after 300 steps the layer does what it should, to 0.01: true
#include <cmath>
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/nn/linear.hpp>
#include <afire/train/optimizer.hpp>

using namespace afire;

// [rule]
// w -= lr (sign(b1 m + (1 - b1) g) + decay w);   m = b2 m + (1 - b2) g
struct Lion {
  double lr = 1e-4;
  double b1 = 0.9, b2 = 0.99;
  static constexpr int moments = 1;                      // m
  static constexpr bool needs_weight_norms = false;

  template <class S>
  void prepare(TensorStep<S>&, Index, double) const {}   // once a tensor and step: nothing to prepare
  template <class S>
  AFIRE_HD void update(S& w, S g, S* m, S*, TensorStep<S> const& t) const {
    S const a = static_cast<S>(b1), b = static_cast<S>(b2), along = a * *m + (1 - a) * g;
    w -= t.lr * (static_cast<S>((along > 0) - (along < 0)) + t.decay * w);
    *m = b * *m + (1 - b) * g;
  }
};
// [/rule]

int main() {
  Reference cpu{.threads = 1};
  Linear<float> fc(2, 1);
  ParamStore<float> store(cpu, fc, Gradients::yes), nobody;
  Optimizer<float, Lion> lion(cpu, store, nobody, Lion{}, UpdateOptions{});
  Optimizer<float, AdamW> adamw(cpu, store, nobody, AdamW{}, UpdateOptions{});
  std::printf("Lion keeps 1 number a parameter, AdamW 2: %s\n", 2 * lion.bytes() == adamw.bytes() ? "true" : "false");

  Tensor<float, 2> x(3, 2), y(3, 1), dy(3, 1), partial(column_chunks, 1);
  for (Index n = 0; n < 3; ++n) x(n, 0) = static_cast<float>(n), x(n, 1) = static_cast<float>(n * n);
  for (int step = 0; step < 300; ++step) {
    fc.forward(cpu, x, y.view());
    for (Index n = 0; n < 3; ++n) dy(n, 0) = y(n, 0) - (0.5f * x(n, 0) - 0.25f * x(n, 1) + 0.1f);          // what it should do
    fc.backward(cpu, x, dy, {}, partial.view());
    lion.measure(cpu);
    lion.step(cpu, Rates{.lr = 0.01 * (1 - step / 300.0), .weight_decay = 0, .momentum = 1}, false);
    if (step == 0) {
      bool moved = true;
      for (float w : fc.weight.value) moved = moved && std::fabs(std::fabs(w) - 0.01f) < 1e-7f;
      std::printf("after one step every weight has moved by the rate: %s\n", moved ? "true" : "false");
    }
  }
  bool const near = std::fabs(dy(0, 0)) < 0.01f && std::fabs(dy(1, 0)) < 0.01f && std::fabs(dy(2, 0)) < 0.01f;
  std::printf("after 300 steps the layer does what it should, to 0.01: %s\n", near ? "true" : "false");
}
