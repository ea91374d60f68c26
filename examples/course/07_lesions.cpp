// A synthetic lesion: a piece of the film's own texture, faded out and added elsewhere. What was changed is known to the pixel.
//
// prints:
//   ..............
//   ..............
//   ...########...
//   ...#########..
//   ..##########..
//   ...########...
//   .......#......
//   .......#####..
//   ......#######.
//   ......#######.
//   ........##....
//   ..............
//   ..............
//   ..............
//   outside the mask nothing has changed: true
//   inside it every pixel has: true
//   the same numbers draw the same lesion: true
//   pixels changed: 10367 with soft edges, 15521 as in the released code
#include <algorithm>
#include <cstdio>

#include <afire/core/tensor.hpp>
#include <afire/ssl/masking.hpp>

using namespace afire;

// A body on a dark film: a bright ellipse with two darker lungs.
Tensor<std::uint8_t, 2> body(Index S) {
  Tensor<std::uint8_t, 2> film(S, S);
  auto const inside = [&](Index y, Index x, Index cy, Index cx, Index ry, Index rx) {
    Index const dy = (y - cy) * rx, dx = (x - cx) * ry;
    return dy * dy + dx * dx < ry * ry * rx * rx;
  };
  for (Index y = 0; y < S; ++y)
    for (Index x = 0; x < S; ++x)
      film(y, x) = inside(y, x, S / 2, S / 3, S / 4, S / 8) || inside(y, x, S / 2, S - S / 3, S / 4, S / 8) ? 60
                   : inside(y, x, S / 2, S / 2, S / 2 - 8, S / 2 - 16)                                      ? 180
                                                                                                            : 10;
  return film;
}

int main() {
  Index const S = 224, P = 16, across = S / P;
  auto const clean = body(S);
  Tensor<std::uint8_t, 2> seen(S, S), mask(S, S), same(S, S);
  Tensor<std::uint8_t, 1> map(across * across);

  // [draw]
  SyntheticLesion const lesion{.fewest = 2, .most = 2, .clean_share = 0};
  Random const random(1, Purpose::lesion, 0, 3);         // seed, what for, epoch, film: all that decides what is drawn
  lesion(random, clean, seen, mask);
  lesion_patches(mask, P, map, lesion.patch_share);      // 1 where enough of a patch was changed
  // [/draw]
  for (Index row = 0; row < across; ++row) {
    for (Index col = 0; col < across; ++col) std::putchar(map(row * across + col) ? '#' : '.');
    std::putchar('\n');
  }

  // [laws]
  bool outside = true, marked = true;
  for (Index i = 0; i < S * S; ++i) {
    outside = outside && (mask.data()[i] || seen.data()[i] == clean.data()[i]);
    marked = marked && (!mask.data()[i] || seen.data()[i] != clean.data()[i]);
  }
  // [/laws]
  std::printf("outside the mask nothing has changed: %s\n", outside ? "true" : "false");
  std::printf("inside it every pixel has: %s\n", marked ? "true" : "false");

  // [again]
  lesion(random, clean, same.view(), mask);
  // [/again]
  std::printf("the same numbers draw the same lesion: %s\n", std::equal(seen.begin(), seen.end(), same.begin()) ? "true" : "false");

  // [released]
  Index corrected = 0, released = 0;
  auto const count = [&](SyntheticLesion const& how) {
    how(random, clean, seen, mask);
    return mask.size() - std::count(mask.begin(), mask.end(), 0);
  };
  corrected = count(lesion);
  SyntheticLesion faithful = faithful_lesions();
  faithful.fewest = faithful.most = 2;
  released = count(faithful);
  // [/released]
  std::printf("pixels changed: %td with soft edges, %td as in the released code\n", corrected, released);
}
