// needs: png jpeg
// Films of a manifest: read, squashed, kept; broken ones named or replaced.
#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include <afire/data/films.hpp>
#include <afire/data/jpeg.hpp>
#include <afire/data/loader.hpp>
#include <afire/data/overlap.hpp>
#include <afire/data/png.hpp>
#include <afire/data/read_film.hpp>

#include "tests/support/fixtures.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary.hpp"

using namespace afire;

namespace {

using Reader = FilmReader<Png, Jpeg>;

struct Counted {                                 // a reader that counts
  std::atomic<int>* reads;
  Film operator()(std::string const& path) const { return ++*reads, Reader{}(path); }
};

Film noise(Index height, Index width, std::uint64_t seed) {
  Film film(height, width);
  for (std::size_t i = 0; i < film.pixels.size(); ++i) film.pixels[i] = static_cast<std::uint8_t>(Random(seed, Purpose::test).bits(i));
  return film;
}

struct Folder : afire_test::TemporaryFolder {    // a.png ... f.png; of those named, the bytes are no film
  explicit Folder(std::string const& broken = {}) {
    std::string table = "file,patient_id\n";
    for (char c = 'a'; c <= 'f'; ++c) {
      auto const name = std::string(1, c) + ".png";
      table += name + ",p" + static_cast<char>('0' + (c - 'a') / 2) + "\n";
      if (broken.find(c) == broken.npos) write_png(*this / name, noise(20 + c % 3, 30, static_cast<std::uint64_t>(c)));
      else replace_file(*this / name, "no film");
    }
    replace_file(*this / "films.csv", table);
  }
  std::string csv() const { return *this / "films.csv"; }
};

Film loaded(Films const& films, Index row) {
  Film film(films.side(), films.side());
  films.load(row, film.plane());
  return film;
}

}  // namespace

TEST_CASE("a film is read, made grey, squashed, and read once") {
  Folder const folder;
  std::atomic<int> reads = 0;
  Films const films(Manifest(folder.csv()), Counted{&reads}, {.side = 16});
  CHECK(films.size() == 6);
  CHECK(films.name(2) == "c.png");
  for (int again = 0; again < 3; ++again)
    for (Index row = 0; row < 6; ++row) {
      Index const c = 'a' + row;
      CHECK(loaded(films, row) == resize(noise(20 + c % 3, 30, static_cast<std::uint64_t>(c)), 16, 16));
    }
  CHECK(reads == 6);
  CHECK(films.broken().empty());
  CHECK(afire_test::message([&] { loaded(films, 6); }) == "films: row 6 of 6 films of 16 x 16 does not go into (16, 16)");
}

TEST_CASE("without memory each film is read every time; a cache file serves the next run, until a film changes") {
  Folder const folder;
  std::atomic<int> reads = 0;
  std::vector<std::string> told;
  FilmsOptions options{.side = 16, .cache_bytes = 0, .tell = [&](std::string const& s) { told.push_back(s); }};
  auto const read_all = [&] {
    Films const films(Manifest(folder.csv()), Counted{&reads}, options);
    for (Index row = 0; row < films.size(); ++row) loaded(films, row);
  };
  read_all(), read_all();
  CHECK(reads == 12);
  options.cache_file = folder / "cache";
  read_all(), read_all(), read_all();
  CHECK(reads == 18);
  CHECK(told.empty());
  write_png(folder / "b.png", noise(9, 9, 99));
  read_all();
  CHECK(reads == 24);
  CHECK(told.size() == 1);
  options.filter = Filter::lanczos;
  read_all();
  CHECK(reads == 30);
}

TEST_CASE("a broken film stops the run with its line, its path and the reason") {
  Folder const folder("c");
  Films const films(Manifest(folder.csv()), Reader{}, {.side = 16});
  CHECK_NOTHROW(loaded(films, 1));
  CHECK(afire_test::message([&] { loaded(films, 2); }) == folder.csv() + ", line 4: " + (folder / "c.png") +
                                                              ": no film: its first bytes 6e 6f 20 66 are not those of a PNG or JPEG file");
}

TEST_CASE("a missing film is found before anything is read") {
  Folder const folder;
  std::filesystem::remove(folder / "d.png");
  CHECK(afire_test::message([&] { Films(Manifest(folder.csv()), Reader{}); }) ==
        folder.csv() + ", line 5: cannot read " + (folder / "d.png") + ": No such file or directory");
}

TEST_CASE("skipped broken films are named once, and the next good one stands in") {
  Folder const folder("bcf");
  std::filesystem::remove(folder / "e.png");
  std::vector<std::string> told;
  auto const tell = [&](std::string const& s) { told.push_back(s); };
  Films const films(Manifest(folder.csv()), Reader{}, {.side = 16, .skip_broken = true, .tell = tell});
  CHECK(told.size() == 1);                       // the missing one
  auto const a = loaded(films, 0), d = loaded(films, 3);
  CHECK(loaded(films, 1) == d);
  CHECK(loaded(films, 2) == d);
  CHECK(loaded(films, 4) == a);
  CHECK(loaded(films, 5) == a);
  loaded(films, 1);
  REQUIRE(films.broken().size() == 4);
  CHECK(told.size() == 4);
  CHECK(films.broken()[0].row == 1);
  CHECK(films.broken()[3].row == 5);
  CHECK(films.broken()[2].reason == folder.csv() + ", line 6: cannot read " + (folder / "e.png") + ": No such file or directory");
}

TEST_CASE("where no film can be read, that is an error") {
  Folder const folder("abcdef");
  Films const films(Manifest(folder.csv()), Reader{}, {.side = 16, .skip_broken = true});
  CHECK(afire_test::message([&] { loaded(films, 3); })
            .starts_with(folder.csv() + ": none of its 6 films can be read; the first: " + folder.csv() + ", line 2: "));
}

TEST_CASE("batches of films with broken ones are the same for any number of threads") {
  Folder const folder("be");
  std::vector<std::vector<std::uint8_t>> before;
  for (Index const threads : {1, 2, 4}) {
    Films const films(Manifest(folder.csv()), Reader{}, {.side = 16, .skip_broken = true});
    Loader loader(films, Clean{}, {.batch = 2, .side = 16, .patch = 8, .seed = 3, .threads = threads});
    std::vector<std::vector<std::uint8_t>> now;
    for (int i = 0; i < 9; ++i) {
      Batch const& batch = loader.next();
      now.emplace_back(batch.clean.begin(), batch.clean.end());
    }
    if (!before.empty()) CHECK(now == before);
    before = now;
    CHECK(films.broken().size() == 2);
  }
}

TEST_CASE("patients and films that training and validation share are found") {
  Folder const train, valid;
  replace_file(train / "train.csv", "file,patient_id\na.png,p0\nb.png,p0\nc.png,p1\nd.png,\n");
  replace_file(valid / "valid.csv", "file,patient_id\ne.png,p9\nf.png,p1\nc.png,p1\nb.png,p0\na.png,\n");
  Films const a(Manifest(train / "train.csv"), Reader{}, {.side = 16}), b(Manifest(valid / "valid.csv"), Reader{}, {.side = 16});
  auto const patients = shared_patients(a.manifest(), b.manifest());
  REQUIRE(patients.size() == 2);
  CHECK(patients[0].a == 2);
  CHECK(patients[0].b == 1);
  CHECK(patients[1].a == 0);
  CHECK(patients[1].b == 3);
  auto const same = identical_films(a, b, 16);
  REQUIRE(same.size() == 3);
  CHECK(same[0].a == 2);
  CHECK(same[0].b == 2);
  CHECK(afire_test::message([&] { expect_apart(a, b); }) ==
        "2 patients are among the training and the validation films; the first is p1 (" + (train / "train.csv") + ", line 4 and " +
            (valid / "valid.csv") + ", line 3). Split by patient, or allow it and mistrust the validation");
  replace_file(valid / "valid.csv", "file,patient_id\ne.png,p9\nb.png,p8\n");
  Films const c(Manifest(valid / "valid.csv"), Reader{}, {.side = 16});
  CHECK(afire_test::message([&] { expect_apart(a, c); }) ==
        "1 film is among the training and the validation films; the first is b.png (" + (train / "train.csv") + ", line 3) = b.png (" +
            (valid / "valid.csv") + ", line 3). Remove it from one of them, or allow it and mistrust the validation");
  replace_file(valid / "valid.csv", "file\ne.png\n");
  CHECK_NOTHROW(expect_apart(a, Films(Manifest(valid / "valid.csv"), Reader{}, {.side = 16})));
}

TEST_CASE("splits of the radiographs for developing share no patient") {
  auto const path = afire_test::film("manifest.csv");
  if (!path) return;
  Manifest const train(*path, {.where = "split=train"}), valid(*path, {.where = "split=val"}), all(*path);
  CHECK(shared_patients(train, valid).empty());
  CHECK(shared_patients(all, valid).size() > 10);
}
