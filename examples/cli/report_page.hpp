// examples/cli/report_page.hpp -- what the parts of a report share: the run as its folder holds it, the page, and how numbers are written
//
//   Run const run("run");   run.values("loss"), run.last("val_loss"), run.setting("epochs"), run.judged
//   Page page(report, "run");   page->section("Training");   page.keep("loss", draw(chart));      // and kept as run/pictures/loss.svg
#pragma once
#include <afire/io/json.hpp>
#include <afire/picture/curves.hpp>
#include <afire/picture/report.hpp>
#include <afire/train/log.hpp>
#include <examples/cli/judgement.hpp>

namespace afire::cli {

// Without libpng a report has no films.
bool have_png();
std::string png_of(Film const& film);

struct Run {
  std::string folder;
  std::optional<Json> config, data, build;
  LogTable log;
  std::optional<Judgement> judged;

  explicit Run(std::string const& where) : folder(where) {
    auto const read = [&](char const* name) -> std::optional<Json> {
      std::string const path = folder + "/" + name;
      if (!file_exists(path)) return std::nullopt;
      return parse_json(read_file(path), path);
    };
    config = read("config.json"), data = read("data.json"), build = read("build.json");
    if (file_exists(folder + "/log.csv")) log = read_log(folder);
    judged = load_judgement(folder);
    expects(config || judged || !log.columns.empty(), folder, " holds no run: neither log.csv nor config.json nor judgement.json");
  }

  // A setting, or 0.
  double setting(char const* name) const {
    Json const* found = config && config->kind() == JsonKind::object ? config->find(name) : nullptr;
    bool const number = found && (found->kind() == JsonKind::integer || found->kind() == JsonKind::number);
    return number ? found->number() : 0;
  }
  Index whole(char const* name) const { return static_cast<Index>(setting(name)); }

  double training_films() const {
    Json const* part = data && data->kind() == JsonKind::object ? data->find("training") : nullptr;
    Json const* films = part && part->kind() == JsonKind::object ? part->find("films") : nullptr;
    return films && films->kind() == JsonKind::integer ? films->number() : 0;
  }
  Index step() const { return !log.rows.empty() ? static_cast<Index>(log.rows.back()[0]) : judged ? judged->step : 0; }
  Index total_steps() const {
    if (judged) return judged->total_steps;
    Index const batch = whole("batch") * std::max<Index>(1, whole("accumulate"));
    return batch > 0 ? static_cast<Index>(training_films()) / batch * whole("epochs") : 0;
  }

  bool has(std::string_view column) const { return !values(column).x.empty(); }
  // What was measured of a column, by step. Values that are no number were not measured; infinite ones stay.
  Series values(std::string_view column, std::string name = {}) const {
    Series s{.name = std::move(name)};
    for (std::size_t c = 0; c < log.columns.size(); ++c)
      if (log.columns[c] == column)
        for (auto const& row : log.rows)
          if (!std::isnan(row[c])) s.x.push_back(row[0]), s.y.push_back(row[c]);
    return s;
  }
  double first(std::string_view column) const { auto const s = values(column); return s.y.empty() ? not_known : s.y.front(); }
  double last(std::string_view column) const { auto const s = values(column); return s.y.empty() ? not_known : s.y.back(); }
  // The mean of the last tenth.
  double lately(std::string_view column) const {
    auto const s = values(column);
    std::size_t const n = s.y.size() - s.y.size() * 9 / 10;
    double sum = 0;
    for (std::size_t i = s.y.size() - n; i < s.y.size(); ++i) sum += s.y[i];
    return n > 0 ? sum / static_cast<double>(n) : not_known;
  }

  static constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
};

inline std::string three_digits(double x) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.3g", x);
  return std::isfinite(x) ? number(std::strtod(digits, nullptr)) : number(x);
}
inline std::string percent(double share, int decimals = 0) { return with_decimals(100 * share, decimals) + " %"; }
inline std::string grey_levels(double mean_square) { return with_decimals(std::sqrt(mean_square), 1); }
inline std::string plural(Index n, char const* one) { return text(number(static_cast<double>(n)), " ", one, n == 1 ? "" : "s"); }

// The page, and beside it each picture as a file.
class Page {
 public:
  Page(Report& report, std::string const& folder) : report_(report), folder_(folder + "/pictures") { ensure_folder(folder_); }

  std::string keep(char const* name, Svg const& svg) const {
    replace_file(text(folder_, "/", name, ".svg"), svg.file());
    return svg.inline_text();
  }
  std::string keep(char const* name, Panels const& panels) const {
    replace_file(text(folder_, "/", name, ".png"), png_of(contact_sheet(panels)));
    return panel_grid(panels, png_of);
  }
  std::string charts(char const* name, Chart const& chart) const { return keep(name, draw(chart)); }
  Report& operator*() const { return report_; }
  Report* operator->() const { return &report_; }

 private:
  Report& report_;
  std::string folder_;
};

void report_films(Page const& page, Judgement const& j);       // restoration, tokens
void report_training(Page const& page, Run const& run);        // curves

}  // namespace afire::cli
