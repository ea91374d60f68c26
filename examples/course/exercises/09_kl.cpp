// Exercise 09: the contrast's loss is a cross-entropy, and never falls below the entropy of its targets. What can still be won is the
// difference of the two, KL. Here is the cross-entropy; take the entropy off.
//
// says at first:
//   not yet: nothing can be won where the softmax is the target already, and KL is 0 there
#include <algorithm>
#include <cmath>

#include "09_kl_law.hpp"
using namespace afire;

double kl(View<const double, 1> target,                  // (K), adds up to 1
          View<const double, 1> scores,                  // (K)
          double temperature) {
  double const top = *std::max_element(scores.begin(), scores.end());
  double sum = 0, loss = 0;
  for (double s : scores) sum += std::exp((s - top) / temperature);
  for (Index k = 0; k < scores.size(); ++k) {
    loss -= target(k) * ((scores(k) - top) / temperature - std::log(sum));
    // Yours.
  }
  return loss;
}

int main() { return law(kl); }
