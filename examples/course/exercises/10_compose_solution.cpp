// prints:
//   solved: 4 laws hold
#include "10_compose_law.hpp"
using namespace afire;

int main() {
  auto const objective = TokenContrast{Softmax{}} + 0.5 * Restoration<Lesions>{};
  return law(objective);
}
