// prints:
//   solved: 3 laws hold
#include "05_count_law.hpp"
using namespace afire;

Index count(ViTConfig const& c) {
  Index const C = c.width, hidden = c.mlp_ratio * C, linear = 1;       // a bias a row of a linear map
  Index const embed = C * (c.channels * c.patch * c.patch + linear) + C + (1 + c.tokens()) * C;
  Index const attention = 3 * C * (C + linear) + C * (C + linear), mlp = hidden * (C + linear) + C * (hidden + linear), norms = 2 * 2 * C;
  return embed + c.depth * (attention + mlp + norms) + 2 * C;          // the last norm
}

int main() { return law(count); }
