// afire/eval/kmeans.hpp -- k-means: Lloyd's iteration from k-means++ centres, the same for the same Random
//
//   label_n = nearest centre (the lowest on ties);   centre_k = mean of its points;   until no label changes
//
//   KMeans k = kmeans(tokens, 8, Random(seed, Purpose::cluster));          // (N, C); k.label, k.centre, k.inertia
//   KMeans k = kmeans_from(tokens, centres, 100);                          // from given centres (K, C)
//   KMeans k = kmeans(gpu, tokens, 8, Random(seed, Purpose::cluster));     // the same on a backend: eval/kmeans_on.hpp
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

struct KMeansHow {                         // how long it tries
  Index restarts = 4, iterations = 100;                  // the best of some starts counts
};

namespace kmeans_parts {

// Points, and what k-means asks of them.
template <class T>
struct HostPoints {
  View<T, 2> x;                                          // (N, C)

  // Each point to its nearest centre; distance: squared, of each point.
  void assign(View<const double, 2> centre, std::vector<Index>& label, std::vector<double>& distance) const {
    for (Index n = 0; n < x.rows(); ++n) {
      auto const at = static_cast<std::size_t>(n);
      distance[at] = std::numeric_limits<double>::infinity();
      for (Index c = 0; c < centre.rows(); ++c) {
        double const d = cluster_parts::squared_distance(x.row(n), centre.row(c));
        if (d < distance[at]) distance[at] = d, label[at] = c;
      }
    }
  }
  Tensor<double, 2> means(cluster_parts::Groups const& g) const { return cluster_parts::centres(x, g); }
};

// assign: every label, distance and the inertia, by the centres as they are.
template <class Points>
void assign(Points const& points, KMeans& k, std::vector<double>& distance) {
  points.assign(k.centre.view(), k.label, distance);
  k.inertia = 0;
  for (double d : distance) k.inertia += d;
}

// Each centre to the mean of its points; one without points goes to the point that is farthest from its own.
template <class Points>
void move_centres(Points const& points, KMeans& k, std::vector<double>& distance) {
  cluster_parts::Groups g{k.label, std::vector<double>(static_cast<std::size_t>(k.centre.extent(0)))};
  for (Index const l : g.label) ++g.size[static_cast<std::size_t>(l)];
  for (std::size_t c = 0; c < g.size.size(); ++c) {
    if (g.size[c] > 0) continue;
    auto const farthest = static_cast<std::size_t>(std::max_element(distance.begin(), distance.end()) - distance.begin());
    --g.size[static_cast<std::size_t>(g.label[farthest])], ++g.size[c];
    g.label[farthest] = static_cast<Index>(c), distance[farthest] = 0;
  }
  k.centre = points.means(g);
}

// Throws where there is nothing to do, or a point is not finite.
template <class T>
void check(View<T, 2> x, Index clusters) {
  expects(0 < clusters && clusters <= x.rows(), "k-means: ", clusters, " clusters of ", x.rows(), " points");
  for (Index n = 0; n < x.rows(); ++n)
    for (T& v : x.row(n)) expects(std::isfinite(static_cast<double>(wide(v))), "k-means: point ", n, " is not finite");
}

template <class Points>
KMeans from(Points const& points, View<const double, 2> centres, Index most_iterations) {
  expects(points.x.cols() == centres.cols(), "k-means: points have ", points.x.cols(), " columns, centres ", centres.cols());
  auto const N = static_cast<std::size_t>(points.x.rows());
  KMeans k{Tensor<double, 2>(centres.rows(), centres.cols()), std::vector<Index>(N), 0, 0};
  std::copy(centres.begin(), centres.end(), k.centre.begin());
  std::vector<double> distance(N);
  std::vector<Index> before;
  while (k.iterations < most_iterations) {
    assign(points, k, distance);
    bool const same = k.label == before;
    before = k.label;
    move_centres(points, k, distance);
    ++k.iterations;
    if (same) break;
  }
  assign(points, k, distance);
  return k;
}

// Centres drawn from the points, each with probability proportional to its squared distance from those drawn before (k-means++).
template <class Points>
Tensor<double, 2> start(Points const& points, Index clusters, Draws& draws) {
  auto const x = points.x;
  Tensor<double, 2> centre(clusters, x.cols());
  std::vector<double> nearest(static_cast<std::size_t>(x.rows()), 1.0), distance(nearest.size());
  std::vector<Index> label(nearest.size());
  for (Index k = 0; k < clusters; ++k) {
    double total = 0;
    for (double d : nearest) total += d;
    double left = draws.uniform(0, total);
    Index drawn = 0;
    while (drawn + 1 < x.rows() && (left -= nearest[static_cast<std::size_t>(drawn)]) >= 0) ++drawn;
    auto const to = centre.view().slice(k, 1);
    for (Index c = 0; c < x.cols(); ++c) to(0, c) = static_cast<double>(wide(x(drawn, c)));
    points.assign(to, label, distance);
    for (std::size_t n = 0; n < nearest.size(); ++n) nearest[n] = k == 0 ? distance[n] : std::min(nearest[n], distance[n]);
  }
  return centre;
}

template <class Points>
KMeans best(Points const& points, Index clusters, Random random, KMeansHow how) {
  Draws draws(random);
  KMeans found;
  for (Index r = 0; r < how.restarts; ++r) {
    KMeans k = from(points, start(points, clusters, draws), how.iterations);
    if (r == 0 || k.inertia < found.inertia) found = std::move(k);
  }
  return found;
}

}  // namespace kmeans_parts

template <class T>
KMeans kmeans_from(View<T, 2> x,                         // (N, C)
                   View<const double, 2> centres,        // (K, C)
                   Index most_iterations) {
  kmeans_parts::check(x, centres.rows());
  return kmeans_parts::from(kmeans_parts::HostPoints<T>{x}, centres, most_iterations);
}

template <class T>
KMeans kmeans(View<T, 2> x,                              // (N, C)
              Index clusters, Random random, KMeansHow how = {}) {
  kmeans_parts::check(x, clusters);
  return kmeans_parts::best(kmeans_parts::HostPoints<T>{x}, clusters, random, how);
}

}  // namespace afire
