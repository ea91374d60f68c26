// What the model did on films: restored ones, and what its tokens know.
#include <afire/picture/colour_key.hpp>
#include <afire/picture/intervals.hpp>
#include <examples/cli/report_page.hpp>
#include <examples/cli/report_pictures.hpp>

namespace afire::cli {
namespace {

void restoration(Page const& page, Judgement const& j) {
  page->section("Restoration: what lay under the lesions?");
  if (!j.film) return page->prose("This run has no decoder: nothing restores a film.");
  page->prose(text("Lesions were drawn into ", plural(j.films, "film"), j.unseen ? " that the model never learned from"
                   : " of the training set (no other films were given, so this says little about new ones)",
                   ", the same in every epoch. The model sees the spoilt film and paints what should be there. Errors are compared with "
                   "two answers that need no model: leaving the film as it is, and showing the mean training film."));
  auto const& in = j.inside;
  if (in.pixels > 0) {
    bool const below_seen = in.restored < in.copied, below_mean = in.restored < in.mean_film;
    char const* const verdict = below_seen && below_mean ? "better than both answers that need none."
                                : below_seen             ? "better than leaving the film as it is, but not than the mean film."
                                : below_mean             ? "better than the mean film, but not than leaving the film as it is."
                                                         : "not yet better than an answer that needs none.";
    page->table({"Error, grey levels of 255", "restored", "left as seen", "mean film"},
                {{"inside the lesions", grey_levels(in.restored), grey_levels(in.copied), grey_levels(in.mean_film)},
                 {"whole film", grey_levels(j.whole.restored), grey_levels(j.whole.copied), grey_levels(j.whole.mean_film)}},
                text("Inside the lesions the model is ", verdict, " Root mean squares; small is good. Film by film, the lesions of ",
                     j.nearer_than_seen, " out of ",
                     j.with_lesions,
                     " come out nearer to the clean film than they were, those of ", j.nearer_than_mean, " nearer than the mean film."));
  }
  auto const panels = restoration_panels(j);
  if (!have_png() || panels.rows.empty()) return;
  page->figure(text("Follow a lesion from the first column to the third: ", in.restored < in.copied ? "it fades." : "it has not faded yet.",
                    " Then look whether ribs, heart and diaphragm are where they were."),
               text("The lesion map shows changed pixels (bright) on changed patches (tinted); only the map of patches is told to the "
                    "decoder. The difference is restored minus clean: "
                    "red where the model paints too bright, blue where too dark. These are the first films with a lesion, not chosen "
                    "ones."),
               {page.keep("restoration", panels) + colour_key(balance_map, -difference_range, difference_range,
                                                              "restored minus clean, grey levels").inline_text()});
}

void anatomy(Page const& page, AnatomyScore const& a) {
  Intervals chart{.what = "Share of tokens at contested places whose region the nearest tokens of other films name",
                  .title = text("Region named right at contested places (", number(static_cast<double>(a.contested)), " tokens)"),
                      .decimals = 1, .width = 560};
  for (std::size_t k = 0; k < a.features.size(); ++k) {
    auto const& f = a.features[k].contested;
    chart.rows.push_back({a.features[k].name, 100 * f.value, 100 * f.low, 100 * f.high, k == 0 ? 0 : 5});
  }
  auto const points = [](Share const& d) {
    return text(with_decimals(100 * d.value, 1), " points (95 % interval ", with_decimals(100 * d.low, 1), " to ",
                with_decimals(100 * d.high, 1), ")");
  };
  auto const& place = a.features.back().first_above;
  auto const& before = a.features[1].first_above;
  std::string see = "Every place of these films shows the same region: place alone would do.";
  if (a.contested > 0)
    see = text(place.low > 0    ? "Tokens know more of anatomy than their place tells"
               : place.high < 0 ? "Tokens know less of anatomy than their place tells"
                                : "Whether tokens know more of anatomy than their place tells cannot be said from these films",
               ": ", points(place), " more regions named right than from place alone. ",
               before.low > 0    ? "Training has added "
               : before.high < 0 ? "Training has cost "
                                 : "Against the same encoder before training no difference can be told: ",
               before.high < 0 ? points({-before.value, -before.high, -before.low}) : points(before),
               before.low > 0 || before.high < 0 ? " against the same encoder before it learned." : ".");
  page->figure(see,
               text("Each token of ", a.query_films, " films looks for its ", 20, " nearest among those of ", a.bank_films,
                    " others; they vote for its region. Contested are the places where no region holds 80 % of the films, "
                    "so that place alone does not decide. Controls: the same encoder with its starting weights; the grey values of the "
                    "patch; tokens of a blank film, which know nothing but their place. Lines: 95 % intervals over films."),
               {page.keep("anatomy", draw(chart))});
  std::vector<std::string> columns = {"Agreement with anatomy, %"};
  std::vector<std::vector<std::string>> rows(5);
  auto const line = [&](std::size_t r, std::string name, auto value) {
    rows[r].push_back(std::move(name));
    for (auto const& f : a.features) rows[r].push_back(with_decimals(100 * value(f), 1));
  };
  for (auto const& f : a.features) columns.push_back(f.name);
  line(0, "20 nearest, all places", [](FeatureScore const& f) { return f.all.value; });
  line(1, "20 nearest, contested places", [](FeatureScore const& f) { return f.contested.value; });
  line(2, "linear classifier, all places", [](FeatureScore const& f) { return f.probe; });
  line(3, "linear classifier, contested places", [](FeatureScore const& f) { return f.probe_contested; });
  line(4, "k-means clusters and regions: mutual information", [](FeatureScore const& f) { return f.clusters; });
  page->table(columns, rows, text(number(static_cast<double>(a.queries)), " tokens look among ", number(static_cast<double>(a.bank)),
                                  "; a token counts where one region covers 60 % of its patch. The linear classifier learns from at most "
                                  "1500 of them."));
  columns[0] = "Region named right by its 20 nearest, %", rows.clear();
  for (std::size_t r = 0; r < a.regions.size(); ++r) {
    if (a.tokens[r] < 20) continue;
    rows.push_back({text(a.regions[r], " (", a.tokens[r], ")")});
    for (auto const& f : a.features) rows.back().push_back(with_decimals(100 * f.recall[r], 1));
  }
  if (!rows.empty()) page->table(columns, rows, "Of all places; in brackets, how many tokens. Regions with fewer than 20 are left out.");
}

void matches(Page const& page, Judgement const& j) {
  Index same = 0, known = 0, all = 0;
  double moved = 0;
  for (auto const& q : j.queries)
    for (auto const& m : q.matches) {
      Index const region = region_at(j, q.film, q.place), g = j.grid();
      if (region >= 0) ++known, same += region == region_at(j, m.film, m.place);
      ++all, moved += std::hypot(static_cast<double>(m.place / g - q.place / g), static_cast<double>(m.place % g - q.place % g));
    }
  std::string const where = all > 0 ? text("they lie ", with_decimals(moved / static_cast<double>(all), 1),
                                           " patches away from the same place on average") : "";
  page->figure(known > 0 ? text("In ", same, " of ", known, " films the token most like the framed one shows the same region; ", where, ".")
                         : text("The token of each other film that is most like the framed one: do they show the same anatomy? ", where,
                                "."),
               "Left: a token of the first film (blue frame), at six fixed places. Right: in each other film the token with the largest "
               "cosine to it (amber frame), looked for in the whole film.",
               {page.keep("matches", match_panels(j))});
}

void tokens(Page const& page, Judgement const& j) {
  page->section("Tokens: does the code show anatomy?");
  page->prose(text("Every patch of ", j.patch, " × ", j.patch, " pixels becomes a token of ", j.width,
                   " numbers. If pre-training works, tokens of the same anatomy are alike, in different people and at different places. "
                   "The tokens are those of ", j.teacher ? "the teacher, whose weights are the ones to transfer" : "the encoder",
                       ", of clean films."));
  if (have_png() && j.components.size() > 0) {
    std::string const share = percent(j.ratio[0] + j.ratio[1] + j.ratio[2]);
    page->figure(j.untrained.size() > 0 ? "Equal colours mean alike tokens: compare where the borders run with the film, and with the "
                                          "tokens of the same encoder before it learned anything."
                                        : "Equal colours mean alike tokens: do their borders follow the anatomy of the film?",
                 text("Tokens: their first three principal components as red, green and blue, the same for all films; they hold ", share,
                      " of the variance.",
                      j.by_prototype.size() > 0 ? " Best prototype: each token in the mean colour of those that share its place and the "
                                                  "prototype with its highest score. Where all films look alike there, the prototype knows "
                                                  "the place only." : ""),
                 {page.keep("tokens", token_panels(j)) + (j.regions.size() > 0 ? region_key(j) : "")});
  }
  if (!j.anatomy.features.empty()) anatomy(page, j.anatomy);
  if (have_png() && !j.queries.empty()) matches(page, j);
}

}  // namespace

void report_films(Page const& page, Judgement const& j) {
  restoration(page, j);
  tokens(page, j);
}

}  // namespace afire::cli
