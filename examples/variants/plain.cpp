#include <algorithm>
#include <cmath>
#include <vector>

#include <examples/variants/plain.hpp>

namespace afire::cli::plain {
namespace {

using Row = std::vector<double>;
using Rows = std::vector<Row>;

// `count` rows of K numbers from row `first` on.
template <int Rank>
Rows rows_of(Tensor<double, Rank> const& x, Index first, Index count) {
  Index const K = x.extent(Rank - 1);
  Rows rows;
  for (Index n = first; n < first + count; ++n) rows.emplace_back(x.data() + n * K, x.data() + (n + 1) * K);
  return rows;
}
Rows view_of(Tensor<double, 2> const& x, Index v, Index views) {
  Index const B = x.extent(0) / views;
  return rows_of(x, v * B, B);
}
template <int Rank>
Rows all_rows(Tensor<double, Rank> const& x) { return rows_of(x, 0, x.size() / x.extent(Rank - 1)); }

Rows unit(Rows x) {
  for (auto& row : x) {
    double square = 0;
    for (double v : row) square += v * v;
    for (double& v : row) v /= std::sqrt(square);
  }
  return x;
}

double dot(Row const& x, Row const& y) {
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += x[k] * y[k];
  return sum;
}

void divide_by_sum(Row& row) {
  double sum = 0;
  for (double v : row) sum += v;
  for (double& v : row) v /= sum;
}

Rows assigned(Rows x, Targets const& how) {
  for (std::size_t k = 0; how.centred && k < x[0].size(); ++k) {
    double mean = 0;
    for (auto const& row : x) mean += row[k] / static_cast<double>(x.size());
    for (auto& row : x) row[k] -= mean;
  }
  for (auto& row : x)
    for (double& v : row) v = std::exp(v / how.temperature);
  for (Index round = 0; round < how.rounds; ++round) {
    for (std::size_t k = 0; k < x[0].size(); ++k) {
      double sum = 0;
      for (auto const& row : x) sum += row[k];
      for (auto& row : x) row[k] /= sum;
    }
    for (auto& row : x) divide_by_sum(row);
  }
  for (auto& row : x) divide_by_sum(row);
  return x;
}

// - sum_k target_k log softmax_k(s / t)
double cross_entropy(Row const& target, Row const& s, double t) {
  double sum = 0, of_all = 0;
  for (double v : s) sum += std::exp(v / t);
  for (std::size_t k = 0; k < s.size(); ++k) of_all -= target[k] * (s[k] / t - std::log(sum));
  return of_all;
}

// - log of row i's share of y_right among all y but y_left_out
double found(Row const& x, Rows const& y, std::size_t right, std::size_t left_out, double t) {
  double sum = 0;
  for (std::size_t m = 0; m < y.size(); ++m)
    if (m != left_out) sum += std::exp(dot(x, y[m]) / t);
  return std::log(sum) - dot(x, y[right]) / t;
}
constexpr std::size_t nobody = static_cast<std::size_t>(-1);

// Means over images of what is said at each place: (L, K).
Rows means_of(Tensor<double, 3> const& x) {
  auto const images = static_cast<std::size_t>(x.extent(0)), L = static_cast<std::size_t>(x.extent(1));
  Rows const all = all_rows(x);
  Rows mean(L, Row(all[0].size()));
  for (std::size_t n = 0; n < all.size(); ++n)
    for (std::size_t k = 0; k < all[n].size(); ++k) mean[n % L][k] += all[n][k] / static_cast<double>(images);
  return mean;
}

// The mean over untouched tokens of f(token, place).
template <class F>
double over_untouched(Said const& said, Rows const& tokens, F f) {
  double sum = 0, count = 0;
  for (std::size_t n = 0; n < tokens.size(); ++n)
    if (!said.map.data()[n]) sum += f(tokens[n], n % static_cast<std::size_t>(said.map.extent(1))), ++count;
  return sum / count;
}

}  // namespace

double cross_views(Said const& said, Targets targets, double t, bool own) {
  Index const V = said.views.student, G = said.views.teacher;
  double sum = 0, count = 0;
  for (Index a = 0; a < G; ++a) {
    Rows const target = assigned(own ? view_of(said.class_scores, a, V) : view_of(said.teacher_class_scores, a, G), targets);
    for (Index b = 0; b < V; ++b) {
      if (a == b) continue;
      Rows const s = view_of(said.class_scores, b, V);
      for (std::size_t n = 0; n < s.size(); ++n) sum += cross_entropy(target[n], s[n], t), ++count;
    }
  }
  return sum / count;
}

double masked_tokens(Said const& said, Targets targets, double t) {
  auto const images = static_cast<std::size_t>(said.teacher_scores.extent(0)), L = static_cast<std::size_t>(said.map.extent(1));
  Rows const target = assigned(all_rows(said.teacher_scores), targets), s = all_rows(said.scores);
  double sum = 0;
  for (std::size_t b = 0; b < images; ++b) {
    double image = 0, masked = 0;
    for (std::size_t n = b * L; n < (b + 1) * L; ++n)
      if (said.map.data()[n]) image += cross_entropy(target[n], s[n], t), ++masked;
    if (masked > 0) sum += image / masked;
  }
  return sum / static_cast<double>(images);
}

double contrast(Said const& said, Targets targets, double t) {
  Rows const target = assigned(means_of(said.teacher_scores), targets);
  return over_untouched(said, all_rows(said.scores), [&](Row const& s, std::size_t j) { return cross_entropy(target[j], s, t); });
}

double positions(Said const& said, double t) {
  Rows const centre = unit(means_of(said.teacher_scores));
  return over_untouched(said, unit(all_rows(said.scores)), [&](Row const& q, std::size_t j) { return found(q, centre, j, nobody, t); });
}

double nt_xent(Said const& said, double t) {
  Rows const z = unit(all_rows(said.class_scores));
  double sum = 0;
  for (std::size_t i = 0; i < z.size(); ++i) sum += found(z[i], z, (i + z.size() / 2) % z.size(), i, t);
  return sum / static_cast<double>(z.size());
}

double info_nce(Said const& said, double t) {
  double sum = 0;
  for (Index v = 0; v < 2; ++v) {
    Rows const p = unit(view_of(said.class_scores, v, 2)), k = unit(view_of(said.teacher_class_scores, 1 - v, 2));
    for (std::size_t i = 0; i < p.size(); ++i) sum += found(p[i], k, i, nobody, t) / static_cast<double>(p.size());
  }
  return sum;
}

double distance(Said const& said) {
  Rows const x = unit(view_of(said.class_scores, 0, 2)), y = unit(view_of(said.class_scores, 1, 2));
  double sum = 0;
  for (std::size_t n = 0; n < x.size(); ++n) sum += (2 - 2 * dot(x[n], y[n])) / static_cast<double>(x.size());
  return sum;
}

double vicreg(Said const& said, double invariance, double variance, double covariance) {
  Rows const views[] = {view_of(said.class_scores, 0, 2), view_of(said.class_scores, 1, 2)};
  auto const N = views[0].size(), C = views[0][0].size();
  double const width = static_cast<double>(C);
  double sum = 0;
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t c = 0; c < C; ++c)
      sum += invariance * std::pow(views[0][n][c] - views[1][n][c], 2) / (static_cast<double>(N) * width);
  for (Rows const& z : views) {
    Row mean(C);
    for (auto const& row : z)
      for (std::size_t c = 0; c < C; ++c) mean[c] += row[c] / static_cast<double>(N);
    for (std::size_t i = 0; i < C; ++i)
      for (std::size_t j = 0; j < C; ++j) {
        double together = 0;
        for (auto const& row : z) together += (row[i] - mean[i]) * (row[j] - mean[j]) / static_cast<double>(N - 1);
        if (i != j) sum += covariance * together * together / width;
        else sum += variance * std::max(0.0, 1 - std::sqrt(together + 1e-4)) / (2 * width);
      }
  }
  return sum;
}

}  // namespace afire::cli::plain
