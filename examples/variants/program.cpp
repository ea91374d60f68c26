#include <chrono>
#include <cmath>
#include <numeric>

#include <afire/io/differences.hpp>
#include <afire/train/fit.hpp>
#include <examples/cli/any_trainer.hpp>
#include <examples/cli/commands.hpp>
#include <examples/cli/program.hpp>
#include <examples/variants/program.hpp>

namespace afire::cli {
namespace {

// Options of AFiRe that a composition does not have are refused, so that none is taken in vain.
void refuse_unread(Variant const& v, Given const& flags) {
  std::vector<std::string> reads = {"decay", "pool"};
  for (char const* names : v.reads) {
    reads.emplace_back();
    for (char const* c = names; *c != 0; ++c)
      if (*c == ',') reads.emplace_back();
      else reads.back() += *c;
  }
  Settings const defaults;
  for (auto const& [name, word] : flags) {
    for_each_setting(defaults, [&, n = std::string_view(name), w = std::string_view(word)](Field const& field, auto const&) {
      if (n != field.name) return;
      bool const of_a_part = field.group == Group::method || n.starts_with("decoder-") || n.starts_with("head-") || n == "prototypes" ||
                             n == "ema" || n == "ema-end" || n == "freeze-epochs";
      bool const read = std::any_of(reads.begin(), reads.end(), [&](std::string const& pattern) { return fits_pattern(pattern, n); });
      demands(!of_a_part || read, v.name, ": --", n, " belongs to a part that this composition does not have");
      demands(n != "optimizer" || w == "adamw", v.name, ": --optimizer ", w, ": this program was built with adamw");
    });
  }
}

std::string three(double x) {
  char words[32];
  std::snprintf(words, sizeof words, "%.3g", x);
  return words;
}

Index grid_of(View<const unsigned char, 2> map) { return std::lround(std::sqrt(static_cast<double>(map.cols()))); }

double mean_square(View<const unsigned char, 3> films, Normalisation const& how, Index channels, View<const unsigned char, 2> map) {
  Index const S = films.extent[2], grid = map ? grid_of(map) : 1, P = S / grid;
  GreyPixels const pixel{films, how};
  double sum = 0, count = 0;
  for (Index b = 0; b < films.extent[0]; ++b)
    for (Index y = 0; y < S; ++y)
      for (Index x = 0; x < S; ++x) {
        if (map && !map(b, y / P * grid + x / P)) continue;
        for (Index c = 0; c < channels; ++c) sum += math::square(pixel(b, c, y, x)), ++count;
      }
  return count > 0 ? sum / count : 0;
}

// Mean of |x - y| over the pixels of spoilt patches, y normal with variance v.
double distance_to_noise(View<const unsigned char, 3> films, Normalisation const& how, Index channels, View<const unsigned char, 2> map,
                         double v) {
  Index const S = films.extent[2], grid = grid_of(map), P = S / grid;
  GreyPixels const pixel{films, how};
  double sum = 0, count = 0;
  for (Index b = 0; b < films.extent[0]; ++b)
    for (Index y = 0; y < S; ++y)
      for (Index x = 0; x < S; ++x) {
        if (!map(b, y / P * grid + x / P)) continue;
        for (Index c = 0; c < channels; ++c, ++count) {
          double const value = pixel(b, c, y, x);
          sum += std::sqrt(2 * v / 3.141592653589793) * std::exp(-value * value / (2 * v)) + value * std::erf(value / std::sqrt(2 * v));
        }
      }
  return count > 0 ? sum / count : 0;
}

// Of the mean square of scores (films, L, K), what their means over films have.
double common_share(Tensor<float, 3> const& scores) {
  double common = 0, all = 0;
  Index const films = scores.extent(0), each = films > 0 ? scores.size() / films : 0;
  for (Index i = 0; i < each; ++i) {
    double sum = 0;
    for (Index f = 0; f < films; ++f) {
      double const x = static_cast<double>(scores.data()[f * each + i]);
      sum += x, all += x * x;
    }
    common += sum * sum / static_cast<double>(films);
  }
  return all > 0 ? common / all : 1;
}

Beginning beginning_of(Settings const& s, Batch const& batch, Normalisation const& how, double common, Said const& said) {
  double const width = static_cast<double>(s.width), d = static_cast<double>(s.decoder_width);
  double const pixels = static_cast<double>(s.patch * s.patch * s.channels);
  return {s, said, static_cast<double>(s.batch), static_cast<double>(s.prototypes),
          static_cast<double>(math::square(s.image / s.patch)), mean_square(batch.clean.view(), how, s.channels, {}),
          mean_square(batch.clean.view(), how, s.channels, batch.lesion.view()), 2 * d / (d + pixels), common,
          distance_to_noise(batch.clean.view(), how, s.channels, batch.lesion.view(), 2 * width / (width + pixels))};
}

int check(Variant const& v, Settings s, Composition const& composition, Expectations (*begins)(Beginning const&),
          Said (*listen)(Settings const&, Micro<GreyPixels> const&)) {
  demands(s.accumulate == 1, v.name, ": --check looks at the first micro-batch; --accumulate must be 1, here it is ", s.accumulate);
  use_only(s, composition);
  FilmSet const films = open_films(s);
  AnyTrainer trainer = made_trainer(composition, s);
  Index const per_epoch = films.source.size() / trainer.films_per_step();
  Index const steps = v.settles + (s.steps > 0 ? s.steps : per_epoch * s.epochs);
  demands(per_epoch > 0 && steps >= 10, v.name, ": --check needs ten steps at least; here are ", steps);
  trainer.schedule(per_epoch, std::max<Index>(1, (steps + per_epoch - 1) / per_epoch));
  auto const& options = trainer.options();
  Loader loader(films.source, trainer.masking(),
                LoaderOptions{.batch = trainer.films_per_step(), .side = s.image, .patch = s.patch, .seed = options.seed,
                              .threads = s.loader_threads, .micro = options.batch});
  ValidationFilms judges(trainer, films.source, s.monitor_films, options.seed);
  Tensor<float, 2> const mean = mean_film(films.source, s.image, 32);
  Validation const before = validate(trainer.subject, judges, mean.view());
  double const untrained = image_spread(before.images.view()), common = common_share(before.scores);

  std::vector<std::string> wrong;
  std::vector<double> losses;
  std::vector<Micro<GreyPixels>> micros(static_cast<std::size_t>(options.accumulate));
  double seconds = 0;
  std::string begun;
  for (Index step = 0; step < steps; ++step) {
    Batch const& batch = loader.next();
    set_micros(micros, batch, options.normalisation);
    Said const said = step == 0 ? listen(s, micros[0]) : Said{};
    auto const begun_at = std::chrono::steady_clock::now();
    Terms const terms = trainer.step(std::span(micros));
    if (step > 0) seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_at).count();
    losses.push_back(terms.at(v.falls));
    if (step > 0) continue;
    for (auto const& e : begins(beginning_of(s, batch, options.normalisation, common, said))) {
      double const is = terms.at(e.term, std::nan(""));
      begun += text(begun.empty() ? "" : ", ", e.term, " ", three(is), " (", three(e.value), ")");
      if (!(std::fabs(is - e.value) <= e.tolerance * std::fabs(e.value) + 1e-6))
        wrong.push_back(text(e.term, " begins at ", three(is), ", theory says ", three(e.value), " within ", 100 * e.tolerance, " %"));
    }
  }
  auto const fifth = static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, (losses.size() - static_cast<std::size_t>(v.settles)) / 5));
  auto const settled = losses.begin() + v.settles;
  double const first = std::accumulate(settled, settled + fifth, 0.0) / static_cast<double>(fifth);
  double const last = std::accumulate(losses.end() - fifth, losses.end(), 0.0) / static_cast<double>(fifth);
  if (!(last < first))
    wrong.push_back(text(v.falls, " does not fall: ", three(first), " over the first fifth, ", three(last), " over the last"));
  double const spread = image_spread(validate(trainer.subject, judges, mean.view()).images.view());
  if (!(spread >= spread_floor * untrained))
    wrong.push_back(text("features collapse: the spread between images is ", three(spread), ", before training it was ", three(untrained)));

  Index bytes = 0;
  for (auto const& [name, value] : trainer.sizes.memory.object()) bytes += value.integer();
  double const rate = static_cast<double>((steps - 1) * trainer.films_per_step()) / seconds;
  std::printf("%-28s %11s %8.1f %8.1f  %9.4g %9.4g  %8.2g %8.2g  %s\n", v.name,
              std::to_string(trainer.sizes.parameters.at("all").integer()).c_str(), static_cast<double>(bytes) / 1048576, rate, first, last,
              untrained, spread, begun.c_str());
  for (auto const& sentence : wrong) std::printf("  FAILED %s: %s\n", v.name, sentence.c_str());
  return wrong.empty() ? 0 : 1;
}

}  // namespace

double untrained_cross_entropy(double prototypes, double width, double t, double sharp, double common) {
  auto const K = static_cast<std::size_t>(prototypes);
  Draws draws(Random(1, Purpose::test));
  std::vector<double> s(K), target(K);
  double total = 0;
  constexpr int heads = 2000;
  for (int head = 0; head < heads; ++head) {
    double sum = 0, all = 0, expected = 0;
    for (std::size_t k = 0; k < K; ++k) {
      double const of_all = std::sqrt(common / width) * draws.normal();
      s[k] = of_all + std::sqrt((1 - common) / width) * draws.normal();
      sum += std::exp(s[k] / t), all += target[k] = sharp > 0 ? std::exp(of_all / sharp) : 1;
    }
    for (std::size_t k = 0; k < K; ++k) expected += target[k] / all * s[k] / t;
    total += std::log(sum) - expected;
  }
  return total / heads;
}

Expectation contrast_begins(Beginning const& b) {
  auto const& s = b.settings;
  double const width = static_cast<double>(s.head_out);
  return {"contrast", untrained_cross_entropy(b.prototypes, width, s.temperature, s.sinkhorn_temperature, b.common), 0.1};
}
Expectation restoration_begins(Beginning const& b) { return {"restoration", b.second_moment + b.restored, 0.1}; }
Expectation lesion_restoration_begins(Beginning const& b) { return {"restoration", b.masked_moment + b.restored, 0.15}; }

int run_variant(int argc, char** argv, Variant const& v, Composition const& composition, Expectations (*begins)(Beginning const&),
                Said (*listen)(Settings const&, Micro<GreyPixels> const&)) {
  return run_program(argv, [&] {
    Settings defaults;
    if (v.presets) v.presets(defaults);
    Request const r = read_variant_line(argc, argv, v.name, v.what, defaults);
    if (r.command.empty()) return 0;                       // help was printed
    refuse_unread(v, r.flags);
    Settings const s = settings_of(r, defaults);
    return r.check ? check(v, s, composition, begins, listen) : pretrain(r, s, &composition);
  });
}

}  // namespace afire::cli
