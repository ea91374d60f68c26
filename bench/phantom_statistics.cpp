// Do phantoms look like films to statistics? For each statistic of a film: its 5th, 50th and 95th percentile over real films and over as
// many phantoms, and the share of phantoms within the real films' 5th to 95th. A line whose phantom median lies outside is marked.
//
//   ./run bench phantom_statistics [manifest.csv [where]]        // default: $AFIRE_FILMS/manifest.csv, the normal training films of NIH
//
// needs: jpeg
#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <numbers>
#include <string>
#include <vector>

#include <afire/data/films.hpp>
#include <afire/data/jpeg.hpp>
#include <afire/data/phantom.hpp>
#include <afire/data/read_film.hpp>

using namespace afire;

namespace {

constexpr Index side = 224, pixels = side * side, bins = 256;
using Grey = std::vector<std::uint8_t>;      // (S, S)
using Numbers = std::vector<double>;

template <class Source>
std::vector<Grey> load_all(Source const& source) {
  std::vector<Grey> all(static_cast<std::size_t>(source.size()), Grey(static_cast<std::size_t>(pixels)));
  for (Index row = 0; row < source.size(); ++row)
    source.load(row, View<std::uint8_t, 2>(all[static_cast<std::size_t>(row)].data(), side, side));
  return all;
}

double mean(Numbers const& x) {
  double sum = 0;
  for (double v : x) sum += v;
  return sum / static_cast<double>(x.size());
}

double correlation(Numbers const& x, Numbers const& y) {
  double const mx = mean(x), my = mean(y);
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    double const dx = x[i] - mx, dy = y[i] - my;
    xy += dx * dy, xx += dx * dx, yy += dy * dy;
  }
  return xy / std::sqrt(xx * yy + 1e-12);
}

double quantile(Numbers x, double q) {
  auto const at = x.begin() + static_cast<Index>(std::lround(q * static_cast<double>(x.size() - 1)));
  std::nth_element(x.begin(), at, x.end());
  return *at;
}

// What a set of films has in common.
struct Common {
  Numbers mean, deviation, histogram;        // (S, S), (S, S), (256): grey averaged, its standard deviation, share of each grey

  explicit Common(std::vector<Grey> const& films) : mean(pixels), deviation(pixels), histogram(bins) {
    double const n = static_cast<double>(films.size());
    for (Grey const& film : films)
      for (std::size_t i = 0; i < film.size(); ++i)
        mean[i] += film[i] / n, deviation[i] += film[i] * film[i] / n, histogram[film[i]] += 1 / n / static_cast<double>(pixels);
    for (std::size_t i = 0; i < mean.size(); ++i) deviation[i] = std::sqrt(std::max(0.0, deviation[i] - mean[i] * mean[i]));
  }
};

// Grey levels by which a pixel must be moved on average to make one histogram of the other.
double histogram_distance(Numbers const& a, Numbers const& b) {
  double ahead = 0, sum = 0;
  for (std::size_t g = 0; g < a.size(); ++g) ahead += a[g] - b[g], sum += std::fabs(ahead);
  return sum;
}

using Complex = std::complex<double>;

void fourier(Complex* x, Index n, Index stride) {
  std::vector<Complex> half(static_cast<std::size_t>(n));
  for (Index i = 0; i < n; ++i) half[static_cast<std::size_t>(i)] = x[i * stride];
  for (Index i = 1, j = 0; i < n; ++i) {
    Index bit = n / 2;
    for (; j & bit; bit /= 2) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(half[static_cast<std::size_t>(i)], half[static_cast<std::size_t>(j)]);
  }
  for (Index length = 2; length <= n; length *= 2) {
    double const angle = -2 * std::numbers::pi / static_cast<double>(length);
    Complex const turn(std::cos(angle), std::sin(angle));
    for (Index start = 0; start < n; start += length) {
      Complex w = 1;
      for (Index k = 0; k < length / 2; ++k, w *= turn) {
        Complex& a = half[static_cast<std::size_t>(start + k)];
        Complex& b = half[static_cast<std::size_t>(start + k + length / 2)];
        Complex const t = w * b;
        b = a - t, a += t;
      }
    }
  }
  for (Index i = 0; i < n; ++i) x[i * stride] = half[static_cast<std::size_t>(i)];
}

// Exponent of the power spectrum, averaged over directions: the slope of log power against log frequency from 3 to 90 periods a film.
double spectrum_slope(Grey const& film, double film_mean) {
  constexpr Index n = 256;
  std::vector<Complex> x(n * n);
  auto const window = [](Index i) { return 0.5 - 0.5 * std::cos(2 * std::numbers::pi * (static_cast<double>(i) + 0.5) / side); };
  for (Index r = 0; r < side; ++r)
    for (Index c = 0; c < side; ++c)
      x[static_cast<std::size_t>(r * n + c)] = (film[static_cast<std::size_t>(r * side + c)] - film_mean) * window(r) * window(c);
  for (Index r = 0; r < n; ++r) fourier(&x[static_cast<std::size_t>(r * n)], n, 1);
  for (Index c = 0; c < n; ++c) fourier(&x[static_cast<std::size_t>(c)], n, n);
  Numbers power(n), count(n);
  for (Index r = 0; r < n; ++r)
    for (Index c = 0; c < n; ++c) {
      double const v = static_cast<double>(std::min(r, n - r)), u = static_cast<double>(std::min(c, n - c));
      auto const k = static_cast<std::size_t>(std::lround(std::sqrt(u * u + v * v) * side / n));
      power[k] += std::norm(x[static_cast<std::size_t>(r * n + c)]), ++count[k];
    }
  Numbers frequency, level;
  for (std::size_t k = 3; k < 90; ++k)
    frequency.push_back(std::log(static_cast<double>(k))), level.push_back(std::log(power[k] / count[k] + 1e-9));
  double const mf = mean(frequency), ml = mean(level);
  double fl = 0, ff = 0;
  for (std::size_t k = 0; k < level.size(); ++k) {
    double const f = frequency[k] - mf;
    fl += f * (level[k] - ml), ff += f * f;
  }
  return fl / ff;
}

char const* const statistics[] = {
    "mean grey",
    "standard deviation",
    "5th percentile of grey",
    "25th",
    "50th",
    "75th",
    "95th",
    "histogram from the real films' mean one",
    "correlation with the real films' mean film",
    "slope of the power spectrum",
    "left against right, mean difference",
    "between neighbours, mean difference"};

std::map<std::string, Numbers> describe(std::vector<Grey> const& films, Common const& real) {
  std::map<std::string, Numbers> all;
  for (Grey const& film : films) {
    Numbers const grey(film.begin(), film.end());
    Common const own({film});
    double const m = mean(grey);
    double square = 0, mirrored = 0, step = 0;
    for (Index r = 0; r < side; ++r)
      for (Index c = 0; c < side; ++c) {
        auto const i = static_cast<std::size_t>(r * side + c);
        square += (grey[i] - m) * (grey[i] - m);
        mirrored += std::fabs(grey[i] - grey[static_cast<std::size_t>(r * side + side - 1 - c)]);
        if (c > 0) step += std::fabs(grey[i] - grey[i - 1]);
      }
    Numbers values = {m, std::sqrt(square / pixels)};
    for (double const q : {0.05, 0.25, 0.5, 0.75, 0.95}) values.push_back(quantile(grey, q));
    values.push_back(histogram_distance(own.histogram, real.histogram));
    values.push_back(correlation(grey, real.mean));
    values.push_back(spectrum_slope(film, m));
    values.push_back(mirrored / pixels);
    values.push_back(step / (side * (side - 1)));
    for (std::size_t s = 0; s < values.size(); ++s) all[statistics[s]].push_back(values[s]);
  }
  return all;
}

void compare(std::vector<Grey> const& real, std::vector<Grey> const& drawn) {
  Common const r(real), d(drawn);
  auto const of_real = describe(real, r), of_drawn = describe(drawn, r);
  std::printf("%zu real films, %zu phantoms\n\n%-44s %8s %8s %8s %10s %8s %8s %8s\n", real.size(), drawn.size(), "of each film", "real 5%",
              "50%", "95%", "phantom 5%", "50%", "95%", "within");
  for (char const* name : statistics) {
    Numbers const &x = of_real.at(name), &y = of_drawn.at(name);
    double const low = quantile(x, 0.05), high = quantile(x, 0.95), middle = quantile(y, 0.5);
    auto const within = std::count_if(y.begin(), y.end(), [&](double v) { return low <= v && v <= high; });
    std::printf("%-44s %8.2f %8.2f %8.2f %10.2f %8.2f %8.2f %7.0f%%%s\n", name, low, quantile(x, 0.5), high, quantile(y, 0.05), middle,
                quantile(y, 0.95), 100.0 * static_cast<double>(within) / static_cast<double>(y.size()),
                low <= middle && middle <= high ? "" : "  outside");
  }
  double square = 0;
  for (std::size_t i = 0; i < r.mean.size(); ++i) square += (r.mean[i] - d.mean[i]) * (r.mean[i] - d.mean[i]) / pixels;
  std::printf("\nof all films together\n");
  std::printf("mean film: correlation %.3f, root mean square difference %.1f grey levels\n", correlation(r.mean, d.mean),
              std::sqrt(square));
  std::printf("mean histogram: %.1f grey levels apart\n", histogram_distance(r.histogram, d.histogram));
  std::printf("between films: standard deviation of a pixel %.1f real, %.1f phantom; correlation of the two maps %.3f\n", mean(r.deviation),
              mean(d.deviation), correlation(r.deviation, d.deviation));
}

}  // namespace

int main(int argc, char** argv) {
  char const* const folder = std::getenv("AFIRE_FILMS");
  std::string const manifest = argc > 1 ? argv[1] : std::string(folder ? folder : "../shared/data/films") + "/manifest.csv";
  try {
    Films const films(Manifest(manifest, {.where = argc > 2 ? argv[2] : "source=nih_chestxray14,normal=1,split=train"}), FilmReader<Jpeg>{},
                      {.side = side, .cache_bytes = 0});
    compare(load_all(films), load_all(PhantomFilms{.count = films.size(), .seed = 1}));
  } catch (error const& e) {
    std::printf("phantom_statistics: %s\n", e.what());
    std::printf("It compares phantoms with real films: give it a manifest, or set AFIRE_FILMS to a folder with one.\n");
    return argc > 1 ? 1 : 0;
  }
}
