// The loader with films and a masking made for the purpose: order, resume, errors, memory, shutdown. ThreadSanitizer runs it too.
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <set>

#include <afire/data/loader.hpp>

#include "tests/support/message.hpp"

using namespace afire;

namespace {

constexpr Index side = 16;

struct Numbered {                                // film `row` is full of row
  Index films = 23;
  Index broken = -1;
  std::atomic<Index>* loads = nullptr;

  Index size() const { return films; }
  void load(Index row, View<std::uint8_t, 2> film) const {
    if (loads) ++*loads;
    expects(row != broken, "film ", row, " is broken");
    std::fill(film.begin(), film.end(), static_cast<std::uint8_t>(row));
  }
};

struct OnePixel {                                // changes one pixel, at a random place
  static constexpr float patch_share = 0;
  struct Room {};
  void operator()(Random random, View<const std::uint8_t, 2> clean, View<std::uint8_t, 2> seen, View<std::uint8_t, 2> mask, Room&) const {
    std::copy(clean.begin(), clean.end(), seen.begin());
    std::fill(mask.begin(), mask.end(), std::uint8_t{0});
    auto const at = static_cast<Index>(Draws(random).below(side * side));
    seen.data[at] = 255, mask.data[at] = 1;
  }
};

LoaderOptions options(Index threads = 2) { return {.batch = 5, .side = side, .patch = 8, .seed = 7, .threads = threads, .ahead = 2}; }

struct Copy {                                    // of all that a batch holds
  Index epoch, step;
  std::vector<Index> rows;
  std::vector<std::uint8_t> clean, seen, mask, lesion;
  explicit Copy(Batch const& b)
      : epoch(b.epoch), step(b.step), rows(b.rows), clean(b.clean.begin(), b.clean.end()), seen(b.seen.begin(), b.seen.end()),
        mask(b.mask.begin(), b.mask.end()), lesion(b.lesion.begin(), b.lesion.end()) {}
  friend bool operator==(Copy const&, Copy const&) = default;
};

std::vector<Copy> batches(Index threads, Index count, Index epoch = 0, Index step = 0) {
  Numbered const films;
  Loader loader(films, OnePixel{}, options(threads));
  if (epoch > 0 || step > 0) loader.seek(epoch, step);
  std::vector<Copy> all;
  for (Index i = 0; i < count; ++i) all.emplace_back(loader.next());
  return all;
}

}  // namespace

TEST_CASE("an epoch shows every film at most once, the next one in another order") {
  auto const all = batches(2, 12);
  std::vector<std::vector<Index>> orders(3);
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(all[i].epoch == static_cast<Index>(i) / 4);
    CHECK(all[i].step == static_cast<Index>(i) % 4);
    for (Index const row : all[i].rows) orders[i / 4].push_back(row);
  }
  for (auto const& order : orders) {
    std::set<Index> const rows(order.begin(), order.end());
    CHECK(rows.size() == 20);
    CHECK(*rows.begin() >= 0);
    CHECK(*rows.rbegin() < 23);
  }
  CHECK(orders[0] != orders[1]);
  CHECK(orders[1] != orders[2]);
}

TEST_CASE("a batch holds the films of its rows, spoilt by the random numbers of seed, epoch and row") {
  for (auto const& batch : batches(2, 9))
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
      auto const film = static_cast<std::ptrdiff_t>(i) * side * side;
      auto const random = Random(7, Purpose::lesion, static_cast<std::uint64_t>(batch.epoch), static_cast<std::uint64_t>(batch.rows[i]));
      auto const at = static_cast<std::ptrdiff_t>(Draws(random).below(side * side));
      auto const patch = at / side / 8 * 2 + at % side / 8;
      for (std::ptrdiff_t p = 0; p < side * side; ++p) {
        REQUIRE(batch.clean[static_cast<std::size_t>(film + p)] == batch.rows[i]);
        REQUIRE(batch.mask[static_cast<std::size_t>(film + p)] == (p == at));
        REQUIRE(batch.seen[static_cast<std::size_t>(film + p)] == (p == at ? 255 : batch.rows[i]));
      }
      for (std::ptrdiff_t l = 0; l < 4; ++l) REQUIRE(batch.lesion[i * 4 + static_cast<std::size_t>(l)] == (l == patch));
    }
}

TEST_CASE("batches are the same for any number of threads") {
  auto const one = batches(1, 11);
  for (Index const threads : {2, 3, 7}) CHECK(batches(threads, 11) == one);
}

TEST_CASE("from any step on, batches are those of an uninterrupted run") {
  auto const all = batches(2, 13);
  for (Index const from : {1, 3, 4, 7, 12})
    CHECK(batches(3, 13 - from, from / 4, from % 4) == std::vector<Copy>(all.begin() + from, all.end()));
  CHECK(batches(1, 1, 1, 4) == std::vector<Copy>{all[8]});           // the end of an epoch is the beginning of the next
}

TEST_CASE("a loader may be sent back and forth") {
  auto const all = batches(1, 13);
  Numbered const films;
  Loader loader(films, OnePixel{}, options(3));
  CHECK(Copy(loader.next()) == all[0]);
  for (Index const to : {9, 2, 2, 12, 0, 5}) {
    loader.seek(to / 4, to % 4);
    CHECK(Copy(loader.next()) == all[static_cast<std::size_t>(to)]);
  }
}

TEST_CASE("without shuffling rows come in their order") {
  Numbered const films;
  auto plain = options();
  plain.shuffle = false;
  Loader loader(films, OnePixel{}, plain);
  for (int i = 0; i < 6; ++i)
    for (Index row = 0; Index const found : std::vector<Index>(loader.next().rows)) CHECK(found == (i % 4) * 5 + row++);
}

TEST_CASE("every order of a few films is as likely as any other") {
  Numbered const films{.films = 3};
  Loader loader(films, Clean{}, {.batch = 3, .side = side, .patch = 8, .seed = 3, .threads = 1, .ahead = 1});
  int counts[27] = {};
  for (int i = 0; i < 6000; ++i) {
    auto const& rows = loader.next().rows;
    ++counts[rows[0] * 9 + rows[1] * 3 + rows[2]];
  }
  int orders = 0;
  for (int const n : counts) {
    if (n == 0) continue;
    ++orders;
    CHECK(std::abs(n - 1000) < 150);             // five standard deviations
  }
  CHECK(orders == 6);
}

TEST_CASE("the memory of batches is used again, and the batch that was handed out stays as it is") {
  Numbered const films;
  Loader loader(films, OnePixel{}, options(3));
  std::set<void const*> places;
  for (int i = 0; i < 40; ++i) {
    Batch const& batch = loader.next();
    places.insert(batch.clean.data());
    Copy const before(batch);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    REQUIRE(Copy(batch) == before);
  }
  CHECK(places.size() == 3);
}

TEST_CASE("what is said to come comes next, and the batch that was handed out stays as it is") {
  Numbered const films;
  Loader loader(films, OnePixel{}, options(2));
  int known = 0;
  for (int i = 0; i < 40; ++i) {
    Batch const& now = loader.next();
    Copy const before(now);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    Batch const* const coming = loader.upcoming();
    if (!coming) continue;
    ++known;
    Copy const said(*coming);
    CHECK(Copy(now) == before);
    ++i;
    REQUIRE(Copy(loader.next()) == said);
  }
  CHECK(known > 0);
}

TEST_CASE("no more is made than was asked for and is allowed ahead") {
  std::atomic<Index> loads = 0;
  Numbered const films{.loads = &loads};
  Loader loader(films, OnePixel{}, options(4));
  loader.next();
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  CHECK(loads <= 3 * 5);
  CHECK(loads >= 5);
}

TEST_CASE("planned lesions are those that would have been painted, for any number of threads and after any seek") {
  struct Grains : Numbered {
    std::atomic<Index>* change;            // rows become other films
    void load(Index row, View<std::uint8_t, 2> film) const {
      for (Index i = 0; i < film.size(); ++i) film.data[i] = static_cast<std::uint8_t>(100 + (i * (row + 3 + *change)) % 90);
    }
  };
  std::atomic<Index> change = 0;
  Grains const films{{}, &change};
  LoaderOptions o = options(3);
  Loader painted(films, SyntheticLesion{.clean_share = 0.3f}, o);
  o.planned = true, o.threads = 2;
  Loader planned(films, SyntheticLesion{.clean_share = 0.3f}, o);
  SyntheticLesion::Room room;
  Tensor<std::uint8_t, 2> seen(side, side), mask(side, side);
  std::size_t lesions = 0, clean = 0;
  for (Index const step : {0, 1, 2, 3, 0, 2, 0, 2}) {
    change += step == 3;
    painted.seek(1, step), planned.seek(1, step);
    Batch const &want = painted.next(), &got = planned.next();
    REQUIRE(got.rows == want.rows);
    CHECK(got.seen.size() + got.mask.size() + got.lesion.size() == 0);
    for (Index b = 0; b < 5; ++b) {
      auto const film = got.clean.view().row(b);
      std::vector<Lesion> plan;
      for (Lesion const& one : got.plan.view().row(b))
        if (one.height > 0) plan.push_back(one);
      SyntheticLesion{}.paint(film, plan, seen.view(), mask.view(), room);
      REQUIRE(std::equal(seen.begin(), seen.end(), want.seen.view().row(b).data));
      REQUIRE(std::equal(mask.begin(), mask.end(), want.mask.view().row(b).data));
      lesions += plan.size(), clean += plan.empty();
    }
  }
  CHECK(lesions > 20);
  CHECK(clean > 2);
}

TEST_CASE("a broken film comes out of next() in place of its batch, as often as it is called") {
  auto const good = batches(1, 12);
  Numbered films;
  films.broken = good[6].rows[3];
  Index first = 0;                               // the film may be in an earlier batch, of the first epoch
  auto const has_it = [&](Copy const& batch) { return std::count(batch.rows.begin(), batch.rows.end(), films.broken) > 0; };
  while (!has_it(good[static_cast<std::size_t>(first)])) ++first;
  Loader loader(films, OnePixel{}, options(3));
  for (Index i = 0; i < first; ++i) CHECK(Copy(loader.next()) == good[static_cast<std::size_t>(i)]);
  for (int i = 0; i < 3; ++i)
    CHECK(afire_test::message([&] { loader.next(); }) == "film " + std::to_string(films.broken) + " is broken");
}

TEST_CASE("a loader may be left at any moment") {
  Numbered const films;
  for (int i = 0; i < 60; ++i) {
    std::optional<Loader<Numbered, OnePixel>> loader(std::in_place, films, OnePixel{}, options(1 + i % 4));
    for (int n = 0; n < i % 7; ++n) loader->next();
    if (i % 3 == 0) loader->seek(i, 1);
    if (i % 5 == 0) std::this_thread::sleep_for(std::chrono::microseconds(50 * i));
  }
}

TEST_CASE("time spent waiting is counted") {
  struct Slow : Numbered {
    void load(Index row, View<std::uint8_t, 2> film) const {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      Numbered::load(row, film);
    }
  };
  Slow const films;
  Loader loader(films, OnePixel{}, options(1));
  CHECK(loader.seconds_waited() == 0);
  for (int i = 0; i < 1000 && loader.seconds_waited() == 0; ++i) loader.next();      // a busy machine may be late itself
  CHECK(loader.seconds_waited() > 0);
}

TEST_CASE("shares of ranks are together what one rank makes, after a seek too") {
  Numbered const films;
  Loader whole(films, OnePixel{}, {.batch = 6, .side = side, .patch = 8, .seed = 7, .micro = 2});
  std::vector<std::unique_ptr<Loader<Numbered, OnePixel>>> shares;
  for (Index r = 0; r < 3; ++r)
    shares.push_back(std::make_unique<Loader<Numbered, OnePixel>>(
        films, OnePixel{}, LoaderOptions{.batch = 2, .side = side, .patch = 8, .seed = 7, .rank = {r, 3}}));
  for (Index const epoch : {0, 2}) {
    whole.seek(epoch, 1);
    for (auto& share : shares) share->seek(epoch, 1);
    for (int step = 0; step < 4; ++step) {
      Copy const all(whole.next());
      std::vector<Index> rows;
      std::vector<std::uint8_t> seen;
      for (auto& share : shares) {
        Copy const part(share->next());
        CHECK(part.epoch == all.epoch);
        CHECK(part.step == all.step);
        rows.insert(rows.end(), part.rows.begin(), part.rows.end()), seen.insert(seen.end(), part.seen.begin(), part.seen.end());
      }
      CHECK(rows == all.rows);
      CHECK(seen == all.seen);
    }
  }
  CHECK(shares[0]->steps_per_epoch() == whole.steps_per_epoch());
}

TEST_CASE("impossible options are refused") {
  Numbered const films;
  auto const refusal = [&](LoaderOptions const& o) { return afire_test::message([&] { Loader(films, OnePixel{}, o); }); };
  CHECK(refusal({.batch = 24, .side = side, .patch = 8}) == "loader: 23 films do not fill a batch of 24; use a smaller batch");
  CHECK(refusal({.batch = 8, .side = side, .patch = 8, .rank = {1, 3}}) ==
        "loader: 23 films do not fill a batch of 24; use a smaller batch");
  CHECK(refusal({.batch = 2, .side = side, .patch = 8, .rank = {3, 3}}) == "loader: there is no rank 3 of 3");
  CHECK(refusal({.batch = 2, .side = side, .patch = 7}) == "loader: films of 16 x 16 pixels cannot be cut into patches of 7");
  CHECK(refusal({.batch = 2, .side = side, .patch = 8, .threads = 0}).starts_with("loader: batch 2, threads 0, ahead 3;"));
  CHECK(refusal({.batch = 2, .side = side, .patch = 8, .planned = true}) ==
        "loader: this masking has no lesions that a device could paint; use --lesions loader");
  Loader loader(films, OnePixel{}, options());
  CHECK(afire_test::message([&] { loader.seek(1, 5); }) == "loader: epoch 1, step 5; an epoch has 4 steps");
}
