#include <examples/cli/anatomy.hpp>

#include <afire/eval/bootstrap.hpp>
#include <afire/eval/collapse.hpp>
#include <afire/eval/kmeans.hpp>
#include <afire/eval/knn.hpp>
#include <afire/eval/partition.hpp>
#include <afire/eval/probe.hpp>

namespace afire::cli {
namespace {

constexpr Index voters = 20, most_bank = 3000, most_queries = 2000, most_probe = 1500;
constexpr double contested_below = 0.8;

struct Token {
  Index film, place, region;
};

// Those of the films first ... end that have a region, at most `most` of them, evenly.
std::vector<Token> labelled(View<const int, 2> label, Index first, Index end, Index most) {
  std::vector<Token> all, some;
  for (Index f = first; f < end; ++f)
    for (Index j = 0; j < label.cols(); ++j)
      if (label(f, j) >= 0) all.push_back({f, j, label(f, j)});
  auto const n = static_cast<Index>(all.size());
  if (n <= most) return all;
  for (Index i = 0; i < most; ++i) some.push_back(all[static_cast<std::size_t>(spread(i, n))]);
  return some;
}

// At each place, the share of the films (of those where it has a region) that the most frequent region holds.
std::vector<double> agreement_of_places(View<const int, 2> label, Index regions) {
  std::vector<double> share;
  for (Index j = 0; j < label.cols(); ++j) {
    std::vector<Index> count(static_cast<std::size_t>(regions));
    Index all = 0;
    for (Index f = 0; f < label.rows(); ++f)
      if (label(f, j) >= 0) ++count[static_cast<std::size_t>(label(f, j))], ++all;
    share.push_back(static_cast<double>(*std::max_element(count.begin(), count.end())) / static_cast<double>(std::max<Index>(1, all)));
  }
  return share;
}

Tensor<float, 2> gather(View<const float, 3> rows, std::vector<Token> const& tokens) {
  Tensor<float, 2> x(static_cast<Index>(tokens.size()), rows.cols());
  for (std::size_t i = 0; i < tokens.size(); ++i)
    std::copy_n(&rows(tokens[i].film, tokens[i].place, 0), rows.cols(), x.data() + static_cast<Index>(i) * rows.cols());
  return x;
}

std::vector<Index> regions_of(std::vector<Token> const& tokens) {
  std::vector<Index> all;
  for (auto const& t : tokens) all.push_back(t.region);
  return all;
}

double mean_of(std::vector<double> const& right, std::span<Index const> rows) {
  double sum = 0;
  for (Index const r : rows) sum += right[static_cast<std::size_t>(r)];
  return rows.empty() ? not_defined : sum / static_cast<double>(rows.size());
}

// The mean over some of the queries, with an interval by drawing films.
Share share_of(std::vector<double> const& right, std::vector<Token> const& queries, std::vector<Index> const& which) {
  std::vector<Index> films;
  for (Index const i : which) films.push_back(queries[static_cast<std::size_t>(i)].film);
  if (films.empty()) return {not_defined, not_defined, not_defined};
  std::vector<double> chosen;
  for (Index const i : which) chosen.push_back(right[static_cast<std::size_t>(i)]);
  auto const interval = bootstrap(films, Random(1, Purpose::bootstrap), [&](std::span<Index const> rows) { return mean_of(chosen, rows);
  }, 1000);
  return {mean_of(right, which), interval.low, interval.high};
}

// One against the rest, the highest wins.
std::vector<Index> probed(View<const double, 2> bank, std::vector<Index> const& region, View<const double, 2> query, Index regions) {
  Tensor<double, 2> score(query.rows(), regions);
  std::fill(score.begin(), score.end(), -1e300);
  for (Index r = 0; r < regions; ++r) {
    std::vector<double> is;
    for (Index const k : region) is.push_back(k == r);
    auto const n = std::count(is.begin(), is.end(), 1.0);
    if (n == 0 || n == static_cast<Index>(is.size())) continue;
    auto const logit = fit_logistic(bank, is, {.C = 0.02, .tolerance = 1e-3, .iterations = 6})(query);
    for (Index i = 0; i < query.rows(); ++i) score(i, r) = logit[static_cast<std::size_t>(i)];
  }
  return best_class(score);
}

std::vector<double> hits(std::vector<Index> const& said, std::vector<Token> const& queries) {
  std::vector<double> right;
  for (std::size_t i = 0; i < said.size(); ++i) right.push_back(said[i] == queries[i].region);
  return right;
}

}  // namespace

AnatomyScore score_anatomy(std::span<Features const> features, View<const int, 2> label, std::vector<std::string> const& names) {
  AnatomyScore score;
  Index const films = label.rows(), regions = static_cast<Index>(names.size());
  if (films < 4 || features.empty()) return score;
  for (int const l : label) expects(l < regions, "anatomy: a token of region ", l, ", where there are ", regions, " names");
  for (auto const& f : features) {
    expects(f.rows.extent[0] == films && f.rows.extent[1] == label.cols(), "anatomy: features of shape ", shape_text(f.rows), ", labels ",
            shape_text(label));
    for (float const v : f.rows)
      if (!std::isfinite(v)) return score;
  }
  score.bank_films = films / 2, score.query_films = films - score.bank_films;
  auto const bank = labelled(label, 0, score.bank_films, most_bank), queries = labelled(label, score.bank_films, films, most_queries);
  score.bank = static_cast<Index>(bank.size()), score.queries = static_cast<Index>(queries.size());
  if (score.bank < 2 * voters || queries.empty()) return score;

  auto const unity = agreement_of_places(label, regions);
  std::vector<Index> everyone, contested, occurring;
  std::vector<std::vector<Index>> in(names.size());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    auto const at = static_cast<Index>(i);
    everyone.push_back(at), in[static_cast<std::size_t>(queries[i].region)].push_back(at);
    if (unity[static_cast<std::size_t>(queries[i].place)] < contested_below) contested.push_back(at);
  }
  score.contested = static_cast<Index>(contested.size());
  for (Index r = 0; r < regions; ++r)
    if (auto const at = static_cast<std::size_t>(r); !in[at].empty())
      occurring.push_back(r), score.regions.push_back(names[at]), score.tokens.push_back(static_cast<Index>(in[at].size()));

  auto const bank_regions = regions_of(bank), query_regions = regions_of(queries);
  std::vector<std::vector<double>> right;
  for (auto const& f : features) {
    auto const bank_rows = gather(f.rows, bank), query_rows = gather(f.rows, queries);
    Standardise const standard(bank_rows.view());
    auto const x = standard(bank_rows.view()), y = standard(query_rows.view());
    right.push_back(hits(best_class(knn_vote(nearest(x.view(), y.view(), voters), bank_regions, regions)), queries));
    FeatureScore s{.name = f.name, .all = share_of(right.back(), queries, everyone),
                   .contested = share_of(right.back(), queries, contested)};
    for (Index const r : occurring) s.recall.push_back(mean_of(right.back(), in[static_cast<std::size_t>(r)]));

    Index const rows = std::min(most_probe, score.bank);
    Tensor<double, 2> part(rows, x.extent(1));
    std::vector<Index> part_regions;
    for (Index i = 0; i < rows; ++i) {
      Index const from = spread(i, score.bank);
      std::copy_n(&x(from, 0), x.extent(1), &part(i, 0));
      part_regions.push_back(bank_regions[static_cast<std::size_t>(from)]);
    }
    auto const by_probe = hits(probed(part, part_regions, y, regions), queries);
    s.probe = mean_of(by_probe, everyone), s.probe_contested = mean_of(by_probe, contested);
    auto const clusters = kmeans(y.view(), std::min<Index>(static_cast<Index>(occurring.size()), score.queries),
                                 Random(1, Purpose::cluster),
                                 {.restarts = 2, .iterations = 30});
    s.clusters = agreement(query_regions, clusters.label).nmi;
    score.features.push_back(std::move(s));
  }
  for (std::size_t k = 0; k < right.size(); ++k) {
    auto difference = right[0];
    for (std::size_t i = 0; i < difference.size(); ++i) difference[i] -= right[k][i];
    score.features[k].first_above = share_of(difference, queries, contested);
  }
  return score;
}

}  // namespace afire::cli
