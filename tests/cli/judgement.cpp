// What is measured of a model: features against regions, and a model that has not learned yet against itself.
#include <afire/backend/reference.hpp>
#include <afire/data/phantom.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <doctest/doctest.h>
#include <examples/cli/judgement.hpp>

using namespace afire;
using cli::Features;

namespace {

constexpr Index films = 16, places = 12, columns = 6;

// Regions 0, 1 and 2; which one a place shows depends on the film at odd places only.
Tensor<int, 2> some_regions() {
  Tensor<int, 2> label(films, places);
  Draws draws(Random(1, Purpose::test));
  for (Index f = 0; f < films; ++f)
    for (Index j = 0; j < places; ++j) label(f, j) = j % 2 == 0 ? static_cast<int>(j / 2 % 3) : static_cast<int>(draws.below(3));
  return label;
}

// Noise of the given size, a one in column code(film, place).
template <class Code>
Tensor<float, 3> features(std::uint64_t seed, double noise, Code code) {
  Tensor<float, 3> x(films, places, columns);
  Draws draws(Random(seed, Purpose::test));
  for (auto& v : x) v = static_cast<float>(noise * draws.normal());
  for (Index f = 0; f < films; ++f)
    for (Index j = 0; j < places; ++j)
      if (Index const c = code(f, j); c >= 0) x(f, j, c) += 1;
  return x;
}

constexpr ViTConfig vit{.image = 32, .patch = 8, .channels = 1, .width = 16, .depth = 1, .heads = 2};

// What ValidationFilms asks of a trainer.
struct NoTrainer {
  struct Config {
    ViTConfig vit;
  };
  struct Parts {
    Config sizes{vit};
    Config const& config() const { return sizes; }
  };
  Parts parts;
  SyntheticLesion lesion;
  Parts& method() { return parts; }
  SyntheticLesion const& masking() const { return lesion; }
};

}  // namespace

TEST_CASE("features that hold the region name it; those that hold the place fail where the region depends on the film") {
  auto const label = some_regions();
  auto const knows = features(2, 0.05, [&](Index f, Index j) { return label(f, j); });
  auto const random = features(3, 1.0, [](Index, Index) { return -1; });
  auto const place = features(4, 0.05, [](Index, Index j) { return j % columns; });
  Features const all[] = {{"knows", knows.view()}, {"random", random.view()}, {"place", place.view()}};
  auto const score = cli::score_anatomy(all, label, {"a", "b", "c"});
  REQUIRE(score.features.size() == 3);
  CHECK(score.bank_films == 8);
  CHECK(score.query_films == 8);
  CHECK(score.bank == 8 * places);
  CHECK(score.queries == 8 * places);
  CHECK(score.contested == 8 * places / 2);
  CHECK(score.regions == std::vector<std::string>{"a", "b", "c"});
  CHECK(score.tokens[0] + score.tokens[1] + score.tokens[2] == score.queries);

  CHECK(score.features[0].all.value == 1);
  CHECK(score.features[0].contested.low == 1);
  CHECK(score.features[0].probe_contested == 1);
  CHECK(score.features[0].clusters > 0.99);
  CHECK(score.features[0].recall == std::vector<double>{1, 1, 1});
  CHECK(score.features[1].all.value < 0.6);
  CHECK(score.features[2].contested.value < 0.6);
  CHECK(score.features[2].all.value > score.features[2].contested.value);
  CHECK(score.features[2].first_above.low > 0);
  CHECK(score.features[0].first_above.value == 0);
}

TEST_CASE("tokens without a region are left out; too few films, or tokens that are no numbers, give no score") {
  auto label = some_regions();
  for (Index f = 0; f < films; ++f)
    for (Index j = 1; j < places; j += 2) label(f, j) = -1;
  auto x = features(2, 0.05, [&](Index f, Index j) { return label(f, j); });
  Features const all[] = {{"knows", x.view()}};
  std::vector<std::string> const names = {"a", "b", "c"};
  auto const score = cli::score_anatomy(all, label, names);
  CHECK(score.queries == 8 * places / 2);
  CHECK(score.contested == 0);
  CHECK(std::isnan(score.features[0].contested.value));
  CHECK(score.features[0].all.value == 1);

  CHECK_THROWS_AS(cli::score_anatomy(all, label, {"a", "b"}), error);
  Features const few[] = {{"knows", x.view().slice(0, 3)}};
  CHECK(cli::score_anatomy(few, View<const int, 2>(label.data(), 3, places), names).features.empty());
  x(3, 2, 1) = std::numeric_limits<float>::quiet_NaN();
  CHECK(cli::score_anatomy(all, label, names).features.empty());
}

TEST_CASE("a model that has not made a step has the tokens of one before training, and judging leaves it as it was") {
  Reference cpu;
  Trainer trainer{cpu, Compute<float>{}, vit, PerPositionHead{.hidden = 16, .out = 8, .prototypes = 5},
                  TransformerDecoder{.width = 16, .depth = 1, .heads = 2}, SyntheticLesion{}, Teacher<Ema>{},
                  TokenContrast{Sinkhorn{}} + 1.0 * Restoration<Everywhere>{}, AdamW{}, TrainOptions{.batch = 4, .seed = 3}};
  PhantomFilms const phantoms{.count = 14, .seed = 2};
  ValidationFilms judges(trainer, phantoms, 14, 3);
  auto const mean = mean_film(phantoms, vit.image);
  auto const values = trainer.method().student_store().values();
  std::vector<float> const before(values.begin(), values.end());
  auto const j = cli::judge(trainer, judges, mean.view(), cli::phantom_truth(phantoms, 14, vit.image));
  CHECK(std::equal(before.begin(), before.end(), values.begin(), values.end()));

  CHECK(j.teacher);
  CHECK(j.film);
  CHECK(j.films == 14);
  CHECK(j.shown() == 12);
  CHECK(j.prototypes == 5);
  CHECK(j.names[3] == phantoms.name(3));
  REQUIRE(j.components.size() == 12 * vit.tokens() * 3);
  CHECK(std::equal(j.components.begin(), j.components.end(), j.untrained.begin(), j.untrained.end()));
  REQUIRE(j.anatomy.features.size() == 4);
  CHECK(j.anatomy.features[1].first_above.value == 0);
  CHECK(j.inside.pixels > 0);
  CHECK(j.inside.restored > 0);
  CHECK(j.nearer_than_mean <= j.with_lesions);
  CHECK(cli::summary(j).size() == 3 + 4 + 3);
  for (auto const k : j.prototype) CHECK((0 <= k && k < 5));
  for (auto const& q : j.queries) CHECK(q.matches.size() == 6);
}

TEST_CASE("a model without a teacher, and one without a decoder, are judged on what they have") {
  PhantomFilms const phantoms{.count = 5, .seed = 2};
  auto const mean = mean_film(phantoms, vit.image);
  NoTrainer none;
  ValidationFilms const judges(none, phantoms, 5, 3);
  auto const judged = [&](bool teacher, bool film) {
    cli::Observed o{.untrained = Tensor<float, 3>(5, vit.tokens(), vit.width), .blank = Tensor<float, 2>(vit.tokens(), vit.width)};
    o.validation.tokens = Tensor<float, 3>(5, vit.tokens(), vit.width);
    Draws draws(Random(5, Purpose::test));
    for (auto& x : o.validation.tokens) x = draws.uniform();
    o.untrained(3, 2, 1) = std::numeric_limits<float>::infinity();
    if (teacher) o.validation.scores = Tensor<float, 3>(5, vit.tokens(), 4);
    if (film) {
      o.restored = Tensor<float, 3>(5, vit.image, vit.image);
      for (Index p = 0; p < o.restored.size(); ++p) o.restored.data()[p] = judges.clean.data()[p];
    }
    cli::Judgement begun{.image = vit.image, .patch = vit.patch, .width = vit.width, .teacher = teacher, .film = film};
    return cli::conclude(std::move(begun), o, judges, mean.view(), {.unseen = false});
  };
  auto const restores = judged(false, true);
  CHECK(restores.prototype.size() == 0);
  CHECK(restores.by_prototype.size() == 0);
  CHECK(restores.components.size() > 0);
  CHECK(restores.untrained.size() == 0);                   // not finite
  CHECK(restores.anatomy.features.empty());
  CHECK(restores.names[1] == "film 2");
  CHECK(restores.with_lesions > 0);
  CHECK(restores.nearer_than_seen == restores.with_lesions);                  // the clean film itself
  CHECK(std::equal(restores.clean.begin(), restores.clean.end(), restores.restored.begin(), restores.restored.end()));
  auto const scores = judged(true, false);
  CHECK(scores.restored.size() == 0);
  CHECK(scores.inside.pixels == 0);
  CHECK(scores.prototypes == 4);
  CHECK(scores.by_prototype.size() > 0);
  CHECK(cli::summary(scores).empty());
}
