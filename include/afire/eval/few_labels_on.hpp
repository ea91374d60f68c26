// afire/eval/few_labels_on.hpp -- few labels with the probes fitted and the neighbours found on a backend
//
//   FewLabels of = few_labels(train, rows, test_features, random, 20, OnBackend{gpu});
#pragma once
#include <afire/eval/few_labels.hpp>
#include <afire/eval/knn_on.hpp>
#include <afire/eval/probe_on.hpp>

namespace afire {

// As OnHost, by a backend's verbs.
template <class B>
struct OnBackend {
  B& be;
  LogisticModel fit(View<const double, 2> x, std::span<double const> label, LogisticHow how) const {
    return fit_logistic(be, x, label, how);
  }
  Neighbours neighbours(View<const double, 2> train, View<const double, 2> query, Index k) const { return nearest(be, train, query, k); }
};
template <class B>
OnBackend(B&) -> OnBackend<B>;

}  // namespace afire
