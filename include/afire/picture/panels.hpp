// afire/picture/panels.hpp -- films side by side: as one image, or as a grid in a page with words at its rows and columns
//
//   Panels p{.columns = {"seen", "lesion map", "restored", "clean", "difference"}};
//   p.rows.push_back({"film 12", {seen, map, restored, clean, difference}});       // grey or RGB, any size
//   Film sheet = contact_sheet(p);                                                 // one RGB image, without words
//   std::string html = panel_grid(p, encode_png);                                  // for Report::figure; encode_png of data/png.hpp
#pragma once
#include <algorithm>

#include <afire/data/image.hpp>
#include <afire/picture/markup.hpp>

namespace afire {

struct PanelRow {                          // films beside each other, a column each
  std::string label = "";
  std::vector<Film> films = {};
};

struct Panels {
  std::vector<std::string> columns = {};
  std::vector<PanelRow> rows = {};
  Index pixels = 170;                                      // width of a panel on the page
};

namespace panel_parts {

inline Index columns(Panels const& p) {
  std::size_t n = p.columns.size();
  for (auto const& row : p.rows) n = std::max(n, row.films.size());
  for (auto const& row : p.rows)
    for (auto const& f : row.films)
      expects(f.channels == 1 || f.channels == 3, "panels: a film of ", f.channels, " channels in row \"", row.label,
              "\"; 1 or 3 can be shown");
  return static_cast<Index>(n);
}

}  // namespace panel_parts

// All panels on one white image, in cells of the size of the largest; smaller ones are enlarged by a whole factor as far as they fit.
inline Film contact_sheet(Panels const& p, Index gap = 6) {
  Index const columns = panel_parts::columns(p), rows = static_cast<Index>(p.rows.size());
  Index width = 0, height = 0;
  for (auto const& row : p.rows)
    for (auto const& film : row.films) width = std::max(width, film.width), height = std::max(height, film.height);
  Film sheet(gap + rows * (height + gap), gap + columns * (width + gap), 3);
  std::fill(sheet.pixels.begin(), sheet.pixels.end(), std::uint8_t{255});
  for (Index r = 0; r < rows; ++r) {
    auto const& films = p.rows[static_cast<std::size_t>(r)].films;
    for (std::size_t k = 0; k < films.size(); ++k) {
      auto const& film = films[k];
      if (film.size() == 0) continue;
      auto const from = film.view();
      Index const larger = std::min(width / film.width, height / film.height);
      Index const top = gap + r * (height + gap), left = gap + static_cast<Index>(k) * (width + gap);
      for (Index y = 0; y < film.height * larger; ++y)
        for (Index x = 0; x < film.width * larger; ++x)
          for (Index c = 0; c < 3; ++c) sheet.view()(top + y, left + x, c) = from(y / larger, x / larger, film.channels == 3 ? c : 0);
    }
  }
  return sheet;
}

// An <img> that carries its PNG. Images of few pixels (token maps) are enlarged without blur.
inline std::string embedded_png(std::string_view png, Index width, Index height, std::string_view what) {
  return text("<img src=\"data:image/png;base64,", base64(png), "\" width=\"", width, "\" height=\"", height, "\" alt=\"", escaped(what),
              "\"", std::max(width, height) <= 64 ? " class=\"pixels\"" : "", ">");
}

template <class EncodePng>                                 // std::string of a Film const&
std::string panel_grid(Panels const& p, EncodePng encode_png) {
  Index const columns = panel_parts::columns(p);
  bool sides = false;
  for (auto const& row : p.rows) sides = sides || !row.label.empty();
  std::string html = text("<div class=\"scroll\"><div class=\"panels\" style=\"grid-template-columns:",
                          sides ? "minmax(48px,max-content) " : "", "repeat(", columns, ",minmax(56px,", p.pixels, "px))\">\n");
  if (!p.columns.empty()) {
    if (sides) html += "<div></div>";
    for (std::size_t k = 0; k < static_cast<std::size_t>(columns); ++k)
      html += text("<div class=\"head\">", k < p.columns.size() ? escaped(p.columns[k]) : "", "</div>");
    html += '\n';
  }
  for (auto const& row : p.rows) {
    if (sides) html += text("<div class=\"side\">", escaped(row.label), "</div>");
    for (std::size_t k = 0; k < static_cast<std::size_t>(columns); ++k) {
      if (k >= row.films.size() || row.films[k].size() == 0) {
        html += "<div></div>";
        continue;
      }
      auto const& film = row.films[k];
      std::string const column = k < p.columns.size() ? p.columns[k] : "";
      std::string const what = text(row.label, row.label.empty() || column.empty() ? "" : ": ", column);
      html += embedded_png(encode_png(film), film.width, film.height, what.empty() ? "film" : what);
    }
    html += '\n';
  }
  return html + "</div></div>\n";
}

}  // namespace afire
