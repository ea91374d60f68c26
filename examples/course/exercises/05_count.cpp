// Exercise 05: how many parameters has a vision transformer? Fixed position table and class token count. One norm is missing here.
//
// says at first:
//   not yet: depth 1 and width 8 make 1552 parameters, not 1536
#include "05_count_law.hpp"
using namespace afire;

Index count(ViTConfig const& c) {
  Index const C = c.width, hidden = c.mlp_ratio * C, linear = 1;       // a bias a row of a linear map
  Index const embed = C * (c.channels * c.patch * c.patch + linear) + C + (1 + c.tokens()) * C;
  Index const attention = 3 * C * (C + linear) + C * (C + linear), mlp = hidden * (C + linear) + C * (hidden + linear), norms = 2 * 2 * C;
  return embed + c.depth * (attention + mlp + norms);                  // yours
}

int main() { return law(count); }
