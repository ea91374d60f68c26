// afire/nn/drop_path.hpp -- stochastic depth: whole branches of a film are left out at random (Huang et al., 2016; timm's drop_path)
//
//   keep(branch, image) = 0 with probability p, else 1 / (1 - p);     p of block i = rate i / (depth - 1), the same for its two branches
//
//   draw_paths(be, 0.1, PathDraw{.seed = 7, .step = 400}, keep);      // keep: (2 depth, B): block i has rows 2 i and 2 i + 1
//
// A function of (seed, step, film, view, branch): the same whatever the threads do and however a step is cut into micro-batches.
// A ViT does this by vit.drop_paths(...), see vit.hpp.
#pragma once
#include <afire/core/backend.hpp>
#include <afire/core/rng.hpp>

namespace afire {

// Which numbers are drawn. Image v films + b is view first_view + v of film first + b of the step.
struct PathDraw {
  std::uint64_t seed = 0;
  Index step = 0;
  Index first = 0;                         // film of the step
  Index views = 1;                         // of each film
  Index first_view = 0;                    // of the film's views, where some have another size and are drawn apart
};

template <class S>
struct DrawPath {                          // one element of keep, drawn
  PathDraw draw;
  double rate;                             // of the last block
  View<S, 2> keep;                         // (2 depth, B)
  AFIRE_HD void operator()(Index i) const {
    Index const images = keep.cols(), films = images / draw.views, branch = i / images, image = i % images, last = keep.rows() / 2 - 1;
    double const p = last > 0 ? rate * static_cast<double>(branch / 2) / static_cast<double>(last) : 0;
    Random const of_film(draw.seed, Purpose::drop_path, static_cast<std::uint64_t>(draw.step),
                         static_cast<std::uint64_t>(draw.first + image % films));
    Random const random = of_film.part(static_cast<std::uint32_t>(draw.first_view + image / films));
    keep.data[i] = static_cast<double>(random.uniform(static_cast<std::uint64_t>(branch))) < p ? S(0) : static_cast<S>(1 / (1 - p));
  }
};

template <class B, class S>
void draw_paths(B& be, double rate, PathDraw draw,
                View<S, 2> keep) {                                      // (2 depth, B), written
  expects(rate >= 0 && rate < 1, "drop path: a rate of ", rate, "; it lies in 0 ... 1, 1 excluded");
  for_each(be, keep.size(), DrawPath<S>{draw, rate, keep});
}

}  // namespace afire
