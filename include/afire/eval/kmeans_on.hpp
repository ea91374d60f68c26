// afire/eval/kmeans_on.hpp -- k-means on a backend: points stay there, labels and distances come back
//
//   KMeans k = kmeans(gpu, tokens, 8, Random(seed, Purpose::cluster));     // as kmeans(tokens, 8, ...)
//   KMeans k = kmeans_from(gpu, tokens, centres, 100);
//
//   label_n      one row, one worker: squared distances in double, the lowest of equals
//   centre_k     rows put in order by label (op/select.hpp), then a worker for each of (K, C) adds its cluster's points in that order
//
// The order in which a centre's points are added is the host's, so the same labels give the same bits of the centres. Distances are summed
// in the lane's order: another last bit, by which only a point that is as near to two centres as rounding can tell may change its label.
// Drawing centres, empty clusters and when to stop are eval/kmeans.hpp's.
#pragma once
#include <afire/eval/kmeans.hpp>
#include <afire/op/select.hpp>

namespace afire {

namespace kmeans_parts {

template <class T>
struct NearestCentre {                     // row functor: a point
  static constexpr bool calculates = true;
  View<const T, 2> x;                      // (N, C)
  View<const double, 2> centre;            // (K, C)
  View<Index, 1> label;                    // (N), written
  View<double, 1> distance;                // (N), written: squared

  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    auto const to = [&](Index k) {
      T const* const point = &x(n, 0);
      double const* const c = &centre(k, 0);
      return lane.sum_over(x.cols(), [&](Index i) {
        double const d = static_cast<double>(wide(point[i])) - c[i];
        return d * d;
      });
    };
    double least = to(0);
    Index nearest = 0;
    for (Index k = 1; k < centre.rows(); ++k)
      if (double const d = to(k); d < least) least = d, nearest = k;
    lane.once([&] { label(n) = nearest, distance(n) = least; });
  }
};

template <class T>
struct MeanOfGroup {                       // element functor: column c of centre k is i = k C + c
  static constexpr Index together = 16;    // points whose loads wait for memory together
  View<const T, 2> x;                      // (N, C)
  View<const Index, 1> order, begin;       // (N), (K + 1)
  View<double, 2> centre;                  // (K, C), written

  AFIRE_HD void operator()(Index i) const {
    Index const k = i / centre.cols(), c = i % centre.cols(), last = begin(k + 1);
    double sum = 0;
    Index j = begin(k);
    for (; j + together <= last; j += together) {
      double part[together];
      for (Index t = 0; t < together; ++t) part[t] = static_cast<double>(wide(x(order(j + t), c)));
      for (double p : part) sum += p;
    }
    for (; j < last; ++j) sum += static_cast<double>(wide(x(order(j), c)));
    centre.data[i] = sum / static_cast<double>(last - begin(k));
  }
};

// HostPoints by a backend's verbs.
template <class B, class T>
struct PointsOn {
  using Number = std::remove_const_t<T>;
  B& be;
  View<T, 2> x;                            // (N, C), the host's
  Buffer<Number> points;                   // (N C)
  Buffer<double> centre, distance;         // (K C), (N)
  Buffer<Index> label, order, begin;       // (N), (N), (K + 1)

  PointsOn(B& backend, View<T, 2> host, Index clusters)
      : be(backend), x(host), points(allocate<Number>(be, x.size(), "the points")), centre(allocate<double>(be, clusters * x.cols())),
        distance(allocate<double>(be, x.rows())), label(allocate<Index>(be, x.rows())), order(allocate<Index>(be, x.rows())),
        begin(allocate<Index>(be, clusters + 1)) {
    upload(be, static_cast<Number const*>(x.data), points.view());
  }
  View<const Number, 2> there() const { return View<const Number, 2>(points.data(), x.rows(), x.cols()); }

  void assign(View<const double, 2> centres, std::vector<Index>& of, std::vector<double>& distances) const {
    upload(be, centres.data, centre.view().slice(0, centres.size()));
    View<const double, 2> const c(centre.data(), centres.rows(), x.cols());
    for_each_row(be, x.rows(), NearestCentre<Number>{there(), c, label.view(), distance.view()});
    download(be, label.view(), of.data());
    download(be, distance.view(), distances.data());
  }
  Tensor<double, 2> means(cluster_parts::Groups const& g) const {
    Tensor<double, 2> mean(static_cast<Index>(g.size.size()), x.cols());
    upload(be, g.label.data(), label.view());
    group(be, label.view(), order.view(), begin.view());
    View<double, 2> const c(centre.data(), mean.extent(0), x.cols());
    for_each(be, c.size(), MeanOfGroup<Number>{there(), order.view(), begin.view(), c});
    download(be, c.flat(), mean.data());
    return mean;
  }
};

}  // namespace kmeans_parts

template <class B, class T>
KMeans kmeans_from(B& be, View<T, 2> x,                  // (N, C)
                   std::type_identity_t<View<const double, 2>> centres,       // (K, C)
                   Index most_iterations) {
  kmeans_parts::check(x, centres.rows());
  return kmeans_parts::from(kmeans_parts::PointsOn<B, T>(be, x, centres.rows()), centres, most_iterations);
}

template <class B, class T>
KMeans kmeans(B& be, View<T, 2> x,                       // (N, C)
              Index clusters, Random random, KMeansHow how = {}) {
  kmeans_parts::check(x, clusters);
  return kmeans_parts::best(kmeans_parts::PointsOn<B, T>(be, x, clusters), clusters, random, how);
}

}  // namespace afire
