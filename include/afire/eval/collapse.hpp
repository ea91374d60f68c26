// afire/eval/collapse.hpp -- monitors: has the code collapsed, or does it know the position of a token but not the film?
//
//   effective rank        exp(- sum_i p_i ln p_i),   p_i = eigenvalue i of the tokens' covariance / their sum       1 ... C
//   between-image share   (variance between films at the same position, mean over positions) / (variance of all tokens)
//                         0: a token's code depends on its position alone;   1: position says nothing
//   prototypes used       share of the K prototypes that are the best of some token
//   perplexity            exp(entropy of how often each prototype is the best)                                      1 ... K
//   perplexity here       the same at one position, mean over positions (of the entropy)       1: position alone decides
//   image spread          variance of the vectors that stand for images, between images, / their mean square        0: collapsed
//   mean entropy          of the rows of targets;  loss - mean entropy = KL above the least that is possible
//
//   TokenMonitor tokens(196, 192);   tokens.add(batch);   tokens.effective_rank();   tokens.between_image_share();       // (B, L, C)
//   PrototypeMonitor use(196, 256);  use.add(scores);     use.used();  use.perplexity();  use.perplexity_here();         // (B, L, K)
//
// Batches of any size may follow each other. What is not defined yet (no tokens, all tokens equal) is NaN.
#pragma once
#include <numeric>

#include <afire/eval/eigen_symmetric.hpp>
#include <afire/eval/covariance.hpp>

namespace afire {

// exp of the entropy of weights, which need not sum to 1: how many of them share the sum. NaN where there is no sum.
template <class Weights>
double effective_number(Weights const& weights) {
  double sum = 0, entropy = 0;
  for (auto w : weights) sum += std::max(0.0, static_cast<double>(w));
  if (!(sum > 0)) return std::numeric_limits<double>::quiet_NaN();
  for (auto w : weights)
    if (double const p = static_cast<double>(w) / sum; p > 0) entropy -= p * std::log(p);
  return std::exp(entropy);
}

// Position i of a fixed shuffle of 0 ... n-1 that spreads any first m of it over the whole range.
inline Index spread(Index i, Index n) {
  auto step = static_cast<Index>(0.6180339887498949 * static_cast<double>(n)) | 1;
  while (std::gcd(step, n) != 1) step += 2;
  return i * step % n;
}

template <class T>
double image_spread(View<T, 2> x) {        // (films, C)
  double const films = static_cast<double>(x.rows());
  double variance = 0, square = 0;
  for (Index c = 0; c < x.cols(); ++c) {
    double mean = 0;
    for (Index b = 0; b < x.rows(); ++b) mean += static_cast<double>(x(b, c)) / films;
    for (Index b = 0; b < x.rows(); ++b) {
      double const value = static_cast<double>(x(b, c));
      variance += (value - mean) * (value - mean), square += value * value;
    }
  }
  return variance / square;
}

class TokenMonitor {
 public:
  // Of each batch at most `sample` tokens go into the covariance (and all into the shares); 0: all.
  TokenMonitor(Index tokens, Index columns, Index sample = 16384)
      : sample_(sample), covariance_(columns), first_(tokens, columns), sum_(tokens, columns), squares_(tokens) {}

  template <class T>
  void add(View<T, 3> x) {                               // (B, L, C)
    Index const L = first_.extent(0), C = first_.extent(1);
    expects(x.extent[1] == L && x.extent[2] == C, "token monitor: tokens of shape ", shape_text(x), ", where (B, ", L, ", ", C,
            ") was announced");
    if (x.size() == 0) return;
    if (films_ == 0) std::transform(x.row(0).begin(), x.row(0).end(), first_.begin(), [](auto v) { return static_cast<double>(wide(v)); });
    Scalar const lane;
    // Relative to the first film: a code that depends on position alone gives zeros, not the difference of two large numbers.
    for (Index b = 0; b < x.extent[0]; ++b)
      for (Index j = 0; j < L; ++j) {
        T* const from = &x(b, j, 0);
        double *const sum = &sum_(j, 0), *const zero = &first_(j, 0);
        squares_(j) += lane.sum_over(C, [&](Index c) {
          double const d = static_cast<double>(wide(from[c])) - zero[c];
          sum[c] += d;
          return d * d;
        });
      }
    films_ += x.extent[0];
    Index const rows = x.extent[0] * L, wanted = sample_ > 0 ? std::min(sample_, rows) : rows;
    auto const flat = x.as(rows, C);
    if (wanted == rows) covariance_.add(flat);
    else covariance_.add_rows(flat, wanted, [&](Index i) { return spread(i, rows); });
  }

  Index films() const { return films_; }

  double effective_rank() const {
    if (covariance_.count() < 2) return std::numeric_limits<double>::quiet_NaN();
    for (double s : covariance_.scatter())
      if (!std::isfinite(s)) return std::numeric_limits<double>::quiet_NaN();
    return effective_number(eigenvalues_symmetric(covariance_.scatter()));
  }

  // Variance within a position between films, and of all tokens: sums over channels, divisor N (as the law of total variance wants).
  double between_image_variance() const {
    double within = 0;
    double const n = static_cast<double>(films_);
    for (Index j = 0; j < first_.extent(0); ++j) {
      double mean_squares = 0;
      for (double s : sum_.view().row(j)) mean_squares += s / n * (s / n);
      within += squares_(j) / n - mean_squares;
    }
    return std::max(0.0, within / static_cast<double>(first_.extent(0)));
  }
  double total_variance() const { return between_image_variance() + between_position_variance(); }
  double between_position_variance() const {
    Index const L = first_.extent(0), C = first_.extent(1);
    double sum = 0;
    for (Index c = 0; c < C; ++c) {
      double mean = 0, spread_here = 0;
      for (Index j = 0; j < L; ++j) mean += position_mean(j, c) / static_cast<double>(L);
      for (Index j = 0; j < L; ++j) spread_here += (position_mean(j, c) - mean) * (position_mean(j, c) - mean);
      sum += spread_here / static_cast<double>(L);
    }
    return sum;
  }
  double between_image_share() const {
    double const total = total_variance();
    return films_ > 0 && total > 0 ? between_image_variance() / total : std::numeric_limits<double>::quiet_NaN();
  }

 private:
  double position_mean(Index j, Index c) const { return first_(j, c) + sum_(j, c) / static_cast<double>(films_); }

  Index sample_, films_ = 0;
  Covariance covariance_;
  Tensor<double, 2> first_, sum_;                        // (L, C): the first film's tokens; sum of what the others differ from them
  Tensor<double, 1> squares_;                            // (L)
};

class PrototypeMonitor {
 public:
  PrototypeMonitor(Index tokens, Index prototypes) : count_(tokens, prototypes) {}

  template <class T>
  void add(View<T, 3> x) {                               // (B, L, K): scores, or targets
    Index const L = count_.extent(0), K = count_.extent(1);
    expects(x.extent[1] == L && x.extent[2] == K, "prototype monitor: scores of shape ", shape_text(x), ", where (B, ", L, ", ", K,
            ") was announced");
    for (Index b = 0; b < x.extent[0]; ++b)
      for (Index j = 0; j < L; ++j) {
        T* const row = &x(b, j, 0);
        Index best = 0;
        for (Index k = 1; k < K; ++k)
          if (wide(row[k]) > wide(row[best])) best = k;
        ++count_(j, best);
      }
  }

  // How often each prototype was the best, all positions together.
  std::vector<Index> counts() const {
    std::vector<Index> all(static_cast<std::size_t>(count_.extent(1)));
    for (Index j = 0; j < count_.extent(0); ++j)
      for (Index k = 0; k < count_.extent(1); ++k) all[static_cast<std::size_t>(k)] += count_(j, k);
    return all;
  }
  double used() const {
    auto const all = counts();
    return static_cast<double>(std::count_if(all.begin(), all.end(), [](Index n) { return n > 0; })) / static_cast<double>(all.size());
  }
  double perplexity() const { return effective_number(counts()); }
  double perplexity_here() const {
    double entropy = 0;
    for (Index j = 0; j < count_.extent(0); ++j) entropy += std::log(effective_number(count_.view().row(j)));
    return std::exp(entropy / static_cast<double>(count_.extent(0)));
  }

 private:
  Tensor<Index, 2> count_;                               // (L, K)
};

// Mean over rows of - sum_k p ln p, for rows that sum to 1.
template <class T>
double mean_entropy(View<T, 2> p) {                      // (N, K)
  double sum = 0;
  for (Index n = 0; n < p.rows(); ++n)
    for (T& v : p.row(n))
      if (double const x = static_cast<double>(wide(v)); x > 0) sum -= x * std::log(x);
  return p.rows() > 0 ? sum / static_cast<double>(p.rows()) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace afire
