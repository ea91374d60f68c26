#pragma once
#include <cmath>

#include <afire/backend/reference.hpp>
#include <afire/core/tensor.hpp>

#include "laws.hpp"

template <class Assignment>
int law(Assignment assign) {
  using namespace afire;
  Reference cpu{.threads = 1};
  Index const L = 5, K = 4;
  Tensor<double, 2> scores(L, K), moved(L, K), targets(L, K), same(L, K);
  Tensor<double, 1> clusters(K), samples(L);
  for (Index j = 0; j < L; ++j)
    for (Index k = 0; k < K; ++k) {
      scores(j, k) = 0.01 * static_cast<double>((3 * j + 7 * k * k) % 11);
      moved(j, k) = scores(j, k) + (k == 1 ? 5 : 0);     // everybody likes prototype 1 more, by the same amount
    }
  assign(cpu, View<const double, 2>(scores), targets.view(), clusters.view(), samples.view());
  assign(cpu, View<const double, 2>(moved), same.view(), clusters.view(), samples.view());
  bool rows = true, centred = true;
  for (Index j = 0; j < L; ++j) {
    double sum = 0;
    for (Index k = 0; k < K; ++k) sum += targets(j, k), centred = centred && std::fabs(targets(j, k) - same(j, k)) < 1e-9;
    rows = rows && std::fabs(sum - 1) < 1e-12;
  }
  Laws laws;
  laws.hold(rows, "the targets of a position add up to 1");
  laws.hold(centred, "a prototype that all positions like equally more is worth no more: take off each column's mean");
  return laws.end();
}
