// afire/data/films.hpp -- the films of a manifest as 8-bit grey squares: read, resized, kept
//
//   Films films(Manifest("films.csv", {.where = "split=train"}), FilmReader<Png, Jpeg>{}, {.side = 224});
//   films.load(row, view);                             // (S, S) written; any number of threads at once
//   films.size(), films.name(row), films.broken()
//
// A film is squashed to S x S, as AFiRe does, whatever its proportions. A film that cannot be read is an error that names its path, its
// line and the reason. With skip_broken it is named once, counted, and the next good film of the manifest (after the last: the first)
// stands in for it; so the order of films stays a function of seed and epoch.
#pragma once
#include <afire/data/cache.hpp>
#include <afire/data/manifest.hpp>
#include <afire/data/resize.hpp>

namespace afire {

struct FilmsOptions {                      // how films become squares of grey levels
  Index side = 224;
  Filter filter = Filter::bilinear;
  Index cache_bytes = Index{2} << 30;            // of memory for decoded films; 0: none
  std::string cache_file = {};                   // decoded films kept for the next run; empty: none
  bool skip_broken = false;
  Tell tell = {};                                // is told of broken films and of what happens to the cache; may be called by any thread
};

class Films {
 public:
  struct Broken {
    Index row;
    std::string reason;                          // path, line and what is wrong
  };

  template <class Reader>
  Films(Manifest manifest, Reader reader, FilmsOptions options = {})
      : manifest_(std::move(manifest)), options_(std::move(options)), read_(reader) {
    expects(options_.side > 0, "films: a side of ", options_.side, " pixels");
    Hash64 key;
    key.add(manifest_.hash()), key.add(static_cast<std::uint64_t>(options_.side)), key.add(static_cast<std::uint64_t>(options_.filter));
    if constexpr (requires { reader.range; }) key.add(static_cast<std::uint64_t>(reader.range));
    state_ = std::make_unique<State>(static_cast<std::size_t>(size()));
    for (Index row = 0; row < size(); ++row) {
      struct stat about = {};
      std::string const path = manifest_.path(row);
      if (::stat(path.c_str(), &about) != 0) broke(row, text("cannot read ", path, ": ", std::strerror(errno)));
      key.add(static_cast<std::uint64_t>(about.st_size));
      key.add(static_cast<std::uint64_t>(about.st_mtim.tv_sec)), key.add(static_cast<std::uint64_t>(about.st_mtim.tv_nsec));
    }
    CacheFile const file{options_.cache_file, key.value(), options_.tell};
    cache_ = std::make_unique<FilmCache>(size(), options_.side, options_.cache_bytes, file);
  }

  Index size() const { return manifest_.size(); }
  Index side() const { return options_.side; }
  Manifest const& manifest() const { return manifest_; }
  std::string name(Index row) const { return manifest_.name(row); }

  void load(Index row,
            View<std::uint8_t, 2> film) const {  // (S, S) written
    if (!(0 <= row && row < size() && film.rows() == side() && film.cols() == side()))
      throw error(text("films: row ", row, " of ", size(), " films of ", side(), " x ", side(), " does not go into ", shape_text(film)));
    for (Index next = 0; next < size(); ++next)
      if (load_if_good((row + next) % size(), film)) return;
    auto const all = broken();
    throw error(text(manifest_.source(), ": none of its ", size(), " films can be read; the first: ", all.front().reason));
  }

  // The films that could not be read up to now, by row.
  std::vector<Broken> broken() const {
    std::lock_guard const lock(state_->mutex);
    auto all = state_->broken;
    std::sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.row < b.row; });
    return all;
  }

 private:
  struct State {
    explicit State(std::size_t films) : is_broken(films) {}
    std::vector<std::atomic<bool>> is_broken;
    std::mutex mutex;
    std::vector<Broken> broken;
  };

  bool load_if_good(Index row, View<std::uint8_t, 2> film) const {
    if (state_->is_broken[static_cast<std::size_t>(row)].load(std::memory_order_relaxed)) return false;
    if (cache_->get(row, film)) return true;
    try {
      Film const full = read_(manifest_.path(row));
      Resizer<std::uint8_t>{options_.filter}(full.plane(), film);
    } catch (error const& e) {
      broke(row, e.what());
      return false;
    }
    cache_->put(row, film);
    return true;
  }

  void broke(Index row, std::string const& reason) const {
    std::string const sentence = text(manifest_.place(row), ": ", reason);
    expects(options_.skip_broken, sentence);
    std::lock_guard const lock(state_->mutex);
    if (state_->is_broken[static_cast<std::size_t>(row)].exchange(true)) return;
    state_->broken.push_back({row, sentence});
    if (options_.tell) options_.tell(sentence);
  }

  Manifest manifest_;
  FilmsOptions options_;
  std::function<Film(std::string const&)> read_;
  std::unique_ptr<State> state_;
  std::unique_ptr<FilmCache> cache_;
};

}  // namespace afire
