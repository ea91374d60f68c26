// afire/eval/knn.hpp -- nearest neighbours by cosine, and classes by their weighted vote
//
//   score(n, c) = sum over the k nearest of label c of exp(cos / T),   T = 0.07       (Wu et al., 2018; DINO)
//
//   Neighbours found = nearest(train, query, 20);                          // (N, C), (M, C): found.row(m, i), found.cosine(m, i)
//   Tensor<double, 2> s = knn_vote(found, train_labels, classes);          // (M, classes); the vote of the nearest k: knn_vote(..., k)
//
//   nearest(x, x, 5, [&](Index m, Index n) { return film[m] != film[n]; });       // only some pairs: tokens of other films, say
//
// Rows need not have length 1; one of length 0 is as near to everything as 0. On ties the lower row comes first.
#pragma once
#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include <afire/core/bf16.hpp>
#include <afire/core/lane.hpp>
#include <afire/core/tensor.hpp>

namespace afire {

struct Neighbours {
  Tensor<Index, 2> row;                                  // (M, k) of the training rows, nearest first; -1: there are no more
  Tensor<double, 2> cosine;                              // (M, k)
};

struct AnyPair {                           // every row may be everyone's neighbour
  bool operator()(Index, Index) const { return true; }
};

template <class T, class U, class Allowed = AnyPair>
Neighbours nearest(View<T, 2> train,                     // (N, C)
                   View<U, 2> query,                     // (M, C)
                   Index k, Allowed allowed = {}) {      // allowed(m, n): may row n be a neighbour of query m?
  expects(train.cols() == query.cols(), "nearest: training rows have ", train.cols(), " columns, queries ", query.cols());
  expects(1 <= k && k <= train.rows(), "nearest: ", k, " neighbours among ", train.rows(), " rows");
  Index const N = train.rows(), M = query.rows(), C = train.cols();
  Scalar const lane;
  auto const inverse_length = [&](auto const* x) {
    double const sum = lane.sum_over(C, [&](Index c) { return static_cast<double>(wide(x[c])) * static_cast<double>(wide(x[c])); });
    return sum > 0 ? 1 / std::sqrt(sum) : 0;
  };
  std::vector<double> scale;
  for (Index n = 0; n < N; ++n) scale.push_back(inverse_length(&train(n, 0)));
  struct Candidate {
    double cosine;
    Index row;
  };
  std::vector<Candidate> all;
  Neighbours found{Tensor<Index, 2>(M, k), Tensor<double, 2>(M, k)};
  std::vector<double> unit(static_cast<std::size_t>(C));
  for (Index m = 0; m < M; ++m) {
    double const length = inverse_length(&query(m, 0));
    for (Index c = 0; c < C; ++c) unit[static_cast<std::size_t>(c)] = static_cast<double>(wide(query(m, c))) * length;
    all.clear();
    double const* const q = unit.data();
    for (Index n = 0; n < N; ++n) {
      if (!allowed(m, n)) continue;
      T* const x = &train(n, 0);
      double const dot = lane.sum_over(C, [&](Index c) { return static_cast<double>(wide(x[c])) * q[c]; });
      double const cosine = scale[static_cast<std::size_t>(n)] * dot;
      expects(!std::isnan(cosine), "nearest: training row ", n, " or query ", m, " is not finite");
      all.push_back({cosine, n});
    }
    auto const there = std::min(static_cast<std::ptrdiff_t>(all.size()), k);
    std::partial_sort(all.begin(), all.begin() + there, all.end(),
                      [](Candidate a, Candidate b) { return a.cosine != b.cosine ? a.cosine > b.cosine : a.row < b.row; });
    for (Index i = 0; i < k; ++i) {
      found.row(m, i) = i < there ? all[static_cast<std::size_t>(i)].row : -1;
      found.cosine(m, i) = i < there ? all[static_cast<std::size_t>(i)].cosine : 0;
    }
  }
  return found;
}

inline Tensor<double, 2> knn_vote(Neighbours const& found, std::span<Index const> label,        // (N), of the training rows
                                  Index classes,
                                  Index k = 0,                                                  // 0: all neighbours found
                                  double temperature = 0.07) {
  Index const M = found.row.extent(0), most = found.row.extent(1), voters = k > 0 ? k : most;
  expects(voters <= most, "knn: a vote of ", voters, " neighbours, but only ", most, " were looked for");
  Tensor<double, 2> score(M, classes);
  for (Index m = 0; m < M; ++m)
    for (Index i = 0; i < voters; ++i) {
      Index const n = found.row(m, i);
      if (n < 0) continue;
      expects(static_cast<std::size_t>(n) < label.size(), "knn: neighbour ", n, " has no label; there are ", label.size());
      Index const c = label[static_cast<std::size_t>(n)];
      expects(0 <= c && c < classes, "knn: label ", c, " of row ", n, " is none of 0 ... ", classes - 1);
      score(m, c) += std::exp(found.cosine(m, i) / temperature);
    }
  return score;
}

// The class with the largest score of each row, the lowest on ties.
inline std::vector<Index> best_class(View<const double, 2> score) {           // (M, classes)
  std::vector<Index> best;
  for (Index m = 0; m < score.rows(); ++m) {
    auto const row = score.row(m);
    best.push_back(std::max_element(row.begin(), row.end()) - row.begin());
  }
  return best;
}

}  // namespace afire
