// afire/ssl/prototypes.hpp -- spatial prototypes: what the teacher says of each position, averaged over films (spec 2.7)
//
//   m(j, k) = mean over the batch of teacher scores t(b, j, k);      P <- P + w (m - P);      P, m: (L, K)
//
//   w of the released code:  1 in epoch 0, else 1 - momentum
//   w corrected (default):   (1 - momentum) / (1 - momentum^t) at step t = 1, 2, ...  -- an average from the first step on, without
//                            the noise of single batches in epoch 0 (spec Q15)
#pragma once
#include <cmath>

#include <afire/core/ranks.hpp>

namespace afire {

// How w is found, see above.
enum class PrototypeRule { released, bias_corrected };

struct Prototypes {                        // how the (L, K) prototypes follow the teacher
  double momentum = 0.75;
  PrototypeRule rule = PrototypeRule::bias_corrected;

  void validate() const {
    expects(0 <= momentum && momentum < 1, "prototypes: the momentum is ", momentum, "; it must lie in 0 ... 1, without 1");
  }
  // `step` counts from 0.
  double weight(Index epoch, Index step) const {
    if (rule == PrototypeRule::released) return epoch == 0 ? 1.0 : 1.0 - momentum;
    return (1.0 - momentum) / (1.0 - std::pow(momentum, static_cast<double>(step + 1)));
  }
};

template <class S>
struct AddOverFilms {                      // sum(i) += sum_b t(b, i), i a flat (j, k)
  View<const S, 3> t;                      // (B, L, K)
  View<S, 1> sum;                          // (L K)
  AFIRE_HD void operator()(Index i) const {
    S total = 0;
    for (Index b = 0; b < t.extent[0]; ++b) total += t.data[b * sum.size() + i];
    sum(i) += total;
  }
};

template <class S>
struct MovePrototypes {                    // P += w (sum / films - P); sum = 0 for the next batch
  View<S, 1> prototypes, sum;              // (L K)
  S weight, films;
  AFIRE_HD void operator()(Index i) const {
    prototypes(i) += weight * (sum(i) / films - prototypes(i));
    sum(i) = 0;
  }
};

// Once a step, when the sums have been added to: P moves towards their mean over `films`, those of all ranks.
template <class B, class S>
void move_prototypes(B& be, View<S, 2> prototypes,       // (L, K)
                     View<S, 2> sum,                     // (L, K), zero afterwards
                     double weight, Index films) {
  ranks_of(be).sum(be, sum.flat()), ranks_of(be).await(be);
  for_each(be, sum.size(), MovePrototypes<S>{prototypes.flat(), sum.flat(), static_cast<S>(weight), static_cast<S>(films)});
}

}  // namespace afire
