// afire/ssl/lesion.hpp -- synthetic lesions: patches of a film's own texture, faded out and added elsewhere in the film
//
//   1. body: Otsu threshold, largest bright outline, its smallest enclosing circle     (ssl/lesion_texture.hpp)
//   2. one to four boxes of random size and place; for each a square of texture from the middle of the body
//   3. the texture, enlarged to the box and under a window that fades outwards, is added to a sum over the lesions
//   4. seen = clean + sum, clipped;   mask = what was changed, 0 where nothing was
//
//   SyntheticLesion lesion;                                       // corrected; faithful_lesions() gives the released behaviour
//   SyntheticLesion lesion{.most = 8, .dark_share = 0.5f};
//   lesion(Random(seed, Purpose::lesion, epoch, row), clean, seen, mask, room);    // room: a SyntheticLesion::Room kept by the thread
//   Circle const body = lesion.body(clean, room);                 // 1 alone, of which no random number is part; then 2 alone:
//   lesion.plan(Random(seed, Purpose::lesion, epoch, row), body, 224, 224, plan, room);          // ssl/lesion_paint.hpp does the rest
//
// Whole numbers and single products throughout: the same bytes for the same draws on any machine, under any flags.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include <afire/core/rng.hpp>
#include <afire/ssl/bilinear8.hpp>
#include <afire/ssl/lesion_pixel.hpp>

namespace afire {

struct SyntheticLesion {
  int fewest = 1, most = 4;                      // lesions in a film
  int smallest = 19, largest = 154;              // sides of a box at 224 pixels, else in proportion; a fifth larger than released,
                                                 // so that the ellipse inside marks as many patches as the rectangle did, 30 %
  Axes axes = Axes::upright;                     // Q1: the texture is meant to come from the middle of the body; transposed it need not
  Ceiling clip = Ceiling::under_lesions;         // Q2: else markers and borders above the ceiling count as something to restore
  int ceiling = 255;                             // Q2: 235 as released would darken white pixels under a brightening lesion
  Overlap overlap = Overlap::saturate;           // Q3: wrapping turns the brightest overlap into a black hole
  Edge edge = Edge::soft;                        // Q4: a visible rectangle would give the lesion away
  float patch_share = 1 / 32.f;                  // Q4: a patch of which less is changed stays a normal patch (8 of 256 pixels)
  Texture texture = Texture::varied;             // Q5: one texture per film and one strength is learnt by heart
  float reach = 0.5f;                            // Q5: textures come from within this part of the circle's radius, so from the body
  float dark_share = 0.25f;                      // Q5: most findings are brighter than their surroundings, air is darker
  int weakest = 24, strongest = 80;              // Q5: grey levels in the middle; the released half texture is about 60 to 100
  float clean_share = 0.1f;                      // Q6: the paper counts the film itself among its ten variants
  PointOrder order = PointOrder::shuffled;       // ten times as fast on films; moves 4 of 1,999 centres by a pixel

  struct Room {                                  // memory kept from film to film: after the first films next to nothing is allocated
    Contours contours;
    std::vector<PointF> points;
    std::vector<Lesion> lesions;
    Tile tile, enlarged;
    Bilinear8 resize;
    std::vector<double> window;
    std::vector<float> across, down;
    std::vector<std::int16_t> sum;               // (H, W)
  };

  void operator()(Random random,
                  View<const std::uint8_t, 2> clean,   // (H, W)
                  View<std::uint8_t, 2> seen,          // (H, W) written
                  View<std::uint8_t, 2> mask,          // (H, W) written: 0 = untouched
                  Room& room) const {
    decide(random, clean.rows(), clean.cols(), [&] { return body(clean, room); }, room);
    paint(clean, room.lesions, seen, mask, room);
  }

  Circle body(View<const std::uint8_t, 2> clean,   // (H, W)
              Room& room) const { return body_circle(clean, order, room.contours, room.points); }

  // What the call above would paint into a film of rows x cols with this body, for who paints it elsewhere.
  void plan(Random random, Circle body, Index rows, Index cols,
            View<Lesion, 1> plan,                // (slots()) written
            Room& room) const {
    expects(plan.size() == slots(), "lesion: a plan of ", plan.size(), " lesions; ", slots(), " are needed");
    decide(random, rows, cols, [&] { return body; }, room);
    for (Index k = 0; k < plan.size(); ++k)
      plan(k) = k < std::ssize(room.lesions) ? room.lesions[static_cast<std::size_t>(k)] : Lesion{};
  }
  Index slots() const { return most; }

  void operator()(Random random, View<const std::uint8_t, 2> clean, View<std::uint8_t, 2> seen, View<std::uint8_t, 2> mask) const {
    Room room;
    (*this)(random, clean, seen, mask, room);
  }

  void validate() const {
    expects(1 <= fewest && fewest <= most && most <= 100, "lesion: between ", fewest, " and ", most,
            " lesions; 1 <= fewest <= most <= 100 is needed");
    expects(1 <= smallest && smallest <= largest && largest <= 224, "lesion: boxes of ", smallest, " to ", largest,
            "; 1 <= smallest <= largest <= 224 is needed");
    expects(1 <= weakest && weakest <= strongest && strongest <= 255, "lesion: strengths of ", weakest, " to ", strongest,
            "; 1 <= weakest <= strongest <= 255 is needed");
    expects(0 <= ceiling && ceiling <= 255, "lesion: the ceiling is ", ceiling, "; it must lie in 0 ... 255");
    auto const share = [](char const* name, float value) { expects_share(name, static_cast<double>(value)); };
    share("lesion: reach", reach), share("lesion: dark_share", dark_share), share("lesion: clean_share", clean_share);
    share("lesion: patch_share", patch_share);
  }

  // What to put where in a film of rows x cols whose body lies in `body`; appended to `lesions`.
  void draw(Draws& draws, Circle body, Index rows, Index cols, std::vector<Lesion>& lesions) const {
    for (int left = draws.between(fewest, most); left > 0; --left) {
      Lesion one;
      one.height = draws.between(scaled(smallest, rows), scaled(largest, rows));
      one.width = draws.between(scaled(smallest, cols), scaled(largest, cols));
      one.left = draws.between(0, static_cast<int>(cols) - one.width);
      one.top = draws.between(0, static_cast<int>(rows) - one.height);
      one.texture = {static_cast<int>(body.x), static_cast<int>(body.y), 0};
      if (texture == Texture::varied) {
        int const away = static_cast<int>(reach * body.radius);
        one.texture.x = std::clamp(one.texture.x + draws.between(-away, away), 0, static_cast<int>(cols) - 1);
        one.texture.y = std::clamp(one.texture.y + draws.between(-away, away), 0, static_cast<int>(rows) - 1);
        one.texture.turn = draws.between(0, 7);
        one.grey = draws.between(weakest, strongest);
        if (draws.uniform() < dark_share) one.grey = -one.grey;
      }
      lesions.push_back(one);
    }
  }

  void paint(View<const std::uint8_t, 2> clean,   // (H, W)
             std::vector<Lesion> const& lesions,
             View<std::uint8_t, 2> seen,          // (H, W) written
             View<std::uint8_t, 2> mask,          // (H, W) written
             Room& room) const {
    expects(clean.size() > 0 && same_shape(clean, seen) && same_shape(clean, mask), "lesion: clean is ", shape_text(clean), ", seen ",
            shape_text(seen), ", mask ", shape_text(mask), "; they must be of one size");
    room.sum.assign(static_cast<std::size_t>(clean.size()), 0);
    for (Lesion const& one : lesions) add(clean, one, room);
    std::int16_t* const sum = room.sum.data();
    std::uint8_t const* const was = clean.data;
    std::uint8_t *const is = seen.data, *const shown = mask.data;
    auto const top = static_cast<std::int16_t>(ceiling);
    bool const everywhere = clip == Ceiling::everywhere;
    // Whole loops over the film without a branch inside: the compiler makes vectors of them.
    if (overlap == Overlap::wrap)
      for (Index i = 0; i < clean.size(); ++i) sum[i] = lesion_pixel::limited(Overlap::wrap, sum[i]);
    else
      for (Index i = 0; i < clean.size(); ++i) sum[i] = lesion_pixel::limited(Overlap::saturate, sum[i]);
    for (Index i = 0; i < clean.size(); ++i)
      is[i] = static_cast<std::uint8_t>(lesion_pixel::seen<std::int16_t>(was[i], sum[i], everywhere, top));
    for (Index i = 0; i < clean.size(); ++i)
      shown[i] = static_cast<std::uint8_t>(lesion_pixel::mask(was[i], is[i], sum[i], everywhere));
  }

  // Half a side of the texture in a film of this size.
  AFIRE_HD static int texture_half(Index rows, Index cols) { return scaled(30, rows < cols ? rows : cols); }

 private:
  // Step 2, into room.lesions; step 1 is `find`, where it is needed.
  template <class Find>
  void decide(Random random, Index rows, Index cols, Find find, Room& room) const {
    Draws draws(random);
    room.lesions.clear();
    validate();
    if (!(draws.uniform() < clean_share)) draw(draws, find(), rows, cols, room.lesions);
  }

  // Adds one lesion to room.sum.
  void add(View<const std::uint8_t, 2> clean, Lesion const& one, Room& room) const {
    Index const cols = clean.cols();
    bool const fits = one.height > 0 && one.width > 0 && one.left >= 0 && one.top >= 0 && one.left + one.width <= cols &&
                      one.top + one.height <= clean.rows();
    expects(fits, "lesion: a box of ", one.height, " x ", one.width, " at x ", one.left, ", y ", one.top, " does not fit the film ",
            shape_text(clean));
    cut_texture(clean, one.texture, texture_half(clean.rows(), cols), axes, room.tile);
    std::int64_t total = 0;
    for (std::uint8_t const p : room.tile.pixels) total += p;
    float const strength = lesion_pixel::strength(one.grey, total, std::ssize(room.tile.pixels));
    bool const soft = edge == Edge::soft;
    if (soft) {
      squares(one.width, room.across), squares(one.height, room.down);
    } else {
      gaussian_window(room.tile.rows, room.tile.cols, room.window);
      for (std::size_t i = 0; i < room.tile.pixels.size(); ++i)
        room.tile.pixels[i] = lesion_pixel::under_window(room.tile.pixels[i], room.window[i]);
    }
    room.enlarged.resize(one.height, one.width);
    room.resize(room.tile.view(), room.enlarged.view());
    for (Index y = 0; y < one.height; ++y) {
      std::uint8_t const* const from = room.enlarged.pixels.data() + y * one.width;
      std::int16_t* const to = room.sum.data() + (one.top + y) * cols + one.left;
      if (soft) {
        float const *across = room.across.data(), height = 1 - room.down[static_cast<std::size_t>(y)], half = strength / 2;
        for (Index x = 0; x < one.width; ++x)
          to[x] = static_cast<std::int16_t>(to[x] + lesion_pixel::soft_change(from[x], half, height - across[x]));
      } else {
        for (Index x = 0; x < one.width; ++x) to[x] = static_cast<std::int16_t>(to[x] + lesion_pixel::hard_change(from[x], strength));
      }
    }
  }

  AFIRE_HD static int scaled(int pixels, Index side) {
    Index const nearest = (2 * pixels * side + 224) / 448;
    return static_cast<int>(nearest > 1 ? nearest : 1);
  }
};

// Byte for byte what the released data_prepare.py makes of the same draws.
inline SyntheticLesion faithful_lesions() {
  return {.smallest = 16, .largest = 128, .axes = Axes::transposed, .clip = Ceiling::everywhere, .ceiling = 235,
          .overlap = Overlap::wrap, .edge = Edge::hard, .patch_share = 0, .texture = Texture::fixed, .dark_share = 0, .clean_share = 0,
          .order = PointOrder::as_listed};
}

}  // namespace afire
