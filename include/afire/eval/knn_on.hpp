// afire/eval/knn_on.hpp -- nearest neighbours on a backend: it multiplies and selects, the host compares the few that are left
//
//   Neighbours found = nearest(gpu, train, query, 20);       // rows and cosines are those of nearest(train, query, 20), bit by bit
//
//   s = q x'           all cosines of a block of queries, a product in double
//   floor_m            at least k scores of row m are above it, and not many more: found by halving
//   candidates         the n with s_mn >= floor_m - slack, by compaction;     the host takes their cosines and puts them in order
//
// A sum of C products in double, whatever its order, is within C 2^-53 of the exact one for rows of length 1. The slack is twice what the
// product and the host may differ by on both sides together, so the k nearest, and all that tie with them, are candidates. A query with
// too many (rows that are all the same, say) is left to the host as a whole.
//
// Rows and queries are the host's. The backend multiplies double: Reference, EigenCpu, Cuda (with backend/cuda/select.cuh).
#pragma once
#include <afire/core/backend.hpp>
#include <afire/eval/knn.hpp>
#include <afire/op/select.hpp>

namespace afire {

namespace knn_parts {

// From which score on a row has candidates: k at least, `most` at most; 2, more than any cosine, where there would be more.
struct CandidateFloor {
  static constexpr bool long_rows = true;
  View<const double, 2> score;             // (M, N)
  View<double, 1> floor;                   // (M), written
  Index k, most;
  double slack;

  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index m) const {
    Index const N = score.cols();
    double const* const s = &score(m, 0);
    auto const count = [&](double from) { return lane.sum_over(N, [&](Index n) { return Index{s[n] >= from}; }); };
    double low = -2, high = 2;             // count(low) >= k > count(high)
    for (Index there = N; there > 2 * k && high - low > slack;) {
      double const middle = (low + high) / 2;
      Index const above = count(middle);
      if (above >= k) low = middle, there = above;
      else high = middle;
    }
    Index const candidates = count(low - slack);
    lane.once([&] { floor(m) = candidates <= most ? low - slack : 2; });
  }
};

struct AtLeastFloor {                      // of element i of the scores
  View<const double, 2> score;             // (M, N)
  View<const double, 1> floor;             // (M)
  AFIRE_HD bool operator()(Index i) const { return score.data[i] >= floor(i / score.cols()); }
};

// Rows first ... first + count - 1 with length 1.
template <class T>
void unit_rows(View<T, 2> x, std::vector<double> const& scale, Index first, Index count, Tensor<double, 2>& to) {
  for (Index n = 0; n < count; ++n)
    for (Index c = 0; c < x.cols(); ++c)
      to(n, c) = static_cast<double>(wide(x(first + n, c))) * scale[static_cast<std::size_t>(first + n)];
}

}  // namespace knn_parts

template <class B, class T, class U>
Neighbours nearest(B& be, View<T, 2> train,              // (N, C)
                   View<U, 2> query,                     // (M, C)
                   Index k,
                   Index scores_at_once = Index{1} << 25) {                    // 8 bytes each
  namespace parts = knn_parts;
  Index const N = train.rows(), M = query.rows(), C = train.cols();
  expects(1 <= k && k <= N, "nearest: ", k, " neighbours among ", N, " rows");
  parts::Cosines<T, U> cosine(train, query);
  Neighbours found{Tensor<Index, 2>(M, k), Tensor<double, 2>(M, k)};
  if (M == 0) return found;

  Index const most = std::min(N, 4 * k + 16), rows = std::clamp(scores_at_once / N, Index{1}, M);
  double const slack = static_cast<double>(4 * C + 16) * 0x1p-52;
  Tensor<double, 2> unit(std::max(N, rows), C);
  auto const x = allocate<double>(be, N * C), q = allocate<double>(be, rows * C), s = allocate<double>(be, rows * N);
  auto const floor = allocate<double>(be, rows);
  auto const at = allocate<Index>(be, rows * most);
  parts::unit_rows(train, cosine.scale(), 0, N, unit);
  upload(be, unit.data(), x.view());

  std::vector<Index> kept(static_cast<std::size_t>(at.size()));
  std::vector<parts::Candidate> all;
  for (Index first = 0; first < M; first += rows) {
    Index const count = std::min(rows, M - first);
    parts::unit_rows(query, cosine.query_scale(), first, count, unit);
    upload(be, unit.data(), q.view().slice(0, count * C));
    View<double, 2> const scores(s.data(), count, N);
    gemm(be, matrix(View<const double, 2>(q.data(), count, C)), transposed(matrix(View<const double, 2>(x.data(), N, C))), matrix(scores));
    for_each_row(be, count, parts::CandidateFloor{scores, floor.view(), k, most, slack});
    Index const there = compact(be, scores.size(), parts::AtLeastFloor{scores, floor.view()}, at.view());
    download(be, at.view().slice(0, there), kept.data());

    auto next = kept.begin();
    auto const end = kept.begin() + there;
    for (Index m = 0; m < count; ++m) {
      cosine.ask(first + m);
      all.clear();
      for (; next != end && *next / N == m; ++next) all.push_back({cosine(*next % N), *next % N});
      for (Index n = all.empty() ? 0 : N; n < N; ++n) all.push_back({cosine(n), n});
      parts::take_nearest(all, first + m, found);
    }
  }
  return found;
}

}  // namespace afire
