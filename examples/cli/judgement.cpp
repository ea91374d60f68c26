#include <examples/cli/judgement.hpp>

#include <afire/data/phantom.hpp>
#include <afire/eval/collapse.hpp>
#include <afire/eval/pca.hpp>
#include <afire/eval/probe.hpp>
#include <afire/io/json.hpp>
#include <afire/io/safetensors_writer.hpp>
#include <afire/picture/heat_map.hpp>
#include <afire/picture/markup.hpp>

namespace afire::cli {
namespace {

constexpr Index most_shown = 12, matched_films = 6;
constexpr double least_of_a_patch = 0.6;                   // a token belongs to the region that covers so much of its patch

// Places on a frontal film, as shares of height and width: upper right lung, lower left lung, heart, spine, diaphragm, shoulder.
constexpr double query_places[][2] = {{0.34, 0.33}, {0.5, 0.78}, {0.62, 0.57}, {0.3, 0.5}, {0.82, 0.35}, {0.14, 0.2}};

Tensor<int, 2> regions_of_patches(View<const unsigned char, 3> regions, Index patch, Index names) {
  Index const grid = regions.cols() / patch;
  Tensor<int, 2> label(regions.rows(), grid * grid);
  std::vector<Index> count;
  for (Index f = 0; f < label.extent(0); ++f)
    for (Index j = 0; j < label.extent(1); ++j) {
      count.assign(static_cast<std::size_t>(names), 0);
      for (Index i = 0; i < patch * patch; ++i) ++count[regions(f, j / grid * patch + i / patch, j % grid * patch + i % patch)];
      auto const largest = std::max_element(count.begin(), count.end());
      bool const clear = static_cast<double>(*largest) >= least_of_a_patch * static_cast<double>(patch * patch);
      label(f, j) = clear ? static_cast<int>(largest - count.begin()) : -1;
    }
  return label;
}

Tensor<float, 3> patch_pixels(View<const unsigned char, 3> film, Index patch) {
  Index const grid = film.cols() / patch;
  Tensor<float, 3> x(film.rows(), grid * grid, patch * patch);
  for (Index f = 0; f < x.extent(0); ++f)
    for (Index j = 0; j < x.extent(1); ++j)
      for (Index i = 0; i < patch * patch; ++i)
        x(f, j, i) = static_cast<float>(film(f, j / grid * patch + i / patch, j % grid * patch + i % patch));
  return x;
}

template <class View>
auto as_rows(View x) { return x.as(x.extent[0] * x.extent[1], x.extent[2]); }

bool all_finite(Tensor<float, 3> const& x) {
  return std::all_of(x.begin(), x.end(), [](float v) { return std::isfinite(v); });
}

// Three principal components of the tokens of all films as red, green and blue: (films, L, 3), or empty where tokens are not finite.
Tensor<unsigned char, 3> component_colours(Tensor<float, 3> const& tokens, double* ratio) {
  Index const n = tokens.extent(0), L = tokens.extent(1);
  if (!all_finite(tokens)) return {};
  auto const rows = as_rows(tokens.view());
  Pca const p = pca(rows, 3);
  for (std::size_t i = 0; i < 3; ++i) ratio[i] = p.ratio[i];
  auto const scores = p.transform(rows);
  Film const film = component_map(View<const double, 3>(scores.data(), n, L, 3), component_ranges(scores));
  Tensor<unsigned char, 3> colours(n, L, 3);
  std::copy(film.pixels.begin(), film.pixels.end(), colours.begin());
  return colours;
}

// At each place, the tokens that share a best prototype get their mean colour.
Tensor<unsigned char, 3> colours_by_prototype(View<const unsigned char, 3> colours, View<const int, 2> prototype, Index prototypes) {
  Index const n = colours.rows(), L = colours.extent[1];
  Tensor<unsigned char, 3> to(n, L, 3);
  Tensor<Index, 2> sum(prototypes, 4);                     // red, green, blue, count
  for (Index j = 0; j < L; ++j) {
    std::fill(sum.begin(), sum.end(), Index{0});
    for (Index f = 0; f < n; ++f) {
      auto const s = sum.view().row(prototype(f, j));
      for (Index c = 0; c < 3; ++c) s(c) += colours(f, j, c);
      ++s(3);
    }
    for (Index f = 0; f < n; ++f)
      for (Index c = 0; c < 3; ++c) to(f, j, c) = static_cast<unsigned char>(sum(prototype(f, j), c) / sum(prototype(f, j), 3));
  }
  return to;
}

std::vector<Query> match(Tensor<float, 3> const& tokens, Index grid, Index shown) {
  std::vector<Query> queries;
  Index const L = tokens.extent(1), films = std::min(shown, 1 + matched_films);
  if (films < 2 || !all_finite(tokens)) return queries;
  Standardise const standard(as_rows(tokens.view()));
  auto const x = standard(as_rows(tokens.view().slice(0, films)));
  auto const length = [&](Index n) { return std::sqrt(Scalar().sum_over(x.extent(1), [&](Index c) { return x(n, c) * x(n, c); })); };
  for (auto const& [down, across] : query_places) {
    auto const at = [&](double share) { return std::min(grid - 1, static_cast<Index>(share * static_cast<double>(grid))); };
    Query q{0, at(down) * grid + at(across), {}};
    bool const known = std::any_of(queries.begin(), queries.end(), [&](Query const& other) { return other.place == q.place; });
    if (known) continue;
    for (Index f = 1; f < films; ++f) {
      Match best{f, 0, -2};
      for (Index j = 0; j < L; ++j) {
        double const dot = Scalar().sum_over(x.extent(1), [&](Index c) { return x(q.place, c) * x(f * L + j, c); });
        double const both = length(q.place) * length(f * L + j), cosine = both > 0 ? dot / both : 0;
        if (cosine > best.cosine) best.place = j, best.cosine = cosine;
      }
      q.matches.push_back(best);
    }
    queries.push_back(std::move(q));
  }
  return queries;
}

struct OfOneFilm {
  double restored = 0, seen = 0, mean = 0;
};

// Sums of squares inside the lesions of one film.
OfOneFilm lesion_errors(Observed const& o, ValidationFilms const& films, View<const float, 2> mean, Index f) {
  OfOneFilm e;
  for (Index p = 0; p < mean.size(); ++p) {
    if (films.mask.view().row(f).data[p] == 0) continue;
    double const x = films.clean.view().row(f).data[p];
    double const r = std::clamp(static_cast<double>(o.restored.view().row(f).data[p]), 0.0, 255.0);
    e.restored += math::square(r - x), e.seen += math::square(films.seen.view().row(f).data[p] - x);
    e.mean += math::square(static_cast<double>(mean.data[p]) - x);
  }
  return e;
}

template <class T>
Tensor<T, 3> first_films(Tensor<T, 3> const& from, Index shown) {
  if (from.size() == 0) return {};
  Tensor<T, 3> to(shown, from.extent(1), from.extent(2));
  std::copy_n(from.data(), to.size(), to.data());
  return to;
}
template <class T>
Tensor<T, 2> first_films(Tensor<T, 2> const& from, Index shown) {
  Tensor<T, 2> to(shown, from.extent(1));
  std::copy_n(from.data(), to.size(), to.data());
  return to;
}

unsigned char grey(double v) { return static_cast<unsigned char>(std::lround(std::clamp(std::isfinite(v) ? v : 0.0, 0.0, 255.0))); }

}  // namespace

FilmTruth phantom_truth(PhantomFilms const& source, Index films, Index image) {
  films = std::min(films, source.size());
  FilmTruth truth{.regions = Tensor<unsigned char, 3>(films, image, image), .region_names = {phantom::region_names,
                                                                                             phantom::region_names + phantom::regions}};
  for (Index f = 0; f < films; ++f) {
    truth.names.push_back(source.name(f));
    auto const p = source.phantom(f, image);
    std::copy(p.regions.begin(), p.regions.end(), truth.regions.view().row(f).data);
  }
  return truth;
}

Tensor<unsigned char, 3> blank_films(Index films, View<const float, 2> mean) {
  double sum = 0;
  for (float const v : mean) sum += static_cast<double>(v);
  Tensor<unsigned char, 3> blank(films, mean.rows(), mean.cols());
  std::fill(blank.begin(), blank.end(), grey(sum / static_cast<double>(mean.size())));
  return blank;
}

Judgement conclude(Judgement j, Observed const& o, ValidationFilms const& films, View<const float, 2> mean, FilmTruth const& truth) {
  auto const& v = o.validation;
  Index const n = j.films = films.films, L = films.lesion.extent(1), shown = std::min(n, most_shown);
  expects(truth.regions.size() == 0 || (truth.regions.extent(0) == n && truth.regions.extent(1) == j.image), "judgement: regions of ",
          truth.regions.size() > 0 ? shape_text(truth.regions.view()) : "", " for ", n, " films of ", j.image, " pixels");
  for (auto const& t : v.terms) j.losses.emplace_back(t.name, t.value);
  j.inside = v.inside, j.whole = v.whole;
  for (Index f = 0; f < shown; ++f) j.names.push_back(truth.names.empty() ? text("film ", f + 1)
                                                                          : truth.names.at(static_cast<std::size_t>(f)));

  TokenMonitor tokens(L, j.width);
  tokens.add(v.tokens.view());
  j.monitors = {{"effective_rank", tokens.effective_rank()}, {"between_image_share", tokens.between_image_share()}};
  Tensor<int, 2> prototype;                                // (films, L)
  if (v.scores.size() > 0) {
    j.prototypes = v.scores.extent(2);
    PrototypeMonitor use(L, j.prototypes);
    use.add(v.scores.view());
    j.monitors.insert(j.monitors.end(), {{"prototypes_used", use.used()}, {"perplexity", use.perplexity()},
                                         {"perplexity_here", use.perplexity_here()}});
    prototype = Tensor<int, 2>(n, L);
    for (Index i = 0; i < prototype.size(); ++i) {
      auto const row = as_rows(v.scores.view()).row(i);
      prototype.data()[i] = static_cast<int>(std::max_element(row.begin(), row.end()) - row.begin());
    }
    j.prototype = first_films(prototype, shown);
  }

  j.clean = first_films(films.clean, shown), j.seen = first_films(films.seen, shown), j.mask = first_films(films.mask, shown);
  j.lesion = first_films(films.lesion, shown);
  j.mean_film = Tensor<unsigned char, 2>(j.image, j.image);
  std::transform(mean.begin(), mean.end(), j.mean_film.begin(), [](float x) { return grey(static_cast<double>(x)); });
  if (o.restored.size() > 0) {
    j.restored = Tensor<unsigned char, 3>(shown, j.image, j.image);
    std::transform(o.restored.begin(), o.restored.begin() + j.restored.size(), j.restored.begin(),
                   [](float x) { return grey(static_cast<double>(x)); });
    for (Index f = 0; f < n; ++f) {
      auto const e = lesion_errors(o, films, mean, f);
      j.with_lesions += e.mean > 0 || e.seen > 0, j.nearer_than_seen += e.restored < e.seen, j.nearer_than_mean += e.restored < e.mean;
    }
  }
  double ignored[3];
  auto const colours = component_colours(v.tokens, j.ratio);
  j.components = first_films(colours, shown);
  if (prototype.size() > 0 && colours.size() > 0) j.by_prototype = first_films(colours_by_prototype(colours, prototype, j.prototypes),
                                                                               shown);
  j.untrained = first_films(component_colours(o.untrained, ignored), shown);
  j.queries = match(v.tokens, j.grid(), shown);

  if (truth.regions.size() == 0) return j;
  j.region_names = truth.region_names;
  j.regions = first_films(truth.regions, shown);
  auto const label = regions_of_patches(truth.regions, j.patch, static_cast<Index>(truth.region_names.size()));
  auto const pixels = patch_pixels(films.clean, j.patch);
  Tensor<float, 3> place(n, L, j.width);
  for (Index f = 0; f < n; ++f) std::copy(o.blank.begin(), o.blank.end(), place.view().row(f).data);
  Features const features[] = {{"tokens", v.tokens.view()}, {"tokens before training", o.untrained.view()},
                               {"pixels of the patch", pixels.view()},
                               {"place alone", place.view()}};
  j.anatomy = score_anatomy(features, label, j.region_names);
  return j;
}

Judgement judge(Subject const& s, Untrained const& untrained, Progressed at, ValidationFilms const& films, View<const float, 2> mean,
                FilmTruth const& truth) {
  auto const& vit = s.vit;
  Index const L = vit.tokens();
  Observed o{.validation = validate(s, films, mean)};
  if (s.film) {
    o.restored = Tensor<float, 3>(films.films, vit.image, vit.image);
    restore_films(s, films, nullptr, [&](Index first, Index count, View<float, 3> restored) {
      std::copy_n(restored.data, count * vit.image * vit.image, o.restored.view().row(first).data);
    });
  }
  o.blank = Tensor<float, 2>(L, vit.width);
  encode_films(s, blank_films(1, mean), [&](Index, Index, View<float, 3> tokens) {
    std::copy_n(tokens.row(0).row(vit.front()).data, o.blank.size(), o.blank.data());
  });
  o.untrained = Tensor<float, 3>(films.films, L, vit.width);
  untrained(films.clean.view(), o.untrained.view());
  Judgement begun{.step = at.step, .total_steps = at.total_steps, .image = vit.image, .patch = vit.patch, .width = vit.width,
                  .unseen = truth.unseen, .teacher = s.teacher, .film = s.film};
  return conclude(std::move(begun), o, films, mean, truth);
}

std::vector<std::string> summary(Judgement const& j) {
  std::vector<std::string> lines;
  auto const root = [](double square) { return with_decimals(std::sqrt(square), 1); };
  if (j.film && j.inside.pixels > 0) {
    lines.push_back(text("inside lesions of ", j.films, j.unseen ? " unseen films" : " training films",
                         ", root mean square error in grey levels: restored ",
                         root(j.inside.restored), ", left as seen ", root(j.inside.copied), ", mean film ", root(j.inside.mean_film)));
    lines.push_back(text("whole film: restored ", root(j.whole.restored), ", left as seen ", root(j.whole.copied), ", mean film ",
                         root(j.whole.mean_film)));
    lines.push_back(text("films whose lesions come out nearer to the clean film than they were: ", j.nearer_than_seen, " of ",
                         j.with_lesions,
                         "; nearer than the mean film: ", j.nearer_than_mean));
  }
  for (auto const& f : j.anatomy.features)
    lines.push_back(text("region named right by the 20 nearest tokens of other films: ", with_decimals(100 * f.all.value, 1), " % of all, ",
                         with_decimals(100 * f.contested.value, 1), " % at contested places  (", f.name, ")"));
  for (std::size_t k = 1; k < j.anatomy.features.size(); ++k) {
    auto const& d = j.anatomy.features[k].first_above;
    lines.push_back(text("tokens above ", j.anatomy.features[k].name, " at contested places: ", with_decimals(100 * d.value, 1),
                         " points, 95 % interval ",
                         with_decimals(100 * d.low, 1), " to ", with_decimals(100 * d.high, 1)));
  }
  return lines;
}

}  // namespace afire::cli
