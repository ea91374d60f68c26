#include <examples/cli/report.hpp>

#include <examples/cli/report_page.hpp>
#ifdef AFIRE_HAVE_PNG
#include <afire/data/png.hpp>
#endif

namespace afire::cli {

#ifdef AFIRE_HAVE_PNG
bool have_png() { return true; }
std::string png_of(Film const& film) { return encode_png(film); }
#else
bool have_png() { return false; }
std::string png_of(Film const&) { return {}; }
#endif

namespace {

std::string shown(Json const& value) {
  switch (value.kind()) {
    case JsonKind::null: return "none";
    case JsonKind::boolean: return value.boolean() ? "yes" : "no";
    case JsonKind::integer: return std::to_string(value.integer());
    case JsonKind::number: return text(value.number());
    case JsonKind::string: return value.string().empty() ? "–" : value.string();
    default: break;
  }
  std::string all;
  if (value.kind() == JsonKind::array)
    for (auto const& item : value.array()) all += (all.empty() ? "" : ", ") + shown(item);
  return all;
}

using Entries = std::vector<std::pair<std::string, std::string>>;
void flatten(Json const& from, std::string const& prefix, Entries& to) {
  for (auto const& [name, value] : from.object())
    if (value.kind() == JsonKind::object) flatten(value, prefix + name + " / ", to);
    else to.emplace_back(prefix + name, shown(value));
}

void facts(Page const& page, Run const& run) {
  auto const list = [&](char const* title, char const* intro, std::optional<Json> const& json, char const* file) {
    page->section(title);
    if (!json || json->kind() != JsonKind::object) return page->prose(text("There is no `", file, "` in the folder of this run."));
    Entries entries;
    flatten(*json, "", entries);
    for (auto& [name, value] : entries)
      for (char& c : name)
        if (c == '_') c = ' ';
    page->prose(text(intro, " From `", file, "`."));
    page->list(entries);
  };
  list("Data", "The films, and a fingerprint of them and their order that a resume compares.", run.data, "data.json");
  list("Configuration", "Every setting of the run; the file can be read back with `--config`.", run.config, "config.json");
  list("Machine and build", "What the program was built with and what it ran on.", run.build, "build.json");
}

Report head(Run const& run) {
  bool const contrast = run.judged ? run.judged->teacher : run.has("contrast"), film = run.judged ? run.judged->film
      : run.has("restoration");
  std::string const method = contrast && film ? "AFiRe" : film ? "Restoration without a teacher" : contrast
      ? "Token contrast without a decoder" : "Pre-training";
  Index const step = run.step(), total = run.total_steps();
  double const films = run.training_films();
  std::string lead;
  Index const width = run.judged ? run.judged->width : run.whole("width"), patch = run.judged ? run.judged->patch : run.whole("patch"),
              image = run.judged ? run.judged->image : run.whole("image");
  if (width > 0) lead += text("A vision transformer with ", width, " numbers a token, patches of ", patch, " pixels and films of ", image,
                              " × ", image, ". ");
  lead += step == 0 ? "It has not made a step yet." : text("It has learned for ", plural(step, "step"), total > step
                                                           ? text(" of ", number(static_cast<double>(total)), ": the run is not finished")
                                                               : "", ".");
  if (run.judged)
    lead += text(" This page shows what it then did with ", plural(run.judged->films, "film"), run.judged->unseen
                 ? " that it had never learned from." : " of its training set.");
  Report report(films > 0 ? text(method, " on ", number(films), " films") : method, lead);
  report.fact(total > 0 ? text("steps of ", number(static_cast<double>(total))) : "steps", number(static_cast<double>(step)));
  if (run.judged && run.judged->film && run.judged->inside.pixels > 0) {
    auto const& e = run.judged->inside;
    report.fact("error inside lesions, grey levels", grey_levels(e.restored));
    report.fact("… left as seen", grey_levels(e.copied));
    report.fact("… mean film", grey_levels(e.mean_film));
  }
  if (run.judged && !run.judged->anatomy.features.empty()) {
    report.fact("of contested tokens: region named right", percent(run.judged->anatomy.features.front().contested.value));
    report.fact("… by place alone", percent(run.judged->anatomy.features.back().contested.value));
  }
  return report;
}

}  // namespace

void write_report(std::string const& run_folder) {
  Run const run(run_folder);
  Report report = head(run);
  Page const page(report, run_folder);
  if (!have_png()) report.prose("This program was built without libpng, so the report holds no films, only charts and numbers.");
  if (run.judged) {
    report_films(page, *run.judged);
  } else {
    report.section("Films");
    report.prose("The model has not been judged on films yet: that is done when a run ends, or reaches its `--steps`. Go on with `--resume "
                 "auto`.");
  }
  report_training(page, run);
  facts(page, run);
  report.footer(text("afire ", AFIRE_VERSION, ". The pictures are also files, in `pictures/` beside this page; the numbers in `log.csv` "
                                              "and `judgement.json`. `afire report RUN` writes this page again."));
  replace_file(run_folder + "/report.html", report.html());
}

}  // namespace afire::cli
