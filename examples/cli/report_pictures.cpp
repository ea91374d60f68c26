#include <examples/cli/report_pictures.hpp>

#include <afire/picture/heat_map.hpp>

namespace afire::cli {
namespace {

constexpr Index rows_shown = 4;

Film grey_film(View<const unsigned char, 2> pixels) {
  Film film(pixels.rows(), pixels.cols());
  std::copy(pixels.begin(), pixels.end(), film.pixels.begin());
  return film;
}

// The film dimmed, its changed patches tinted, its changed pixels bright.
Film lesion_map(Judgement const& j, Index f) {
  Film film(j.image, j.image, 3);
  for (Index y = 0; y < j.image; ++y)
    for (Index x = 0; x < j.image; ++x) {
      Index const place = y / j.patch * j.grid() + x / j.patch;
      bool const pixel = j.mask(f, y, x) != 0, patch = j.lesion.size() > 0 && j.lesion(f, place) != 0;
      double const dim = 0.35 * j.clean(f, y, x), strength = pixel ? 0.85 : patch ? 0.4 : 0;
      auto const mix = [&](double tint) { return static_cast<std::uint8_t>(std::lround((1 - strength) * dim + strength * tint)); };
      set_pixel(film, y, x, {mix(255), mix(176), mix(48)});
    }
  return film;
}

Film difference(View<const unsigned char, 2> restored, View<const unsigned char, 2> clean) {
  Tensor<float, 2> d(clean.rows(), clean.cols());
  for (Index p = 0; p < d.size(); ++p) d.data()[p] = static_cast<float>(restored.data[p]) - static_cast<float>(clean.data[p]);
  return heat_map(d.view(), -difference_range, difference_range, balance_map);
}

Film colours_of(View<const unsigned char, 2> rgb, Index grid, Index patch) {                   // (L, 3)
  Film film(grid, grid, 3);
  std::copy(rgb.begin(), rgb.end(), film.pixels.begin());
  return enlarge(film, patch);
}

// The film twice as large or more, a frame round one patch.
Film framed(Judgement const& j, Index film, Index place, Rgb colour) {
  Index const larger = std::max<Index>(1, (256 + j.image - 1) / j.image), side = larger * j.patch;
  Film const grey = enlarge(grey_film(j.clean.view().row(film)), larger);
  Film to(grey.height, grey.width, 3);
  for (Index y = 0; y < to.height; ++y)
    for (Index x = 0; x < to.width; ++x) {
      std::uint8_t const v = grey.plane()(y, x);
      set_pixel(to, y, x, {v, v, v});
    }
  Index const top = place / j.grid() * side, left = place % j.grid() * side, border = std::max<Index>(3, side / 6);
  for (Index y = top - border; y < top + side + border; ++y)
    for (Index x = left - border; x < left + side + border; ++x) {
      bool const inside = top <= y && y < top + side && left <= x && x < left + side;
      if (!inside && 0 <= y && y < to.height && 0 <= x && x < to.width) set_pixel(to, y, x, colour);
    }
  return to;
}

bool has_lesion(Judgement const& j, Index f) {
  auto const mask = j.mask.view().row(f);
  return std::any_of(mask.begin(), mask.end(), [](unsigned char m) { return m != 0; });
}

std::vector<Index> films_to_show(Judgement const& j, bool with_lesions) {
  std::vector<Index> films;
  for (Index f = 0; f < j.shown() && static_cast<Index>(films.size()) < rows_shown; ++f)
    if (!with_lesions || has_lesion(j, f)) films.push_back(f);
  return films;
}

std::string const& name_of(Judgement const& j, Index f) { return j.names.at(static_cast<std::size_t>(f)); }

}  // namespace

Panels restoration_panels(Judgement const& j) {
  Panels p{.columns = {"seen", "lesion map", "restored", "clean", "difference"}};
  if (j.restored.size() == 0) return p;
  auto films = films_to_show(j, true);
  if (films.empty()) films = films_to_show(j, false);
  for (Index const f : films)
    p.rows.push_back({name_of(j, f), {grey_film(j.seen.view().row(f)), lesion_map(j, f), grey_film(j.restored.view().row(f)),
                                      grey_film(j.clean.view().row(f)), difference(j.restored.view().row(f), j.clean.view().row(f))}});
  return p;
}

Panels token_panels(Judgement const& j) {
  Panels p{.columns = {"film"}};
  if (j.components.size() == 0) return p;
  if (j.regions.size() > 0) p.columns.push_back("anatomy, as drawn");
  p.columns.push_back("tokens");
  if (j.untrained.size() > 0) p.columns.push_back("tokens before training");
  if (j.by_prototype.size() > 0) p.columns.push_back("best prototype");
  for (Index const f : films_to_show(j, false)) {
    PanelRow row{name_of(j, f), {grey_film(j.clean.view().row(f))}};
    if (j.regions.size() > 0) row.films.push_back(class_map(j.regions.view().row(f)));
    row.films.push_back(colours_of(j.components.view().row(f), j.grid(), j.patch));
    if (j.untrained.size() > 0) row.films.push_back(colours_of(j.untrained.view().row(f), j.grid(), j.patch));
    if (j.by_prototype.size() > 0) row.films.push_back(colours_of(j.by_prototype.view().row(f), j.grid(), j.patch));
    p.rows.push_back(std::move(row));
  }
  return p;
}

Panels match_panels(Judgement const& j) {
  Panels p{.columns = {"token in " + (j.names.empty() ? "" : name_of(j, 0))}};
  if (j.queries.empty()) return p;
  for (auto const& m : j.queries[0].matches) p.columns.push_back(name_of(j, m.film));
  for (auto const& q : j.queries) {
    Index const region = region_at(j, q.film, q.place);
    PanelRow row{region < 0 ? text("row ", q.place / j.grid() + 1, ", column ", q.place % j.grid() + 1)
                            : j.region_names.at(static_cast<std::size_t>(region)),
                 {framed(j, q.film, q.place, {64, 208, 255})}};
    for (auto const& m : q.matches) row.films.push_back(framed(j, m.film, m.place, {255, 176, 48}));
    p.rows.push_back(std::move(row));
  }
  return p;
}

Index region_at(Judgement const& j, Index film, Index place) {
  if (j.regions.size() == 0) return -1;
  Index const middle = j.patch / 2;
  return j.regions(film, place / j.grid() * j.patch + middle, place % j.grid() * j.patch + middle);
}

std::string region_key(Judgement const& j) {
  std::vector<bool> occurs(j.region_names.size());
  for (auto const r : j.regions) occurs.at(r) = true;
  std::string html = "<div style=\"display:flex;flex-wrap:wrap;gap:2px 18px;font:13px var(--sans);margin-top:10px\">\n";
  for (std::size_t r = 0; r < occurs.size(); ++r) {
    if (!occurs[r]) continue;
    Rgb const c = category(static_cast<Index>(r));
    html += text("<span><span style=\"color:rgb(", int{c.r}, ",", int{c.g}, ",", int{c.b}, ")\">\xE2\x96\xA0</span> ",
                 escaped(j.region_names[r]), "</span>\n");
  }
  return html + "</div>\n";
}

}  // namespace afire::cli
