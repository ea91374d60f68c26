// afire/eval/cluster.hpp -- are labelled points compact and apart? silhouette, Davies-Bouldin, Calinski-Harabasz
//
//   silhouette        mean of (b - a) / max(a, b):  a mean distance to the own cluster, b to the nearest other       -1 ... 1
//   Davies-Bouldin    mean over clusters of the largest (s_i + s_j) / |c_i - c_j|, s mean distance to the centre     0 is best
//   Calinski-Harabasz (spread of the centres / (K - 1)) / (spread within / (N - K))                                  large is good
//
//   silhouette(x, labels);   silhouette(x, labels, Distance::cosine);   davies_bouldin(x, labels);   calinski_harabasz(x, labels);
//
// x is (N, C) of float, double or bf16. The silhouette looks at all pairs: draw some thousand rows first.
#pragma once
#include <afire/core/bf16.hpp>
#include <afire/core/lane.hpp>
#include <afire/core/tensor.hpp>
#include <afire/eval/partition.hpp>

namespace afire {

enum class Distance { euclidean, cosine };               // cosine: 1 - cos

namespace cluster_parts {

struct Groups {
  std::vector<Index> label;                              // (N) 0 ... K-1
  std::vector<double> size;                              // (K)
};

// Labels renumbered 0 ... K - 1 and how many points each has; throws unless 2 <= K < N.
template <class T>
Groups groups(char const* metric, View<T, 2> x, std::span<Index const> label) {
  expects(static_cast<std::size_t>(x.rows()) == label.size(), metric, ": ", x.rows(), " points, but ", label.size(), " labels");
  Groups g;
  auto const K = partition_parts::compact(label, g.label);
  expects(2 <= K && K < x.rows(), metric, ": ", K, " clusters of ", x.rows(),
          " points; it takes 2 clusters at least, and fewer than points");
  g.size.resize(static_cast<std::size_t>(K));
  for (Index const l : g.label) ++g.size[static_cast<std::size_t>(l)];
  return g;
}

template <class T>
Tensor<double, 2> centres(View<T, 2> x, Groups const& g) {
  Tensor<double, 2> centre(static_cast<Index>(g.size.size()), x.cols());
  for (Index n = 0; n < x.rows(); ++n) {
    Index const k = g.label[static_cast<std::size_t>(n)];
    for (Index c = 0; c < x.cols(); ++c) centre(k, c) += static_cast<double>(wide(x(n, c)));
  }
  for (Index k = 0; k < centre.extent(0); ++k)
    for (double& c : centre.view().row(k)) c /= g.size[static_cast<std::size_t>(k)];
  return centre;
}

// Of two points, in double.
template <class T, class U>
double squared_distance(View<T, 1> a, View<U, 1> b) {
  return Scalar().sum_over(a.size(), [&](Index c) {
    double const d = static_cast<double>(wide(a.data[c])) - static_cast<double>(wide(b.data[c]));
    return d * d;
  });
}

}  // namespace cluster_parts

// The silhouette of every point; one that is alone in its cluster has 0.
template <class T>
std::vector<double> silhouettes(View<T, 2> x,            // (N, C)
                                std::span<Index const> label, Distance distance = Distance::euclidean) {
  namespace parts = cluster_parts;
  auto const g = parts::groups("silhouette", x, label);
  Index const N = x.rows(), C = x.cols();
  std::size_t const K = g.size.size();
  Tensor<double, 2> points(N, C);
  for (Index n = 0; n < N; ++n) {
    auto const row = x.row(n);
    double const length = distance == Distance::cosine ? std::sqrt(Scalar().sum_over(C, [&](Index c) {
      double const v = static_cast<double>(wide(row.data[c]));
      return v * v;
    })) : 1;
    for (Index c = 0; c < C; ++c) points(n, c) = length > 0 ? static_cast<double>(wide(row(c))) / length : 0;
  }
  std::vector<double> value;
  std::vector<double> sum(K);
  for (Index n = 0; n < N; ++n) {
    std::fill(sum.begin(), sum.end(), 0.0);
    for (Index m = 0; m < N; ++m) {
      if (m == n) continue;
      auto const a = points.view().row(n), b = points.view().row(m);
      double const d = distance == Distance::euclidean ? std::sqrt(parts::squared_distance(a, b))
                                                       : 1 - Scalar().sum_over(C, [&](Index c) { return a.data[c] * b.data[c]; });
      sum[static_cast<std::size_t>(g.label[static_cast<std::size_t>(m)])] += d;
    }
    auto const own = static_cast<std::size_t>(g.label[static_cast<std::size_t>(n)]);
    double const inside = sum[own] / (g.size[own] - 1);
    double nearest = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < K; ++k)
      if (k != own) nearest = std::min(nearest, sum[k] / g.size[k]);
    double const larger = std::max(inside, nearest);
    value.push_back(g.size[own] > 1 && larger > 0 ? (nearest - inside) / larger : 0);
  }
  return value;
}

template <class T>
double silhouette(View<T, 2> x, std::span<Index const> label, Distance distance = Distance::euclidean) {
  double sum = 0;
  for (double s : silhouettes(x, label, distance)) sum += s;
  return sum / static_cast<double>(x.rows());
}

template <class T>
double davies_bouldin(View<T, 2> x,                      // (N, C)
                      std::span<Index const> label) {
  namespace parts = cluster_parts;
  auto const g = parts::groups("Davies-Bouldin", x, label);
  auto const centre = parts::centres(x, g);
  std::size_t const K = g.size.size();
  std::vector<double> spread(K);
  for (Index n = 0; n < x.rows(); ++n) {
    Index const k = g.label[static_cast<std::size_t>(n)];
    double const to_centre = std::sqrt(parts::squared_distance(x.row(n), centre.view().row(k)));
    spread[static_cast<std::size_t>(k)] += to_centre / g.size[static_cast<std::size_t>(k)];
  }
  double sum = 0;
  for (std::size_t i = 0; i < K; ++i) {
    double worst = 0;
    for (std::size_t j = 0; j < K; ++j) {
      if (i == j) continue;
      auto const ci = centre.view().row(static_cast<Index>(i)), cj = centre.view().row(static_cast<Index>(j));
      double const apart = std::sqrt(parts::squared_distance(ci, cj));
      if (apart > 0) worst = std::max(worst, (spread[i] + spread[j]) / apart);
    }
    sum += worst;
  }
  return sum / static_cast<double>(K);
}

template <class T>
double calinski_harabasz(View<T, 2> x,                   // (N, C)
                         std::span<Index const> label) {
  namespace parts = cluster_parts;
  auto const g = parts::groups("Calinski-Harabasz", x, label);
  auto const centre = parts::centres(x, g);
  parts::Groups const one{std::vector<Index>(g.label.size()), {static_cast<double>(x.rows())}};
  auto const middle = parts::centres(x, one);
  double within = 0, between = 0;
  for (Index n = 0; n < x.rows(); ++n) within += parts::squared_distance(x.row(n), centre.view().row(g.label[static_cast<std::size_t>(n)]));
  for (Index k = 0; k < centre.extent(0); ++k)
    between += g.size[static_cast<std::size_t>(k)] * parts::squared_distance(centre.view().row(k), middle.view().row(0));
  double const N = static_cast<double>(x.rows()), K = static_cast<double>(g.size.size());
  return within > 0 ? between / (K - 1) / (within / (N - K)) : 1;
}

}  // namespace afire
