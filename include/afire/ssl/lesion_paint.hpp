// afire/ssl/lesion_paint.hpp -- planned lesions painted where the training computes: byte for byte what SyntheticLesion paints on the CPU
//
//   lesion.plan(random, body, side, side, plan.row(b), room);         // on the host: what is drawn (ssl/lesion.hpp)
//   LesionBrushes brushes(be, lesion, films, side, side);             // memory of the backend, taken once
//   paint_lesions(be, lesion, {clean, plan, seen, map}, 16, brushes); // all of them the backend's
//
// Two passes over teams of workers. A lesion each: its texture, cut out and under its window, its strength, and what its rows and columns
// read of the texture. Then a patch each: every pixel asks the film's lesions for their change (ssl/lesion_pixel.hpp), and the patch is
// marked in the map if enough of its pixels were changed. The exponentials of the released window are the host's, a table for each side.
#pragma once
#include <afire/core/backend.hpp>
#include <afire/ssl/lesion.hpp>

namespace afire {

struct LesionTap {                         // of a row or column of a lesion's box
  Tap8 reads;                              // of the texture
  float square;                            // u^2 of the soft window
};

// What beside its texture is ready of a lesion.
struct LesionBrush {
  float strength;
  std::int32_t columns;                    // of the texture
};

// Films, what is planned for them, and where it is painted.
struct PaintedFilms {
  View<const std::uint8_t, 3> clean;       // (B, H, W)
  View<const Lesion, 2> plan;              // (B, K): those of a film first, then lesions of height 0
  View<std::uint8_t, 3> seen;              // (B, H, W) written
  View<std::uint8_t, 2> map;               // (B, L) written: 1 where a patch is spoilt
};

// Lesions made ready to be painted.
struct LesionBrushes {
  Index half = 0;                          // of the longest side of a texture
  Buffer<std::uint8_t> texture;            // (B K, 4 half half)
  Buffer<LesionTap> across, down;          // (B K, W), (B K, H)
  Buffer<LesionBrush> brush;               // (B K)
  Buffer<double> gaussian;                 // gaussian_side of 1 ... 2 half pixels, one behind the other; of soft edges: nothing

  template <class B>
  LesionBrushes(B& be, SyntheticLesion const& how, Index films, Index rows, Index cols)
      : half(SyntheticLesion::texture_half(rows, cols)), texture(allocate<std::uint8_t>(be, films * how.slots() * 4 * half * half)),
        across(allocate<LesionTap>(be, films * how.slots() * cols)), down(allocate<LesionTap>(be, films * how.slots() * rows)),
        brush(allocate<LesionBrush>(be, films * how.slots())) {
    if (how.edge == Edge::soft) return;
    std::vector<double> sides(static_cast<std::size_t>(half * (2 * half + 1)));
    for (Index n = 1; n <= 2 * half; ++n) gaussian_side(n, sides.data() + n * (n - 1) / 2);
    gaussian = allocate<double>(be, std::ssize(sides));
    upload(be, sides.data(), gaussian.view());
  }
  // What the constructor takes, but for the table.
  static Index bytes(SyntheticLesion const& how, Index films, Index rows, Index cols) {
    Index const half = SyntheticLesion::texture_half(rows, cols);
    return films * how.slots() * (4 * half * half + (rows + cols) * Index{sizeof(LesionTap)} + Index{sizeof(LesionBrush)});
  }
};

struct ReadyLesion {                       // one lesion, one worker
  SyntheticLesion how;
  View<const std::uint8_t, 3> clean;       // (B, H, W)
  View<const Lesion, 2> plan;              // (B, K)
  View<const double, 1> gaussian;
  View<std::uint8_t, 2> texture;           // (B K, 4 half half) written
  View<LesionTap, 2> across, down;         // (B K, W), (B K, H) written
  View<LesionBrush, 1> brush;              // (B K) written
  int half;

  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const b = n / plan.cols();
    Lesion const one = plan(b, n % plan.cols());
    if (one.height == 0) return;
    TextureCut const cut(clean.extent[1], clean.cols(), one.texture, half, how.axes);
    std::uint8_t const* const film = clean.row(b).data;
    std::uint8_t* const to = texture.row(n).data;
    Index const rows = cut.rows(), cols = cut.cols(), pixels = rows * cols;
    std::int64_t const total = lane.sum_over(pixels, [&](Index i) { return std::int64_t{film[cut.at(i / cols, i % cols)]}; });
    if (how.edge == Edge::soft) {
      lane.each(pixels, [&](Index i) { to[i] = film[cut.at(i / cols, i % cols)]; });
    } else {
      double const *const g_down = gaussian.data + rows * (rows - 1) / 2, *const g_across = gaussian.data + cols * (cols - 1) / 2;
      lane.each(pixels, [&](Index i) {
        Index const r = i / cols, c = i % cols;
        to[i] = lesion_pixel::under_window(film[cut.at(r, c)], gaussian_pixel(g_down[r], g_across[c], g_down[0], g_across[0]));
      });
    }
    lane.each(one.width, [&](Index x) { across(n, x) = {tap_across(x, cols, one.width), soft_square(x, one.width)}; });
    lane.each(one.height, [&](Index y) { down(n, y) = {tap_down(y, rows, one.height), soft_square(y, one.height)}; });
    lane.once([&] { brush(n) = {lesion_pixel::strength(one.grey, total, pixels), static_cast<std::int32_t>(cols)}; });
  }
};

struct PaintPatch {                        // one patch of one film, one worker
  SyntheticLesion how;
  PaintedFilms films;
  View<const std::uint8_t, 2> texture;     // (B K, 4 half half)
  View<const LesionTap, 2> across, down;   // (B K, W), (B K, H)
  View<const LesionBrush, 1> brush;        // (B K)
  Index patch;

  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const L = films.map.cols(), grid = films.clean.cols() / patch, b = n / L, j = n % L;
    Index const top = j / grid * patch, left = j % grid * patch;
    int const side = static_cast<int>(patch);
    Index const touched = lane.sum_over(patch * patch, [&](Index i) {
      int const at = static_cast<int>(i);
      return Index{paint(b, top + at / side, left + at % side)};
    });
    lane.once([&] { films.map(b, j) = static_cast<float>(touched) > how.patch_share * static_cast<float>(patch * patch); });
  }

 private:
  // Whether the pixel was changed.
  AFIRE_HD bool paint(Index b, Index y, Index x) const {
    int sum = 0;
    for (Index k = 0; k < films.plan.cols(); ++k) {
      Lesion const one = films.plan(b, k);
      if (one.height == 0) break;
      Index const v = y - one.top, u = x - one.left;
      if (0 <= v && v < one.height && 0 <= u && u < one.width) sum += change(b * films.plan.cols() + k, v, u);
    }
    bool const everywhere = how.clip == Ceiling::everywhere;
    int const clean = films.clean(b, y, x), added = lesion_pixel::limited(how.overlap, sum);
    int const seen = lesion_pixel::seen(clean, added, everywhere, how.ceiling);
    films.seen(b, y, x) = static_cast<std::uint8_t>(seen);
    return lesion_pixel::mask(clean, seen, added, everywhere) != 0;
  }
  AFIRE_HD int change(Index lesion, Index v, Index u) const {
    LesionBrush const with = brush(lesion);
    LesionTap const row = down(lesion, v), column = across(lesion, u);
    int const grey = resized8(texture.row(lesion).data, with.columns, column.reads, row.reads);
    return how.edge == Edge::soft ? lesion_pixel::soft_change(grey, with.strength / 2, 1 - row.square - column.square)
                                  : lesion_pixel::hard_change(grey, with.strength);
  }
};

template <class B>
void paint_lesions(B& be, SyntheticLesion const& how, PaintedFilms const& films, Index patch, LesionBrushes const& brushes) {
  Index const N = films.clean.rows(), H = films.clean.extent[1], W = films.clean.cols();
  Index const lesions = N * films.plan.cols(), T = brushes.half;
  expects(same_shape(films.clean, films.seen) && films.plan.rows() == N && films.plan.cols() == how.slots() && films.map.rows() == N,
          "lesions: clean films are ", shape_text(films.clean), ", seen ", shape_text(films.seen), ", the plan ", shape_text(films.plan),
          " of ", how.slots(), " lesions each, the map ", shape_text(films.map), "; these do not belong together");
  expects(patch > 0 && H % patch == 0 && W % patch == 0 && films.map.cols() * patch * patch == H * W, "lesions: films of ", H, " x ", W,
          " in patches of ", patch, " do not give ", films.map.cols());
  expects(how.axes == Axes::upright || H == W, "lesion: transposed texture axes need square films, these are ", H, " x ", W);
  expects(lesions <= brushes.brush.size() && T == SyntheticLesion::texture_half(H, W) && lesions * W <= brushes.across.size(),
          "lesions: the brushes are those of fewer films than ", N, ", or of films of another size");
  View<std::uint8_t, 2> const texture(brushes.texture.data(), lesions, 4 * T * T);
  View<LesionTap, 2> const across(brushes.across.data(), lesions, W), down(brushes.down.data(), lesions, H);
  View<LesionBrush, 1> const brush(brushes.brush.data(), lesions);
  for_each_row(be, lesions, ReadyLesion{how, films.clean, films.plan, brushes.gaussian.view(), texture, across, down, brush,
                                        static_cast<int>(T)});
  for_each_row(be, N * films.map.cols(), PaintPatch{how, films, texture, across, down, brush, patch});
}

}  // namespace afire
