#include <examples/cli/settings.hpp>

#include <algorithm>
#include <cmath>

namespace afire::cli {
namespace {

void preset(Settings& s) {
  bool const tiny = s.model == "tiny";
  s.width = tiny ? 192 : s.model == "small" ? 384 : 768;
  s.heads = s.width / 64, s.depth = 12;
  s.decoder_width = tiny ? 192 : 512, s.decoder_depth = tiny ? 4 : 8, s.decoder_heads = tiny ? 6 : 16;
}

void released(Settings& s) {
  s.warmup_epochs = 10;
  s.lesion_axes = s.lesion_clip = s.lesion_overlap = s.lesion_edge = s.lesion_texture = "released";
  s.lesion_smallest = 16, s.lesion_largest = 128, s.lesion_dark = 0, s.clean_share = 0;
  s.prototype_rule = s.decay = "released";
  s.restore = "everywhere", s.clip = "tensor";
}

std::vector<std::string> choices(char const* kind) {
  std::vector<std::string> all;
  if (std::string_view(kind).find('|') == std::string_view::npos) return all;
  for (char const* c = kind; *c != 0; ++c) {
    if (c == kind || *c == '|') all.emplace_back();
    if (*c != '|') all.back() += *c;
  }
  return all;
}

// Each overload: a word of the command line, or a value of a file, into a setting; a sentence where it does not fit.
void set(Field const& f, std::string const& word, Index& to) {
  auto const [end, problem] = std::from_chars(word.data(), word.data() + word.size(), to);
  demands(problem == std::errc() && end == word.data() + word.size(), "--", f.name, ": ", quoted(word), " is no whole number");
}
void set(Field const& f, std::string const& word, double& to) {
  auto const [end, problem] = std::from_chars(word.data(), word.data() + word.size(), to);
  demands(problem == std::errc() && end == word.data() + word.size() && std::isfinite(to), "--", f.name, ": ", quoted(word),
          " is no number");
}
void set(Field const&, std::string const& word, bool& to) { to = word != "false"; }
void set(Field const&, std::string const& word, std::string& to) { to = word; }

void set(Field const&, Json const& value, Index& to) { to = value.integer(); }
void set(Field const&, Json const& value, double& to) { to = value.number(); }
void set(Field const&, Json const& value, bool& to) { to = value.boolean(); }
void set(Field const&, Json const& value, std::string& to) { to = value.string(); }

void check(Field const& f, bool) { static_cast<void>(f); }
void check(Field const& f, std::string const& value) {
  auto const all = choices(f.kind);
  if (all.empty() || (value.empty() && f.group == Group::run) || std::find(all.begin(), all.end(), value) != all.end()) return;
  std::string const close = nearest(value, all);
  throw Failure(ExitCode::usage,
                text("--", f.name, ": ", quoted(value), " is none of ", f.kind, close.empty() ? "" : "; did you mean " + close + "?"));
}
template <class Number>
void check(Field const& f, Number value) {
  demands(static_cast<double>(value) >= f.least, "--", f.name, " is ", value, "; at least ", f.least, " is needed");
  demands(static_cast<double>(value) <= f.most, "--", f.name, " is ", value, "; at most ", f.most, " is possible");
}

// Sets the setting of that name from a word or a value; false if there is none.
template <class Value>
bool set_named(Settings& s, std::string const& name, Value const& value) {
  bool found = false;
  for_each_setting(s, [&](Field const& field, auto& to) {
    if (name != field.name) return;
    set(field, value, to);
    check(field, to);
    found = true;
  });
  return found;
}

bool decides(Field const& f) {
  std::string_view const name = f.name;
  return f.group == Group::model || f.group == Group::training || f.group == Group::method || name == "dtype" || name == "deterministic";
}

}  // namespace

std::string nearest(std::string const& word, std::vector<std::string> const& names) {
  std::string best;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (auto const& name : names) {
    std::vector<std::size_t> row(name.size() + 1);                       // letters to change between the words' beginnings
    for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= word.size(); ++i) {
      std::size_t corner = row[0];
      row[0] = i;
      for (std::size_t j = 1; j < row.size(); ++j) {
        std::size_t const change = corner + (word[i - 1] != name[j - 1]);
        corner = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
      }
    }
    if (row.back() < least) least = row.back(), best = name;
  }
  return best;
}

void read_settings(Json const& config, std::string const& path, Settings& s) {
  // Presets first, so that what stands beside them in the file wins whatever the order.
  if (auto const* model = config.find("model")) set_named(s, "model", *model), preset(s);
  if (auto const* faithful = config.find("faithful"); faithful && faithful->boolean()) released(s);
  for (auto const& [name, value] : config.object()) {
    bool found = false;
    try {
      found = set_named(s, name, value);
    } catch (error const& e) { throw Failure(ExitCode::usage, text(path, ": ", quoted(name), ": ", e.what())); }
    if (found || name == "afire" || name == "variant") continue;
    std::vector<std::string> names;
    for_each_setting(s, [&](Field const& field, auto&) { names.emplace_back(field.name); });
    std::string const close = nearest(name, names);
    throw Failure(ExitCode::usage, text(path, value.line() ? text(", line ", value.line()) : "", ": there is no setting ", quoted(name),
                                        close.empty() ? "" : "; did you mean " + quoted(close) + "?"));
  }
}

Settings resolve(Given const& flags, Json const* config, std::string const& config_path, Settings s) {
  if (config) read_settings(*config, config_path, s);
  for (auto const& [name, word] : flags) {
    if (name == "model") set_named(s, name, word), preset(s);
    if (name == "faithful" && word == "true") released(s);
    if (name == "phantom") s.films.clear();                              // a flag takes the place of what a file said
    if (name == "films") s.phantom = 0;
    if (name == "validation-phantom") s.validation.clear();
    if (name == "validation") s.validation_phantom = 0;
  }
  for (auto const& [name, word] : flags) demands(set_named(s, name, word), "there is no option --", name);
  return s;
}

Json settings_json(Settings const& s) {
  Json all = json_object({{"afire", AFIRE_VERSION}});
  for_each_setting(s, [&](Field const& field, auto const& value) { all.set(field.name, Json(value)); });
  return all;
}

Json deciding_json(Settings const& s) {
  Json all{Json::Object{}};
  for_each_setting(s, [&](Field const& field, auto const& value) {
    if (decides(field)) all.set(field.name, Json(value));
  });
  return all;
}

}  // namespace afire::cli
