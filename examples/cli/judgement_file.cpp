// Judgements on disk: numbers in judgement.json, pictures in judgement.safetensors.
#include <examples/cli/judgement.hpp>

#include <afire/io/json.hpp>
#include <afire/io/safetensors_writer.hpp>

namespace afire::cli {
namespace {

// JSON has no NaN: null stands for what is not defined.
double value(Json const& from) { return from.is_null() ? std::numeric_limits<double>::quiet_NaN() : from.number(); }
double value(Json const& from, char const* name) { return value(from.at(name)); }

Json to_json(std::vector<std::pair<std::string, double>> const& named) {
  Json all{Json::Object{}};
  for (auto const& [name, x] : named) all.set(name, x);
  return all;
}
std::vector<std::pair<std::string, double>> named_values(Json const& from) {
  std::vector<std::pair<std::string, double>> all;
  for (auto const& [name, x] : from.object()) all.emplace_back(name, value(x));
  return all;
}

Json to_json(std::vector<std::string> const& words) { return Json(Json::Array(words.begin(), words.end())); }
std::vector<std::string> words(Json const& from) {
  std::vector<std::string> all;
  for (auto const& word : from.array()) all.push_back(word.string());
  return all;
}

Json to_json(RestorationError const& e) {
  return json_object({{"restored", e.restored}, {"as_seen", e.copied}, {"mean_film", e.mean_film}, {"pixels", e.pixels}});
}
RestorationError errors(Json const& from) {
  return {value(from, "restored"), value(from, "as_seen"), value(from, "mean_film"), from.at("pixels").integer()};
}

Json to_json(Share const& s) { return json_object({{"value", s.value}, {"low", s.low}, {"high", s.high}}); }
Share share(Json const& from) { return {value(from, "value"), value(from, "low"), value(from, "high")}; }

Json to_json(AnatomyScore const& a) {
  Json features{Json::Array{}};
  for (auto const& f : a.features)
    features.push_back(json_object({{"name", f.name}, {"all", to_json(f.all)}, {"contested", to_json(f.contested)}, {"probe", f.probe},
                                    {"probe_contested", f.probe_contested}, {"clusters", f.clusters},
                                        {"first_above", to_json(f.first_above)},
                                    {"recall", Json(Json::Array(f.recall.begin(), f.recall.end()))}}));
  return json_object({{"regions", to_json(a.regions)}, {"tokens", Json(Json::Array(a.tokens.begin(), a.tokens.end()))},
                      {"bank_films", a.bank_films},
                      {"query_films", a.query_films}, {"bank", a.bank}, {"queries", a.queries}, {"contested", a.contested},
                          {"features", features}});
}
AnatomyScore anatomy(Json const& from) {
  AnatomyScore a{.regions = words(from.at("regions")), .bank_films = from.at("bank_films").integer(),
                 .query_films = from.at("query_films").integer(),
                 .bank = from.at("bank").integer(), .queries = from.at("queries").integer(), .contested = from.at("contested").integer()};
  for (auto const& n : from.at("tokens").array()) a.tokens.push_back(n.integer());
  expects(a.tokens.size() == a.regions.size(), "judgement: ", a.tokens.size(), " counts for ", a.regions.size(), " regions");
  for (auto const& f : from.at("features").array()) {
    a.features.push_back({f.at("name").string(), share(f.at("all")), share(f.at("contested")), value(f, "probe"),
                          value(f, "probe_contested"),
                          value(f, "clusters"), share(f.at("first_above"))});
    for (auto const& r : f.at("recall").array()) a.features.back().recall.push_back(value(r));
    expects(a.features.back().recall.size() == a.regions.size(), "judgement: recall of ", a.features.back().recall.size(), " among ",
            a.regions.size(), " regions");
  }
  return a;
}

Json to_json(std::vector<Query> const& queries) {
  Json all{Json::Array{}};
  for (auto const& q : queries) {
    Json matches{Json::Array{}};
    for (auto const& m : q.matches) matches.push_back(json_object({{"film", m.film}, {"place", m.place}, {"cosine", m.cosine}}));
    all.push_back(json_object({{"film", q.film}, {"place", q.place}, {"matches", matches}}));
  }
  return all;
}
std::vector<Query> matches(Json const& from, Index films, Index places) {
  std::vector<Query> all;
  auto const inside = [&](Json const& at) {
    Index const film = at.at("film").integer(), place = at.at("place").integer();
    expects(0 <= film && film < films && 0 <= place && place < places, "judgement: token ", place, " of film ", film,
            ", where there are ", places,
            " of ", films);
  };
  for (auto const& q : from.array()) {
    inside(q);
    all.push_back({q.at("film").integer(), q.at("place").integer(), {}});
    for (auto const& m : q.at("matches").array()) inside(m), all.back().matches.push_back({m.at("film").integer(),
                                                                                           m.at("place").integer(), value(m, "cosine")});
  }
  return all;
}

// Calls f(name, tensor) for each picture.
template <class J, class F>
void for_each_picture(J& j, F f) {
  f("clean", j.clean), f("seen", j.seen), f("mask", j.mask), f("restored", j.restored), f("mean_film", j.mean_film), f("lesion", j.lesion);
  f("components", j.components), f("untrained_components", j.untrained), f("prototype", j.prototype),
      f("prototype_components", j.by_prototype);
  f("regions", j.regions);
}

template <class T, int Rank>
std::vector<Index> shape_of(Tensor<T, Rank> const& x) {
  std::vector<Index> shape;
  for (int a = 0; a < Rank; ++a) shape.push_back(x.extent(a));
  return shape;
}

template <class T>
void allocate(Tensor<T, 2>& x, std::vector<Index> const& s) { x = Tensor<T, 2>(s[0], s[1]); }
template <class T>
void allocate(Tensor<T, 3>& x, std::vector<Index> const& s) { x = Tensor<T, 3>(s[0], s[1], s[2]); }

template <class T, int Rank>
void read(SafetensorsFile const& file, char const* name, Tensor<T, Rank>& x) {
  auto const* stored = file.find(name);
  if (!stored) return;
  expects(stored->shape.size() == Rank, file.path(), ": ", quoted(name), " has the shape ", shape_text(stored->shape), ", not one of ",
          Rank, " axes");
  allocate(x, stored->shape);
  file.read(name, x.view().flat());
}

}  // namespace

void save(Judgement const& j, std::string const& run_folder) {
  SafetensorsWriter file(run_folder + "/judgement.safetensors", {{"step", std::to_string(j.step)}});
  for_each_picture(j, [&](char const* name, auto const& x) {
    using T = std::remove_cvref_t<decltype(*x.data())>;
    if (x.size() > 0) file.declare(name, dtype_of<T>(), shape_of(x));
  });
  for_each_picture(j, [&](char const* name, auto const& x) {
    if (x.size() > 0) file.write(name, x.view().flat());
  });
  file.commit();
  Json const all = json_object({{"step", j.step}, {"total_steps", j.total_steps}, {"films", j.films}, {"image", j.image},
                                {"patch", j.patch},
                                {"width", j.width}, {"prototypes", j.prototypes}, {"unseen", j.unseen}, {"teacher", j.teacher},
                                    {"film", j.film},
                                {"losses", to_json(j.losses)}, {"monitors", to_json(j.monitors)}, {"inside_lesions", to_json(j.inside)},
                                {"whole_film", to_json(j.whole)}, {"films_with_lesions", j.with_lesions},
                                    {"nearer_than_seen", j.nearer_than_seen},
                                {"nearer_than_mean_film", j.nearer_than_mean}, {"anatomy", to_json(j.anatomy)},
                                    {"matches", to_json(j.queries)},
                                {"component_shares", json_array({j.ratio[0], j.ratio[1], j.ratio[2]})}, {"film_names", to_json(j.names)},
                                {"region_names", to_json(j.region_names)}});
  replace_file(run_folder + "/judgement.json", write_json(all, {.pretty = true, .non_finite = NonFinite::null}));
}

std::optional<Judgement> load_judgement(std::string const& run_folder) {
  std::string const numbers = run_folder + "/judgement.json", pictures = run_folder + "/judgement.safetensors";
  if (!file_exists(numbers) || !file_exists(pictures)) return std::nullopt;
  Json const all = parse_json(read_file(numbers), numbers);
  SafetensorsFile const file(pictures);
  Judgement j;
  try {
    auto const whole = [&](char const* name) { return all.at(name).integer(); };
    j.step = whole("step"), j.total_steps = whole("total_steps"), j.films = whole("films"), j.image = whole("image"),
    j.patch = whole("patch");
    j.width = whole("width"), j.prototypes = whole("prototypes"), j.with_lesions = whole("films_with_lesions");
    j.nearer_than_seen = whole("nearer_than_seen"), j.nearer_than_mean = whole("nearer_than_mean_film");
    j.unseen = all.at("unseen").boolean(), j.teacher = all.at("teacher").boolean(), j.film = all.at("film").boolean();
    j.losses = named_values(all.at("losses")), j.monitors = named_values(all.at("monitors"));
    j.inside = errors(all.at("inside_lesions")), j.whole = errors(all.at("whole_film"));
    j.names = words(all.at("film_names")), j.region_names = words(all.at("region_names"));
    for (std::size_t i = 0; i < 3; ++i) j.ratio[i] = value(all.at("component_shares").array().at(i));
    for_each_picture(j, [&](char const* name, auto& x) { read(file, name, x); });
    expects(file.metadata("step") == std::to_string(j.step), pictures, " is of step ", file.metadata("step"), ", the numbers of step ",
            j.step);
    expects(j.patch > 0 && j.image % j.patch == 0, "judgement: patches of ", j.patch, " pixels do not divide a film of ", j.image);
    Index const n = j.shown(), S = j.image, L = j.grid() * j.grid();
    expects(static_cast<Index>(j.names.size()) == n, "judgement: ", j.names.size(), " names of ", n, " films");
    auto const is = [&](auto const& x, std::vector<Index> const& shape) {
      expects(x.size() == 0 || shape_of(x) == shape, pictures, ": a tensor of shape ", shape_text(shape_of(x)), " where ",
              shape_text(shape), " is meant");
    };
    is(j.clean, {n, S, S}), is(j.seen, {n, S, S}), is(j.mask, {n, S, S}), is(j.restored, {n, S, S}), is(j.regions, {n, S, S}),
        is(j.mean_film, {S, S});
    is(j.lesion, {n, L}), is(j.prototype, {n, L}), is(j.components, {n, L, 3}), is(j.untrained, {n, L, 3}), is(j.by_prototype, {n, L, 3});
    for (auto const r : j.regions)
      expects(r < j.region_names.size(), pictures, ": a pixel of region ", Index{r}, ", where there are ", j.region_names.size());
    j.queries = matches(all.at("matches"), n, L);
    j.anatomy = anatomy(all.at("anatomy"));
  } catch (std::out_of_range const&) {
    throw error(text(numbers, ": component_shares has fewer than three numbers"));
  } catch (error const& e) { throw error(text(numbers, ": ", e.what())); }
  return j;
}

}  // namespace afire::cli
