// Your own optimiser: Signum (Bernstein et al., 2018), whose steps have one length for every number, and whose memory is half of AdamW's.
//
// prints:
//   the gradient that it follows agrees with differences to 1e-7: true
//   after one step every weight has moved by the rate, or not at all: true
//   after 200 steps the error of the restored films is less than a tenth: true
#include <cmath>
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/nn/linear_decoder.hpp>
#include <afire/ssl/restoration.hpp>

#include "gradient.hpp"

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
  TrainOptions const options{.batch = 2, .warmup_epochs = 0, .weight_decay = 0, .weight_decay_end = 0, .scale_lr = false};
  Trainer trainer{cpu, Compute<double>{}, four_patches, NoHead{}, LinearDecoder{}, Clean{}, NoTeacher{}, Restoration<>{},
                  Signum{.lr = 0.01}, options};
  std::printf("the gradient that it follows agrees with differences to 1e-7: %s\n", gradient_agrees(cpu, trainer, 1e-7).c_str());

  Stripes const films;
  Loader loader(films, Clean{}, LoaderOptions{.batch = 2, .side = 16, .patch = 8});
  auto micros = micros_of(loader.next());
  trainer.schedule(1, 200);
  auto const weights = trainer.method().student_store().values();
  std::vector<double> const before(weights.begin(), weights.end());
  double const first = trainer.step(std::span(micros)).at("loss");
  bool moved = true;
  for (std::size_t i = 0; i < before.size(); ++i) {
    double const way = std::fabs(weights(static_cast<Index>(i)) - before[i]);
    moved = moved && (way == 0 || std::fabs(way - 0.01) < 1e-9);
  }
  std::printf("after one step every weight has moved by the rate, or not at all: %s\n", moved ? "true" : "false");
  double last = first;
  for (int step = 1; step < 200; ++step) last = trainer.step(std::span(micros)).at("loss");
  std::printf("after 200 steps the error of the restored films is less than a tenth: %s\n", last < first / 10 ? "true" : "false");
}
