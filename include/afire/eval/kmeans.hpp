// afire/eval/kmeans.hpp -- k-means: Lloyd's iteration from k-means++ centres, the same for the same Random
//
//   label_n = nearest centre (the lowest on ties);   centre_k = mean of its points;   until no label changes
//
//   KMeans k = kmeans(tokens, 8, Random(seed, Purpose::cluster));          // (N, C); k.label, k.centre, k.inertia
//   KMeans k = kmeans_from(tokens, centres, 100);                          // from given centres (K, C)
//
// A cluster that runs empty takes the point farthest from its centre. Labels and inertia belong to the final centres.
#pragma once
#include <afire/core/rng.hpp>
#include <afire/eval/cluster.hpp>

namespace afire {

struct KMeans {
  Tensor<double, 2> centre;                              // (K, C)
  std::vector<Index> label;                              // (N)
  double inertia = 0;                                    // sum of squared distances to the nearest centre
  Index iterations = 0;
};

namespace kmeans_parts {

// Each point to its nearest centre; distance: squared, of each point.
template <class T>
void assign(View<T, 2> x, KMeans& k, std::vector<double>& distance) {
  k.inertia = 0;
  for (Index n = 0; n < x.rows(); ++n) {
    auto const at = static_cast<std::size_t>(n);
    distance[at] = std::numeric_limits<double>::infinity();
    for (Index c = 0; c < k.centre.extent(0); ++c) {
      double const d = cluster_parts::squared_distance(x.row(n), k.centre.view().row(c));
      if (d < distance[at]) distance[at] = d, k.label[at] = c;
    }
    k.inertia += distance[at];
  }
}

// Each centre to the mean of its points; one without points goes to the point that is farthest from its own.
template <class T>
void move_centres(View<T, 2> x, KMeans& k, std::vector<double>& distance) {
  cluster_parts::Groups g{k.label, std::vector<double>(static_cast<std::size_t>(k.centre.extent(0)))};
  for (Index const l : g.label) ++g.size[static_cast<std::size_t>(l)];
  for (std::size_t c = 0; c < g.size.size(); ++c) {
    if (g.size[c] > 0) continue;
    auto const farthest = static_cast<std::size_t>(std::max_element(distance.begin(), distance.end()) - distance.begin());
    --g.size[static_cast<std::size_t>(g.label[farthest])], ++g.size[c];
    g.label[farthest] = static_cast<Index>(c), distance[farthest] = 0;
  }
  k.centre = cluster_parts::centres(x, g);
}

}  // namespace kmeans_parts

template <class T>
KMeans kmeans_from(View<T, 2> x,                         // (N, C)
                   View<const double, 2> centres,        // (K, C)
                   Index most_iterations) {
  expects(x.cols() == centres.cols(), "k-means: points have ", x.cols(), " columns, centres ", centres.cols());
  expects(0 < centres.rows() && centres.rows() <= x.rows(), "k-means: ", centres.rows(), " clusters of ", x.rows(), " points");
  for (Index n = 0; n < x.rows(); ++n)
    for (T& v : x.row(n)) expects(std::isfinite(static_cast<double>(wide(v))), "k-means: point ", n, " is not finite");
  auto const N = static_cast<std::size_t>(x.rows());
  KMeans k{Tensor<double, 2>(centres.rows(), centres.cols()), std::vector<Index>(N), 0, 0};
  std::copy(centres.begin(), centres.end(), k.centre.begin());
  std::vector<double> distance(N);
  std::vector<Index> before;
  while (k.iterations < most_iterations) {
    kmeans_parts::assign(x, k, distance);
    bool const same = k.label == before;
    before = k.label;
    kmeans_parts::move_centres(x, k, distance);
    ++k.iterations;
    if (same) break;
  }
  kmeans_parts::assign(x, k, distance);
  return k;
}

// Centres drawn from the points, each with probability proportional to its squared distance from those drawn before (k-means++).
template <class T>
Tensor<double, 2> kmeans_start(View<T, 2> x, Index clusters, Draws& draws) {
  expects(0 < clusters && clusters <= x.rows(), "k-means: ", clusters, " clusters of ", x.rows(), " points");
  Tensor<double, 2> centre(clusters, x.cols());
  std::vector<double> distance(static_cast<std::size_t>(x.rows()), 1.0);
  for (Index k = 0; k < clusters; ++k) {
    double total = 0;
    for (double d : distance) total += d;
    double left = draws.uniform(0, total);
    Index drawn = 0;
    while (drawn + 1 < x.rows() && (left -= distance[static_cast<std::size_t>(drawn)]) >= 0) ++drawn;
    auto const to = centre.view().row(k);
    for (Index c = 0; c < x.cols(); ++c) to(c) = static_cast<double>(wide(x(drawn, c)));
    for (Index n = 0; n < x.rows(); ++n) {
      double const d = cluster_parts::squared_distance(x.row(n), to);
      double& nearest = distance[static_cast<std::size_t>(n)];
      nearest = k == 0 ? d : std::min(nearest, d);
    }
  }
  return centre;
}

struct KMeansHow {                         // how long it tries
  Index restarts = 4, iterations = 100;                  // the best of some starts counts
};

template <class T>
KMeans kmeans(View<T, 2> x,                              // (N, C)
              Index clusters, Random random, KMeansHow how = {}) {
  Draws draws(random);
  KMeans best;
  for (Index r = 0; r < how.restarts; ++r) {
    KMeans k = kmeans_from(x, kmeans_start(x, clusters, draws), how.iterations);
    if (r == 0 || k.inertia < best.inertia) best = std::move(k);
  }
  return best;
}

}  // namespace afire
