// afire/eval/knn.hpp -- nearest neighbours by cosine, and classes by their weighted vote
//
//   score(n, c) = sum over the k nearest of label c of exp(cos / T),   T = 0.07       (Wu et al., 2018; DINO)
//
//   Neighbours found = nearest(train, query, 20);                          // (N, C), (M, C): found.row(m, i), found.cosine(m, i)
//   Tensor<double, 2> s = knn_vote(found, train_labels, classes);          // (M, classes); the vote of the nearest k: knn_vote(..., k)
//
//   nearest(x, x, 5, [&](Index m, Index n) { return film[m] != film[n]; });       // only some pairs: tokens of other films, say
//   nearest(gpu, train, query, 20);                                               // the same on a backend: eval/knn_on.hpp
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

namespace knn_parts {

struct Candidate {
  double cosine;
  Index row;
};

// 1 / the length of each row, 0 of a row of zeros. `what` is named where a row is not finite.
template <class T>
std::vector<double> inverse_lengths(View<T, 2> x, char const* what) {
  std::vector<double> inverse;
  for (Index n = 0; n < x.rows(); ++n) {
    T* const row = &x(n, 0);
    double const sum = Scalar().sum_over(x.cols(), [&](Index c) {
      return static_cast<double>(wide(row[c])) * static_cast<double>(wide(row[c]));
    });
    expects(std::isfinite(sum), "nearest: ", what, " ", n, " is not finite");
    inverse.push_back(sum > 0 ? 1 / std::sqrt(sum) : 0);
  }
  return inverse;
}

// Cosines of training rows with one query after the other.
template <class T, class U>
class Cosines {
 public:
  Cosines(View<T, 2> train, View<U, 2> query)            // (N, C), (M, C)
      : train_(train), query_(query), unit_(static_cast<std::size_t>(query.cols())) {
    expects(train.cols() == query.cols(), "nearest: training rows have ", train.cols(), " columns, queries ", query.cols());
    scale_ = inverse_lengths(train, "training row"), query_scale_ = inverse_lengths(query, "query");
  }

  void ask(Index m) {                                    // from now on it is query m's
    for (Index c = 0; c < query_.cols(); ++c)
      unit_[static_cast<std::size_t>(c)] = static_cast<double>(wide(query_(m, c))) * query_scale_[static_cast<std::size_t>(m)];
  }
  double operator()(Index n) const {
    T* const x = &train_(n, 0);
    double const* const q = unit_.data();
    double const dot = Scalar().sum_over(train_.cols(), [&](Index c) { return static_cast<double>(wide(x[c])) * q[c]; });
    return scale_[static_cast<std::size_t>(n)] * dot;
  }
  std::vector<double> const& scale() const { return scale_; }              // (N)
  std::vector<double> const& query_scale() const { return query_scale_; }  // (M)

 private:
  View<T, 2> train_;
  View<U, 2> query_;
  std::vector<double> scale_, query_scale_, unit_;       // (N), (M), (C)
};

// The nearest of `all` into row m; their order changes.
inline void take_nearest(std::vector<Candidate>& all, Index m, Neighbours& found) {
  Index const k = found.row.extent(1);
  auto const there = std::min(static_cast<std::ptrdiff_t>(all.size()), k);
  std::partial_sort(all.begin(), all.begin() + there, all.end(),
                    [](Candidate a, Candidate b) { return a.cosine != b.cosine ? a.cosine > b.cosine : a.row < b.row; });
  for (Index i = 0; i < k; ++i) {
    found.row(m, i) = i < there ? all[static_cast<std::size_t>(i)].row : -1;
    found.cosine(m, i) = i < there ? all[static_cast<std::size_t>(i)].cosine : 0;
  }
}

}  // namespace knn_parts

template <class T, class U, class Allowed = AnyPair>
Neighbours nearest(View<T, 2> train,                     // (N, C)
                   View<U, 2> query,                     // (M, C)
                   Index k, Allowed allowed = {}) {      // allowed(m, n): may row n be a neighbour of query m?
  expects(1 <= k && k <= train.rows(), "nearest: ", k, " neighbours among ", train.rows(), " rows");
  knn_parts::Cosines<T, U> cosine(train, query);
  Neighbours found{Tensor<Index, 2>(query.rows(), k), Tensor<double, 2>(query.rows(), k)};
  std::vector<knn_parts::Candidate> all;
  for (Index m = 0; m < query.rows(); ++m) {
    cosine.ask(m);
    all.clear();
    for (Index n = 0; n < train.rows(); ++n)
      if (allowed(m, n)) all.push_back({cosine(n), n});
    knn_parts::take_nearest(all, m, found);
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
