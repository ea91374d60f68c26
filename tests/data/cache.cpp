// Decoded films in memory and in a file: bounds, threads, and every way in which the file can be wrong.
#include <doctest/doctest.h>

#include <sys/resource.h>
#include <signal.h>

#include <thread>

#include <afire/core/rng.hpp>
#include <afire/core/tensor.hpp>
#include <afire/data/cache.hpp>

#include "tests/support/child.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary.hpp"

using namespace afire;

namespace {

constexpr Index side = 8, rows = 5, header = 64, record = 8 + side * side;

Tensor<std::uint8_t, 2> film_of(Index row, std::uint64_t seed = 1) {
  Tensor<std::uint8_t, 2> film(side, side);
  Random const random(seed, Purpose::test, 0, static_cast<std::uint64_t>(row));
  for (Index i = 0; i < film.size(); ++i) film.data()[i] = static_cast<std::uint8_t>(random.bits(static_cast<std::uint64_t>(i)));
  return film;
}

bool has(FilmCache const& cache, Index row, std::uint64_t seed = 1) {
  Tensor<std::uint8_t, 2> film(side, side);
  if (!cache.get(row, film)) return false;
  auto const wanted = film_of(row, seed);
  REQUIRE(std::equal(film.begin(), film.end(), wanted.begin()));
  return true;
}

void fill(FilmCache& cache, std::uint64_t seed = 1) {
  for (Index row = 0; row < rows; ++row) cache.put(row, film_of(row, seed));
}

struct Told {
  std::vector<std::string> sentences;
  Tell tell() {
    return [this](std::string const& sentence) { sentences.push_back(sentence); };
  }
};

}  // namespace

TEST_CASE("in memory are as many films as fit") {
  FilmCache cache(rows, side, 3 * side * side + 10);
  CHECK(cache.rows_in_memory() == 3);
  CHECK_FALSE(has(cache, 1));
  fill(cache);
  CHECK(has(cache, 0));
  CHECK(has(cache, 2));
  CHECK_FALSE(has(cache, 3));
  FilmCache const none(rows, side, 0);
  CHECK(none.rows_in_memory() == 0);
  CHECK_FALSE(has(none, 0));
}

TEST_CASE("a file keeps all of them for the next run") {
  afire_test::TemporaryFolder const folder;
  Told told;
  CacheFile const file{folder / "films.cache", 42, told.tell()};
  {
    FilmCache cache(rows, side, 0, file);
    CHECK_FALSE(has(cache, 2));
    fill(cache);
    CHECK(has(cache, 2));
  }
  FilmCache const cache(rows, side, 2 * side * side, file);
  for (Index row = 0; row < rows; ++row) CHECK(has(cache, row));
  for (Index row = 0; row < rows; ++row) CHECK(has(cache, row));
  CHECK(read_file(file.path).size() == header + rows * record);
  CHECK(told.sentences.empty());
}

TEST_CASE("a file of other films, sizes or settings is made anew, and that is told") {
  afire_test::TemporaryFolder const folder;
  auto const path = folder / "films.cache";
  {
    FilmCache cache(rows, side, 0, {path, 42});
    fill(cache);
  }
  Told told;
  FilmCache cache(rows, side, 0, {path, 43, told.tell()});
  CHECK(told.sentences == std::vector<std::string>{path + ": this film cache is damaged, or of other films or settings; it is made anew"});
  for (Index row = 0; row < rows; ++row) CHECK_FALSE(has(cache, row));
  fill(cache, 2);
  CHECK(has(cache, 4, 2));
  FilmCache const longer(rows + 1, side, 0, {path, 43, told.tell()});
  CHECK(told.sentences.size() == 2);
  CHECK_FALSE(has(longer, 4, 2));
}

TEST_CASE("a file that is cut short is made anew") {
  afire_test::TemporaryFolder const folder;
  auto const path = folder / "films.cache";
  FilmCache whole(rows, side, 0, {path, 42});
  fill(whole);
  auto const bytes = read_file(path);
  for (std::size_t const n : {std::size_t{1}, std::size_t{10}, std::size_t{63}, std::size_t{64}, bytes.size() - 1}) {
    replace_file(path, bytes.substr(0, n));
    Told told;
    FilmCache cache(rows, side, 0, {path, 42, told.tell()});
    CHECK(told.sentences.size() == 1);
    CHECK_FALSE(has(cache, 0));
    fill(cache);
    CHECK(read_file(path) == bytes);
  }
}

TEST_CASE("a damaged film in the file is told, read anew and written again") {
  afire_test::TemporaryFolder const folder;
  auto const path = folder / "films.cache";
  FilmCache whole(rows, side, 0, {path, 42});
  fill(whole);
  auto const bytes = read_file(path);
  for (Index const at : {header + 2 * record, header + 2 * record + 7, header + 2 * record + 8, header + 3 * record - 1}) {
    auto damaged = bytes;
    damaged[static_cast<std::size_t>(at)] = static_cast<char>(damaged[static_cast<std::size_t>(at)] ^ 4);
    replace_file(path, damaged);
    Told told;
    FilmCache cache(rows, side, 0, {path, 42, told.tell()});
    CHECK(has(cache, 1));
    CHECK(has(cache, 3));
    CHECK_FALSE(has(cache, 2));
    CHECK(told.sentences == std::vector<std::string>{path + ": film 2 is damaged there and is read anew"});
    cache.put(2, film_of(2));
    CHECK(has(cache, 2));
    CHECK(read_file(path) == bytes);
  }
}

TEST_CASE("a file of another kind is left alone") {
  afire_test::TemporaryFolder const folder;
  auto const path = folder / "films.csv";
  replace_file(path, "file\na.png\n");
  CHECK(afire_test::message([&] { FilmCache(rows, side, 0, {path, 42}); }) ==
        "cannot use " + path + " as film cache: it is a file of another kind; choose another name or remove it");
  CHECK(read_file(path) == "file\na.png\n");
  CHECK(afire_test::message([&] { FilmCache(rows, side, 0, {folder / "no/where", 42}); }) ==
        "cannot open the film cache " + (folder / "no/where") + ": No such file or directory");
  CHECK(afire_test::message([&] { FilmCache(rows, side, 0, {"/dev/null", 42}); }) ==
        "cannot use /dev/null as film cache: it is not an ordinary file");
}

TEST_CASE("a full disk ends the storing with one sentence; the films remain") {
  afire_test::TemporaryFolder const folder;
  auto const path = folder / "films.cache";
  int const signal = afire_test::signal_of_child([&] {
    Told told;
    FilmCache cache(rows, side, 1 << 20, {path, 42, told.tell()});
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit const limit{header + 2 * record, RLIM_INFINITY};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) throw error("no limit");
    fill(cache);
    expects(told.sentences.size() == 1 && told.sentences[0].starts_with(path + ": cannot write more films: "), "not told");
    for (Index row = 0; row < rows; ++row) expects(has(cache, row), "film ", row);
  });
  CHECK(signal == 0);
  FilmCache const cache(rows, side, 0, {path, 42});
  CHECK(has(cache, 1));
  CHECK_FALSE(has(cache, 2));
}

TEST_CASE("any number of threads, and two caches on one file") {
  afire_test::TemporaryFolder const folder;
  Told told;
  FilmCache one(rows, side, 2 * side * side, {folder / "films.cache", 42, told.tell()});
  FilmCache two(rows, side, 0, {folder / "films.cache", 42, told.tell()});
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        FilmCache& cache = t % 2 ? one : two;
        Tensor<std::uint8_t, 2> film(side, side);
        for (Index i = 0; i < 300; ++i) {
          Index const row = (i * 7 + t) % rows;
          auto const wanted = film_of(row);
          if (!cache.get(row, film)) cache.put(row, wanted);
          else if (!std::equal(film.begin(), film.end(), wanted.begin())) ++wrong;
        }
      });
  }
  CHECK(wrong == 0);
  for (Index row = 0; row < rows; ++row) CHECK(has(one, row));
}
