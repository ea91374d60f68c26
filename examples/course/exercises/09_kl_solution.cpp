// prints:
//   solved: 3 laws hold
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
    if (target(k) > 0) loss += target(k) * std::log(target(k));
  }
  return loss;
}

int main() { return law(kl); }
