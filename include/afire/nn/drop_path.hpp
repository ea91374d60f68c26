// afire/nn/drop_path.hpp -- stochastic depth: whole branches of a film are left out at random (Huang et al., 2016; timm's drop_path)
//
//   keep(branch, film) = 0 with probability p, else 1 / (1 - p);      p of block i = rate i / (depth - 1), the same for its two branches
//
//   draw_paths(be, 0.1, Random(seed, Purpose::drop_path, step), keep);          // keep: (2 depth, B): block i has rows 2 i and 2 i + 1
//
// A function of (random, position): the same whatever the threads do. A ViT does this by vit.drop_paths(...), see vit.hpp.
#pragma once
#include <afire/core/backend.hpp>
#include <afire/core/rng.hpp>

namespace afire {

template <class S>
struct DrawPath {                          // one element of keep, drawn
  Random random;
  double rate;                             // of the last block
  View<S, 2> keep;                         // (2 depth, B)
  AFIRE_HD void operator()(Index i) const {
    Index const films = keep.cols(), branch = i / films, last = keep.rows() / 2 - 1;
    double const p = last > 0 ? rate * static_cast<double>(branch / 2) / static_cast<double>(last) : 0;
    keep.data[i] = static_cast<double>(random.uniform(static_cast<std::uint64_t>(i))) < p ? S(0) : static_cast<S>(1 / (1 - p));
  }
};

template <class B, class S>
void draw_paths(B& be, double rate, Random random,
                View<S, 2> keep) {                                      // (2 depth, B), written
  expects(rate >= 0 && rate < 1, "drop path: a rate of ", rate, "; it lies in 0 ... 1, 1 excluded");
  for_each(be, keep.size(), DrawPath<S>{random, rate, keep});
}

}  // namespace afire
