// afire lesions: a contact sheet. A row is a film: as it is, then for each draw what a student sees and which patches count as lesions.
#include <examples/cli/assemble.hpp>
#include <examples/cli/commands.hpp>

namespace afire::cli {

int lesions(Request const& r) {
  Settings const s = resolve(r.flags);
  demands(s.image % s.patch == 0, "--image is ", s.image, "; it must be a multiple of --patch, ", s.patch);
  FilmSet const films = open_films(s);
  SyntheticLesion const lesion = lesion_config(s);
  Index const rows = std::min(r.film_rows, films.source.size()), S = s.image, gap = 2, step = S + gap, L = (S / s.patch) * (S / s.patch);
  Film sheet(rows * step - gap, (1 + 2 * r.columns) * step - gap, 3);
  std::fill(sheet.pixels.begin(), sheet.pixels.end(), std::uint8_t{255});
  auto const put = [&](Index row, Index column, auto colour) {             // colour(y, x, channel)
    for (Index y = 0; y < S; ++y)
      for (Index x = 0; x < S; ++x)
        for (Index c = 0; c < 3; ++c) sheet.view()(row * step + y, column * step + x, c) = static_cast<std::uint8_t>(colour(y, x, c));
  };
  Tensor<std::uint8_t, 2> clean(S, S), seen(S, S), mask(S, S);
  Tensor<std::uint8_t, 1> map(L);
  SyntheticLesion::Room room;
  for (Index row = 0; row < rows; ++row) {
    films.source.load(row, clean);
    put(row, 0, [&](Index y, Index x, Index) { return clean(y, x); });
    for (Index draw = 0; draw < r.columns; ++draw) {
      Random const random(static_cast<std::uint64_t>(s.seed), Purpose::lesion, static_cast<std::uint64_t>(draw),
                          static_cast<std::uint64_t>(row));
      lesion(random, clean.view(), seen, mask, room);
      lesion_patches(mask.view(), s.patch, map, lesion.patch_share);
      put(row, 1 + 2 * draw, [&](Index y, Index x, Index) { return seen(y, x); });
      put(row, 2 + 2 * draw, [&](Index y, Index x, Index c) {
        bool const marked = map(y / s.patch * (S / s.patch) + x / s.patch) != 0;
        return marked ? (c == 0 ? 128 + clean(y, x) / 2 : clean(y, x) / 2) : clean(y, x);
      });
    }
  }
  replace_file(r.out, png_bytes(sheet));
  std::printf("%s\n", r.out.c_str());
  return 0;
}

}  // namespace afire::cli
