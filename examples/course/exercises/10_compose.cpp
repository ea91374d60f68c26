// Exercise 10: change AFiRe's objective to this ablation: targets by Softmax instead of Sinkhorn, and restoration of the lesions only, at
// half its weight.
//
// says at first:
//   not yet: the restoration should look at lesions only
#include "10_compose_law.hpp"
using namespace afire;

int main() {
  auto const objective = TokenContrast{Sinkhorn{}} + 1.0 * Restoration<Everywhere>{};             // yours
  return law(objective);
}
