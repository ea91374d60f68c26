// The one file that sees the film readers.
#include <examples/cli/films.hpp>

#include <afire/data/overlap.hpp>
#include <afire/data/phantom.hpp>
#ifdef AFIRE_HAVE_JPEG
#include <afire/data/jpeg.hpp>
#endif
#ifdef AFIRE_HAVE_PNG
#include <afire/data/png.hpp>
#endif
#include <afire/data/read_film.hpp>

#include <map>

namespace afire::cli {
namespace {

#if defined(AFIRE_HAVE_PNG) && defined(AFIRE_HAVE_JPEG)
using Reader = FilmReader<Png, Jpeg>;
#elif defined(AFIRE_HAVE_PNG)
using Reader = FilmReader<Png>;
#elif defined(AFIRE_HAVE_JPEG)
using Reader = FilmReader<Jpeg>;
#else
struct Reader {
  Range range = Range::full;
  Film operator()(std::string const& path) const {
    throw error(text("cannot read ", path,
                     ": this program was built without libpng and libjpeg; install libpng-dev and libjpeg62-turbo-dev "
                     "and build again, or use --phantom"));
  }
};
#endif

constexpr std::uint64_t training_phantoms = 1, validation_phantoms = 2;

void tell(std::string const& sentence) { std::fprintf(stderr, "%s\n", sentence.c_str()); }

Range range_of(std::string const& name) {
  return name == "12bit"         ? Range::twelve_bits
         : name == "minmax"      ? Range::min_max
         : name == "percentiles" ? Range::percentiles
                                 : Range::full;
}

FilmSet phantoms(Settings const& s, Index count, std::uint64_t seed) {
  demands(s.image >= 32, "--image is ", s.image, "; procedural films have at least 32 pixels a side");
  PhantomFilms const films{.count = count, .seed = seed};
  auto const drawn = std::make_shared<FilmCache>(count, s.image, s.cache_mib << 20);
  FilmSet set;
  set.source = {count,
                [films, drawn](Index row, View<std::uint8_t, 2> film) {
                  if (drawn->get(row, film)) return;
                  films.load(row, film);
                  drawn->put(row, film);
                },
                [films](Index row) { return films.name(row); }};
  set.fingerprint = text(count, " phantoms of seed ", seed);
  set.phantoms = std::make_shared<PhantomFilms const>(films);
  return set;
}

FilmSet files(Settings const& s, std::string const& path, std::string const& where) {
  FilmsOptions const options{
      .side = s.image, .cache_bytes = s.cache_mib << 20, .cache_file = s.disk_cache, .skip_broken = s.skip_broken, .tell = tell};
  auto const films = std::make_shared<Films const>(Manifest(path, {.where = where}), Reader{range_of(s.range)}, options);
  FilmSet set;
  set.source = {films->size(), [films](Index row, View<std::uint8_t, 2> film) { films->load(row, film); },
                [films](Index row) { return films->name(row); }};
  char hash[24];
  std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(films->manifest().hash()));
  set.fingerprint = text(films->size(), " films ", hash);
  set.files = films;
  return set;
}

}  // namespace

FilmSet open_films(Settings const& s) {
  demands(s.films.empty() || s.phantom == 0, "both --films and --phantom are given; choose one");
  demands(!s.films.empty() || s.phantom > 0, "no films: give --films MANIFEST, --films FOLDER or --phantom N");
  return s.phantom > 0 ? phantoms(s, s.phantom, training_phantoms) : files(s, s.films, s.where);
}

FilmSet open_validation(Settings const& s, FilmSet const& training) {
  demands(s.validation.empty() || s.validation_phantom == 0, "both --validation and --validation-phantom are given; choose one");
  if (s.validation_phantom > 0) return phantoms(s, s.validation_phantom, validation_phantoms);
  Settings own = s;
  own.disk_cache.clear();                                // one file holds the films of one set
  FilmSet set = files(own, s.validation, s.validation_where);
  expect_apart(training, set, s);
  return set;
}

void expect_apart(FilmSet const& a, FilmSet const& b, Settings const& s) {
  if (!a.files || !b.files || s.allow_shared) return;
  try {
    afire::expect_apart(*a.files, *b.files);
  } catch (error const& e) { throw error(text(e.what(), ": --allow-shared")); }
}

Labels labels_of(FilmSet const& set, std::string const& positive, std::string const& column) {
  expects(set.files != nullptr, "labels stand in a manifest; procedural films have none (afire phantom writes films with a manifest)");
  Manifest const& manifest = set.files->manifest();
  Labels labels{manifest.labels(positive), {}, {}};
  for (Index row = 0; row < manifest.size(); ++row) {
    labels.patient.push_back(manifest.has_patients() ? manifest.patient(row) : manifest.name(row));
    if (!column.empty()) labels.group.push_back(manifest.value(row, column));
  }
  return labels;
}

std::string png_bytes(Film const& picture) {
#ifdef AFIRE_HAVE_PNG
  return encode_png(picture);
#else
  throw error(text("cannot write a picture of ", picture.height, " x ", picture.width,
                   " pixels: this program was built without libpng; install "
                   "libpng-dev and build again"));
#endif
}

std::vector<std::string> FilmSet::broken() const {
  std::vector<std::string> all;
  if (files)
    for (auto const& film : files->broken()) all.push_back(film.reason);
  return all;
}

Json FilmSet::facts(Settings const& s) const {
  Json facts = json_object({{"films", source.size()}, {"fingerprint", fingerprint}});
  double grey = 0;
  Index const n = std::min<Index>(512, source.size());
  Tensor<std::uint8_t, 2> film(s.image, s.image);
  for (Index row = 0; row < n; ++row) {
    source.load(row, film);
    double sum = 0;
    for (auto const pixel : film) sum += pixel;
    grey += sum / static_cast<double>(film.size() * n);
  }
  facts.set("mean_grey", grey);
  facts.set("mean_grey_of", n);
  if (!files) return facts;
  Manifest const& manifest = files->manifest();
  facts.set("source", manifest.source());
  if (manifest.left_out() > 0) facts.set("other_files_in_the_folder", manifest.left_out());
  auto const counts = [&](auto value) {
    std::map<std::string, Index> of;
    for (Index row = 0; row < manifest.size(); ++row) ++of[value(row)];
    return of;
  };
  if (manifest.has_patients()) facts.set("patients", counts([&](Index row) { return manifest.patient(row); }).size());
  for (auto const* column : {"split", "view", "normal"}) {
    if (!manifest.has(column)) continue;
    Json all{Json::Object{}};
    for (auto const& [value, count] : counts([&](Index row) { return manifest.value(row, column); }))
      all.set(value.empty() ? "(empty)" : value, count);
    facts.set(column, std::move(all));
  }
  return facts;
}

}  // namespace afire::cli
