// prints:
//   solved: 2 laws hold
#include "08_centre_law.hpp"
using namespace afire;

struct Centre {
  double temperature = 0.05;

  template <class B, class S>
  void operator()(B&, View<const S, 2> scores,           // (L, K)
                  View<S, 2> targets,                    // (L, K), written
                  View<S, 1> centre,                     // (K) scratch
                  View<S, 1>) const {                    // (L) scratch
    Index const L = scores.rows(), K = scores.cols();
    for (Index k = 0; k < K; ++k) {
      centre(k) = 0;
      for (Index j = 0; j < L; ++j) centre(k) += scores(j, k) / static_cast<S>(L);
    }
    for (Index j = 0; j < L; ++j) {
      S sum = 0;
      for (Index k = 0; k < K; ++k) sum += targets(j, k) = std::exp((scores(j, k) - centre(k)) / static_cast<S>(temperature));
      for (Index k = 0; k < K; ++k) targets(j, k) /= sum;
    }
  }
};

int main() { return law(Centre{}); }
