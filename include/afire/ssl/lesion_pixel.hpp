// afire/ssl/lesion_pixel.hpp -- what lesions do to one pixel, in whole numbers and single products: the same byte on every machine
//
//   change = texture strength / 2 (1 - u^2 - v^2)^2 to the nearest whole number towards 0, negative for a darker lesion      (soft edge)
//   change = texture strength, of a texture that lies under its window already                                               (hard edge)
//   sum    = over the film's lesions, wrapped at 256 or limited to -255 ... 255
//   seen   = clean + sum, limited to 0 ... ceiling;      mask = what was changed
//
//   ssl/lesion.hpp runs them along rows on the CPU, ssl/lesion_paint.hpp a pixel each where the training computes.
#pragma once
#include <cstdint>

#include <afire/ssl/lesion_texture.hpp>

namespace afire {

// Where grey levels above the ceiling are cut to it.
enum class Ceiling { everywhere, under_lesions };  // Q2
// What a sum above 255 becomes where lesions overlap: less by 256, or 255.
enum class Overlap { wrap, saturate };           // Q3
// The lesion's rim: a rectangle, or an ellipse that fades out.
enum class Edge { hard, soft };                  // Q4
// The lesions' texture and strength: one patch of the film at half its grey levels, or drawn anew for each lesion.
enum class Texture { fixed, varied };            // Q5

struct Lesion {                            // one lesion of a film, in pixels; height 0: none
  int height = 0, width = 0, left = 0, top = 0;  // the box, in the order in which it is drawn
  TextureSource texture = {};
  int grey = 0;                                  // change in the middle in grey levels, negative: darker; 0: half the texture, as released
};

namespace lesion_pixel {

// Half the texture times this is `grey` on average; at most the whole texture, so that a black corner is not blown up into noise.
AFIRE_HD inline float strength(int grey, std::int64_t total, std::int64_t pixels) {      // total: the texture's grey levels added up
  if (grey == 0) return 1;
  std::int64_t const wanted = std::int64_t{2} * grey * pixels, most = 2 * total;
  std::int64_t const given = wanted < -most ? -most : wanted > most ? most : wanted;
  return static_cast<float>(static_cast<double>(given) / static_cast<double>(total > 1 ? total : 1));
}

// u2, v2: soft_square of row and column. Differences, then products: nothing here can be fused.
AFIRE_HD inline int soft_change(int texture, float half, float from_rim) {              // half the strength; 1 - v2 - u2
  float const inside = from_rim > 0 ? from_rim : 0.f;
  return static_cast<int>(static_cast<float>(texture) * half * (inside * inside));
}
// Of a texture that is under its window already.
AFIRE_HD inline int hard_change(int texture, float strength) { return static_cast<int>(static_cast<float>(texture) * strength); }

// A texture's pixel times its window, towards 0.
AFIRE_HD inline std::uint8_t under_window(std::uint8_t texture, double window) { return static_cast<std::uint8_t>(texture * window); }

// Sum: of 16 bits where a loop over a film is to fit vectors, or an int.
template <class Sum>
AFIRE_HD Sum limited(Overlap overlap, Sum sum) {
  if (overlap == Overlap::wrap) return static_cast<Sum>(sum % 256);
  Sum const least = -255, most = 255;
  return sum < least ? least : sum > most ? most : sum;
}

template <class Sum>
AFIRE_HD Sum seen(Sum clean, Sum sum, bool everywhere, Sum ceiling) {                    // everywhere: Ceiling
  Sum const none = 0, grey = static_cast<Sum>(clean + sum), light = grey < none ? none : grey;
  return (everywhere | (sum != none)) ? (ceiling < light ? ceiling : light) : clean;
}
AFIRE_HD inline int mask(int clean, int seen, int sum, bool everywhere) {
  int const change = everywhere ? sum : seen - clean;
  return change < 0 ? -change : change;
}

}  // namespace lesion_pixel

}  // namespace afire
