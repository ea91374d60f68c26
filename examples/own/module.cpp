// Your own module between encoder and head: a layer norm of its own in front of any head. The configuration wraps the head's.
//
// prints:
//   the gradient of every tensor agrees with differences to 1e-6: true
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/ssl/masking.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/trainer.hpp>

#include "gradient.hpp"

using namespace afire;
// [module]
template <class T, class Head>
struct NormedHead {
  LayerNorm<T> norm;
  Head head;
  NormedHead(auto const& c, Index width, Index tokens) : norm(width, 1e-6), head(c.head, width, tokens) {}
  Index prototypes() const { return head.prototypes(); }
  struct Saved {
    View<T, 2> y, dy;                      // (B L, C): what the head reads, and its gradient
    View<Accum<T>, 2> stats, partial;      // (B L, 2); (column_chunks, C) scratch
    typename Head::Saved head;
    View<Accum<T>, 3> scores;              // (B, L, K): the output
  };
  void visit(Names<T> const& names) { norm.visit(names.under("norm.")), head.visit(names); }
  Saved plan(Arena& arena, Index films, Index tokens) const {
    Index const N = films * tokens, C = norm.weight.size();
    Saved s{arena.keep<T>(N, C), arena.keep<T>(N, C), arena.keep<Accum<T>>(N, Index{2}), arena.keep<Accum<T>>(column_chunks, C), {}, {}};
    s.head = head.plan(arena, films, tokens);
    s.scores = s.head.scores;
    return s;
  }
  void forward(auto& be, std::type_identity_t<View<const T, 2>> x, Saved& s) const {
    norm.forward(be, x, s.y, s.stats);
    head.forward(be, s.y, s.head);
  }
  void backward(auto& be, std::type_identity_t<View<const T, 2>> x, std::type_identity_t<View<const Accum<T>, 3>> ds, View<T, 2> dx,
                Saved& s) const {
    head.backward(be, s.y, ds, s.dy, s.head);
    norm.backward(be, x, s.stats, s.dy, {}, dx, s.partial);
  }
};
template <class Inner>
struct Normed {                            // Normed{SharedHead{.prototypes = 64}}
  Inner head;
  template <class T>
  using Module = NormedHead<T, typename Inner::template Module<T>>;
};
template <class Inner> Normed(Inner) -> Normed<Inner>;
// [/module]
int main() {
  Reference cpu{.threads = 1};
  Trainer trainer{cpu, Compute<double>{}, four_patches, Normed{SharedHead{.hidden = 8, .out = 6, .prototypes = 5}}, NoDecoder{}, Clean{},
                  Teacher<Ema>{}, TokenContrast{}, AdamW{}, TrainOptions{.batch = 2}};
  std::printf("the gradient of every tensor agrees with differences to 1e-6: %s\n", gradient_agrees(cpu, trainer, 1e-6).c_str());
}
