// A row functor: one row, one worker. Softmax and LayerNorm are written once; who the worker is, the lane says.
//
// prints:
//   softmax of 1 2 3: 0.09 0.24 0.67, in all 1.00
//   layer norm of 1 2 3: -1.22 0.00 1.22
//   adding 1000 to every score changes nothing: true
//   one thread or all of them, the same bits: true
//   another lane, the same numbers to 1e-6: true
#include <algorithm>
#include <cmath>
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/core/rng.hpp>
#include <afire/op/math.hpp>

using namespace afire;

// [softmax]
// y(n, c) = exp(x(n, c) - top) / sum_c exp(x(n, c) - top), top = max_c x(n, c): without it exp(1000) would be infinite.
struct SoftmaxRow {
  View<const float, 2> x;                  // (N, C)
  View<float, 2> y;                        // (N, C)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const C = x.cols();
    float const top = lane.max_over(C, [&](Index c) { return x(n, c); });
    float const sum = lane.sum_over(C, [&](Index c) { return math::exp(x(n, c) - top); });
    lane.each(C, [&](Index c) { y(n, c) = math::exp(x(n, c) - top) / sum; });
  }
};
// [/softmax]

// [norm]
// y(n, c) = (x(n, c) - mean) / sqrt(variance + eps), both over the row.
struct NormRow {
  View<const float, 2> x;                  // (N, C)
  View<float, 2> y;                        // (N, C)
  float eps = 1e-6f;
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const C = x.cols();
    float const mean = lane.sum_over(C, [&](Index c) { return x(n, c); }) / static_cast<float>(C);
    float const variance = lane.sum_over(C, [&](Index c) { return math::square(x(n, c) - mean); }) / static_cast<float>(C);
    float const rate = 1 / math::sqrt(variance + eps);
    lane.each(C, [&](Index c) { y(n, c) = (x(n, c) - mean) * rate; });
  }
};
// [/norm]

// [lane]
// The library's lane keeps 16 partial sums, a GPU's has 32 threads. This one goes through the row as one would on paper.
struct OnPaper {
  template <class F>
  void each(Index n, F f) const {
    for (Index c = 0; c < n; ++c) f(c);
  }
  template <class F>
  float sum_over(Index n, F f) const {
    float sum = 0;
    for (Index c = 0; c < n; ++c) sum += f(c);
    return sum;
  }
  template <class F>
  float max_over(Index n, F f) const {
    float top = f(0);
    for (Index c = 1; c < n; ++c) top = std::max(top, f(c));
    return top;
  }
};
// [/lane]

int main() {
  Reference cpu;
  Tensor<float, 2> x(1, 3), y(1, 3);
  for (Index c = 0; c < 3; ++c) x(0, c) = static_cast<float>(c + 1);
  for_each_row(cpu, 1, SoftmaxRow{x, y});
  std::printf("softmax of 1 2 3: %.2f %.2f %.2f, in all %.2f\n", y(0, 0), y(0, 1), y(0, 2), y(0, 0) + y(0, 1) + y(0, 2));
  for_each_row(cpu, 1, NormRow{x, y});
  std::printf("layer norm of 1 2 3: %.2f %.2f %.2f\n", y(0, 0), y(0, 1) + 0.0f, y(0, 2));

  Index const N = 200, C = 197;
  Tensor<float, 2> scores(N, C), shifted(N, C), all(N, C), one(N, C), paper(N, C);
  Random const random(1, Purpose::test);
  for (Index i = 0; i < N * C; ++i) {
    scores.data()[i] = std::round(8 * random.uniform(static_cast<std::uint64_t>(i)));
    shifted.data()[i] = scores.data()[i] + 1000;
  }
  // [run]
  for_each_row(cpu, N, SoftmaxRow{scores, all});
  for_each_row(cpu, N, SoftmaxRow{shifted, paper});
  std::printf("adding 1000 to every score changes nothing: %s\n", std::equal(all.begin(), all.end(), paper.begin()) ? "true" : "false");

  Reference alone{.threads = 1};
  for_each_row(alone, N, SoftmaxRow{scores, one});
  std::printf("one thread or all of them, the same bits: %s\n", std::equal(all.begin(), all.end(), one.begin()) ? "true" : "false");

  for (Index n = 0; n < N; ++n) SoftmaxRow{scores, paper}(OnPaper{}, n);
  // [/run]
  bool const close = std::equal(all.begin(), all.end(), paper.begin(), [](float a, float b) { return std::fabs(a - b) < 1e-6f; });
  std::printf("another lane, the same numbers to 1e-6: %s\n", close ? "true" : "false");
}
