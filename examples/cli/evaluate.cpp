// Labels from features: a linear probe and neighbours' votes, on patients that it has not seen; and lesions restored.
#include <afire/eval/bootstrap.hpp>
#include <afire/eval/few_labels.hpp>
#include <afire/picture/markup.hpp>
#include <afire/train/resume.hpp>
#include <examples/cli/any_trainer.hpp>
#include <examples/cli/features.hpp>

#include <set>

namespace afire::cli {
namespace {

constexpr Index most_restored = 512;       // films

struct Feature {
  char const* name;
  Tensor<float, 2> train, test;            // (N, C), (M, C)
};

struct Estimate {
  double value = not_defined, low = not_defined, high = not_defined;
};

// One probe with some of the labels, on one group of the films.
struct Finding {
  double share = 1;
  char const* probe = "";
  std::string group = {};                  // empty: all films
  Index labelled = 0, positives = 0, negatives = 0;
  std::vector<std::vector<double>> seeds = {};           // AUROC of each feature and seed
  std::vector<Estimate> auroc = {}, first_above = {};    // of each feature: mean over seeds; the first feature's minus this one's
};

// score[seed][film]
using Scores = std::vector<std::vector<double>>;

double mean_auroc(std::vector<double> const& label, Scores const& scores, std::span<Index const> rows) {
  double sum = 0;
  std::vector<double> l, s;
  for (Index const r : rows) l.push_back(label[static_cast<std::size_t>(r)]);
  for (auto const& score : scores) {
    s.clear();
    for (Index const r : rows) s.push_back(score[static_cast<std::size_t>(r)]);
    sum += auroc(l, s);
  }
  return sum / static_cast<double>(scores.size());
}

template <class Metric>
Estimate estimate(Labels const& labels, std::vector<Index> const& rows, Request const& r, Metric metric) {
  std::vector<std::string> patient;
  for (Index const row : rows) patient.push_back(labels.patient[static_cast<std::size_t>(row)]);
  std::vector<Index> drawn;
  auto const interval = bootstrap(patient, Random(0, Purpose::bootstrap), [&](std::span<Index const> which) {
    drawn.clear();
    for (Index const i : which) drawn.push_back(rows[static_cast<std::size_t>(i)]);
    return metric(std::span<Index const>(drawn));
  }, r.draws);
  return {metric(std::span<Index const>(rows)), interval.low, interval.high};
}

Finding judged(Finding f, Labels const& test, std::vector<Index> const& rows, std::vector<Scores> const& scores, Request const& r) {
  for (Index const row : rows) {
    double const l = test.label[static_cast<std::size_t>(row)];
    f.positives += l == 1, f.negatives += l == 0;
  }
  for (auto const& of_feature : scores) {
    f.seeds.emplace_back();
    for (auto const& of_seed : of_feature) f.seeds.back().push_back(mean_auroc(test.label, {of_seed}, rows));
    auto const mean = [&](std::span<Index const> drawn) { return mean_auroc(test.label, of_feature, drawn); };
    auto const above = [&](std::span<Index const> drawn) { return mean_auroc(test.label, scores.front(), drawn) - mean(drawn); };
    f.auroc.push_back(estimate(test, rows, r, mean));
    f.first_above.push_back(&of_feature == &scores.front() ? Estimate{0, 0, 0} : estimate(test, rows, r, above));
  }
  return f;
}

std::vector<Finding> findings(std::vector<Feature> const& features, Labels const& train, Labels const& test, Request const& r,
                              FromCheckpoint const& from) {
  auto const on_device = from.composition->few_labels;
  std::set<std::string> groups(test.group.begin(), test.group.end());
  std::vector<Finding> all;
  for (double const share : r.shares) {
    std::vector<Scores> linear(features.size()), neighbours(features.size());
    Index labelled = 0;
    for (Index seed = 0; seed < r.seeds; ++seed) {
      Random const random(static_cast<std::uint64_t>(seed), Purpose::probe);
      auto const rows = rows_of_patients(train.label, train.patient, share, random);
      labelled += static_cast<Index>(rows.size());
      for (std::size_t k = 0; k < features.size(); ++k) {
        LabelledFeatures const learnt{features[k].train, train.label, train.patient};
        auto of = on_device ? on_device(from.settings, learnt, rows, features[k].test, random, r.neighbours)
                            : few_labels(learnt, rows, features[k].test, random, r.neighbours);
        linear[k].push_back(std::move(of.linear)), neighbours[k].push_back(std::move(of.neighbours));
      }
    }
    for (auto const& [name, scores] : {std::pair<char const*, std::vector<Scores> const&>{"linear", linear}, {"neighbours", neighbours}}) {
      Finding const begun{.share = share, .probe = name, .labelled = labelled / r.seeds};
      std::vector<Index> rows;
      for (Index i = 0; i < static_cast<Index>(test.label.size()); ++i) rows.push_back(i);
      all.push_back(judged(begun, test, rows, scores, r));
      for (auto const& group : groups) {
        rows.clear();
        for (std::size_t i = 0; i < test.group.size(); ++i)
          if (test.group[i] == group) rows.push_back(static_cast<Index>(i));
        Finding of_group = begun;
        of_group.group = text(r.by, "=", group);
        all.push_back(judged(std::move(of_group), test, rows, scores, r));
      }
    }
  }
  return all;
}

struct Restored {
  Index films = 0;
  Validation validation = {};
};

Restored restored(FromCheckpoint const& from, Request const& r, FilmSet const& training) {
  Settings s = from.settings;
  s.where = r.restore_where.empty() ? r.test_where : r.restore_where;
  FilmSet const set = open_films(s);
  expect_apart(training, set, s);
  s.batch = std::min(s.batch, set.source.size());
  AnyTrainer trainer = from.composition->trainer(s);
  load_checkpoint(trainer, r.input);
  ValidationFilms films(trainer, set.source, most_restored, trainer.options().seed);
  return {films.films, validate(trainer, films, mean_film(training.source, s.image).view())};
}

Json number(double x) { return std::isnan(x) ? Json() : Json(x); }       // null: not defined, as where a class is missing

Json json_of(Estimate const& e) { return json_object({{"value", number(e.value)}, {"low", number(e.low)}, {"high", number(e.high)}}); }

Json json_of(RestorationError const& e) {
  return json_object({{"restored", e.restored}, {"copied", e.copied}, {"mean_film", e.mean_film}, {"pixels", e.pixels}});
}

Json json_of(std::vector<Feature> const& features, std::vector<Finding> const& all, Restored const& lesions, Request const& r,
             std::string const& pool) {
  Json list{Json::Array{}};
  for (auto const& f : all) {
    Json of{Json::Object{}};
    for (std::size_t k = 0; k < features.size(); ++k) {
      Json seeds{Json::Array{}};
      for (double const a : f.seeds[k]) seeds.push_back(number(a));
      of.set(features[k].name,
             json_object({{"auroc", json_of(f.auroc[k])}, {"trained_above", json_of(f.first_above[k])}, {"seeds", seeds}}));
    }
    list.push_back(json_object({{"share", f.share}, {"probe", std::string(f.probe)}, {"group", f.group}, {"labelled_films", f.labelled},
                                {"positives", f.positives}, {"negatives", f.negatives}, {"features", of}}));
  }
  return json_object({{"checkpoint", r.input}, {"pool", pool}, {"positive", r.positive}, {"train_where", r.train_where},
                      {"test_where", r.test_where}, {"auroc", list},
                      {"restoration", json_object({{"films", lesions.films}, {"inside_lesions", json_of(lesions.validation.inside)},
                                                   {"whole_film", json_of(lesions.validation.whole)}})}});
}

std::string words(Estimate const& e) {
  if (std::isnan(e.value)) return "n/a";
  return text(with_decimals(e.value, 3), " [", with_decimals(e.low, 3), ", ", with_decimals(e.high, 3), "]");
}

void print(std::vector<Feature> const& features, std::vector<Finding> const& all, Restored const& lesions, Request const& r) {
  std::printf("AUROC of %s, mean of %lld seeds [95 %% interval over patients]\n\n%-7s %-11s %-12s %5s %5s %5s", r.positive.c_str(),
              static_cast<long long>(r.seeds), "labels", "probe", "films", "used", "pos", "neg");
  for (auto const& f : features) std::printf("  %-21s", f.name);
  std::printf("  trained - untrained\n");
  for (auto const& f : all) {
    std::printf("%-7s %-11s %-12s %5lld %5lld %5lld", text(100 * f.share, " %").c_str(), f.probe,
                f.group.empty() ? "all" : f.group.c_str(), static_cast<long long>(f.labelled), static_cast<long long>(f.positives),
                static_cast<long long>(f.negatives));
    for (auto const& e : f.auroc) std::printf("  %-21s", words(e).c_str());
    std::printf("  %s\n", words(f.first_above[1]).c_str());
  }
  auto const row = [](char const* where, RestorationError const& e) {
    auto const root = [](double square) { return with_decimals(std::sqrt(square), 1); };
    std::printf("%-16s %10s %14s %11s\n", where, root(e.restored).c_str(), root(e.copied).c_str(), root(e.mean_film).c_str());
  };
  std::printf("\nSynthetic lesions in %lld films: root mean square error against the clean film, in grey levels\n\n%-16s %10s %14s %11s\n",
              static_cast<long long>(lesions.films), "", "restored", "left as it is", "mean film");
  row("inside lesions", lesions.validation.inside);
  row("whole film", lesions.validation.whole);
}

}  // namespace

int evaluate(Request const& r) {
  std::string why;
  FromCheckpoint const from = from_checkpoint(r, why);
  Settings s = from.settings;
  s.where = r.train_where;
  FilmSet const learning = open_films(s);
  s.where = r.test_where;
  FilmSet const judging = open_films(s);
  expect_apart(learning, judging, s);
  Labels const train = labels_of(learning, r.positive, {}), test = labels_of(judging, r.positive, r.by);
  s.batch = std::min({s.batch, learning.source.size(), judging.source.size()});
  auto const unknown = [](Labels const& labels) {
    return std::count_if(labels.label.begin(), labels.label.end(), [](double x) { return std::isnan(x); });
  };
  say(learning.source.size(), " films to learn from (", unknown(train), " of unknown label), ", judging.source.size(), " to judge on (",
      unknown(test), "); features: ", s.pool == "token" ? "class tokens" : "means of patch tokens", "; ", why);
  std::vector<Feature> features;
  auto const add = [&](char const* name, auto const& of) { features.push_back({name, of(learning.source), of(judging.source)}); };
  auto const tokens = [&](Encoder const& encode) { return [&](AnyFilms const& films) { return pooled_tokens(films, s, encode); }; };
  add("trained", tokens(stored_encoder(from, r.input, r.student)));
  add("untrained", tokens(from.composition->encoder(s, {})));
  add("pixels", [&](AnyFilms const& films) { return patch_means(films, s); });
  auto const all = findings(features, train, test, r, from);
  Restored const lesions = restored(from, r, learning);
  for (auto const* set : {&learning, &judging})
    for (auto const& film : set->broken()) say("left out: ", film, "; the film that stands in for it was used in its place");
  Json const json = json_of(features, all, lesions, r, s.pool == "token" ? "token" : "mean");
  if (!r.out.empty()) replace_file(r.out, write_json(json, {.pretty = true}));
  if (r.json) std::printf("%s", write_json(json, {.pretty = true}).c_str());
  else print(features, all, lesions, r);
  return 0;
}

}  // namespace afire::cli
