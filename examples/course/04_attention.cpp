// Attention without storing attention: the probabilities of a query are used as they come, and made again when the backward needs them.
//
// prints:
//   with all probabilities, keys walked through once, the library: the same output to 1e-5: true
//   from scores and the log of their sum alone, a row of probabilities adds up to 1.000
//   ViT-S, 64 films, a layer: 57 MiB of probabilities, 0.3 MiB of log sums
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include <afire/backend/reference.hpp>
#include <afire/core/rng.hpp>
#include <afire/op/attention.hpp>

using namespace afire;

// [plain]
// P = softmax(scale q k^T), o = P v, with P in memory: L x L numbers a head.
struct PlainAttention {
  View<const float, 2> q, k, v;            // (L, D)
  View<float, 2> P;                        // (L, L)
  View<float, 2> o;                        // (L, D)
  template <class Lane>
  void operator()(Lane lane, Index i) const {
    Index const L = k.rows(), D = k.cols();
    float const scale = 1 / std::sqrt(static_cast<float>(D));
    for (Index j = 0; j < L; ++j) P(i, j) = scale * lane.sum_over(D, [&](Index d) { return q(i, d) * k(j, d); });
    float const top = lane.max_over(L, [&](Index j) { return P(i, j); });
    float const sum = lane.sum_over(L, [&](Index j) { return math::exp(P(i, j) - top); });
    lane.each(L, [&](Index j) { P(i, j) = math::exp(P(i, j) - top) / sum; });
    lane.each(D, [&](Index d) { o(i, d) = 0; });
    for (Index j = 0; j < L; ++j) lane.each(D, [&](Index d) { o(i, d) += P(i, j) * v(j, d); });
  }
};
// [/plain]

// [streaming]
// The same, keys walked through once. Kept: the largest score, the sum and the output so far; when a larger score comes, the two shrink.
struct StreamingAttention {
  View<const float, 2> q, k, v;            // (L, D)
  View<float, 2> o;                        // (L, D)
  View<float, 1> log_sum;                  // (L): all that the backward needs of the softmax
  template <class Lane>
  void operator()(Lane lane, Index i) const {
    Index const L = k.rows(), D = k.cols();
    float const scale = 1 / std::sqrt(static_cast<float>(D));
    float top = -std::numeric_limits<float>::infinity(), sum = 0;
    lane.each(D, [&](Index d) { o(i, d) = 0; });
    for (Index j = 0; j < L; ++j) {
      float const score = scale * lane.sum_over(D, [&](Index d) { return q(i, d) * k(j, d); });
      float const higher = std::max(top, score), shrink = math::exp(top - higher), p = math::exp(score - higher);
      sum = sum * shrink + p;
      lane.each(D, [&](Index d) { o(i, d) = o(i, d) * shrink + p * v(j, d); });
      top = higher;
    }
    lane.each(D, [&](Index d) { o(i, d) /= sum; });
    lane.once([&] { log_sum(i) = top + std::log(sum); });
  }
};
// [/streaming]

int main() {
  Index const L = 50, D = 32;
  Reference cpu;
  Tensor<float, 4> packed(3, 1, L, D);     // q, k, v of one head
  Random const random(1, Purpose::test);
  for (Index i = 0; i < packed.size(); ++i) packed.data()[i] = static_cast<float>(random.normal(static_cast<std::uint64_t>(i)));
  View<const float, 2> const q = packed.view().row(0).row(0), k = packed.view().row(1).row(0), v = packed.view().row(2).row(0);

  Tensor<float, 2> P(L, L), plain(L, D), streamed(L, D);
  Tensor<float, 1> log_sum(L);
  for_each_row(cpu, L, PlainAttention{q, k, v, P, plain});
  for_each_row(cpu, L, StreamingAttention{q, k, v, streamed, log_sum});

  // [library]
  // The library's: products by the backend's fast gemm, probabilities of a few films at a time, in memory that a plan has set aside.
  Arena counting;
  plan_attention<float>(counting, 1, 1, L, D);
  Arena arena(counting, allocate<std::byte>(cpu, counting.bytes()));
  AttentionWork<float> const work = plan_attention<float>(arena, 1, 1, L, D);
  Tensor<float, 3> o(1, L, D);
  Tensor<float, 2> library_log_sum(1, L);
  attention(cpu, packed, o.view(), library_log_sum.view(), work);
  // [/library]
  bool same = true;
  for (Index i = 0; i < L * D; ++i)
    same = same && std::fabs(plain.data()[i] - streamed.data()[i]) < 1e-5f && std::fabs(plain.data()[i] - o.data()[i]) < 1e-5f;
  std::printf("with all probabilities, keys walked through once, the library: the same output to 1e-5: %s\n", same ? "true" : "false");

  // [again]
  // P(i, j) = exp(scale <q, k> - log_sum), for the backward, whenever it is wanted.
  double total = 0;
  for (Index j = 0; j < L; ++j) {
    double score = 0;
    for (Index d = 0; d < D; ++d) score += static_cast<double>(q(7, d) * k(j, d));
    total += std::exp(score / std::sqrt(static_cast<double>(D)) - static_cast<double>(log_sum(7)));
  }
  // [/again]
  std::printf("from scores and the log of their sum alone, a row of probabilities adds up to %.3f\n", total);
  double const films = 64, heads = 6, tokens = 197, MiB = 1 << 20;
  std::printf("ViT-S, 64 films, a layer: %.0f MiB of probabilities, %.1f MiB of log sums\n", films * heads * tokens * tokens * 4 / MiB,
              films * heads * tokens * 4 / MiB);
}
