// Maskings that hide whole patches: the film stays, the map is whole patches, the encoder knows how many stay; a loader has the same map.
#include <afire/data/loader.hpp>
#include <afire/data/phantom.hpp>
#include <afire/ssl/hidden.hpp>
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/message.hpp"

using namespace afire;
using namespace afire_test;

namespace {

constexpr Index side = 32, patch = 4, L = 64;
using Bytes = Tensor<std::uint8_t, 2>;

template <class Masking>
struct Drawn {
  Bytes clean{side, side}, seen{side, side}, mask{side, side};
  Drawn(Masking const& masking, std::uint64_t row) {
    for (Index i = 0; i < clean.size(); ++i) clean.data()[i] = static_cast<std::uint8_t>(i * 7 % 251);
    std::fill(mask.begin(), mask.end(), std::uint8_t{9});
    masking(Random(3, Purpose::masking, 1, row), clean, seen.view(), mask.view());
  }
  Index hidden() const {
    Index patches = 0;
    for (Index j = 0; j < L; ++j) {
      int const first = mask(j / 8 * patch, j % 8 * patch);
      for (Index i = 0; i < patch * patch; ++i) REQUIRE(int{mask(j / 8 * patch + i / patch, j % 8 * patch + i % patch)} == first);
      patches += first;
    }
    return patches;
  }
};

}  // namespace

TEST_CASE_TEMPLATE("hidden patches are whole, the film is as it was, the same numbers hide the same", Shape, RandomPatches, CoarsePatches,
                   BlockPatches) {
  Masked const masking{Shape{}, patch};
  int others = 0;
  for (std::uint64_t row = 0; row < 20; ++row) {
    Drawn const once(masking, row), again(masking, row), other(masking, row + 100);
    CHECK(std::equal(once.seen.begin(), once.seen.end(), once.clean.begin()));
    CHECK(std::equal(once.mask.begin(), once.mask.end(), again.mask.begin()));
    others += !std::equal(once.mask.begin(), once.mask.end(), other.mask.begin());
    CHECK(once.hidden() > 0);
    CHECK(once.hidden() < L);
  }
  CHECK(others == 20);
}

TEST_CASE("what is dropped leaves the encoder as many patches as it was planned for, in every film") {
  Dropped const drops{RandomPatches{.ratio = 0.75}, patch};
  Dropped const blocks{BlockPatches{.ratio = 0.4, .fill_up = true}, patch};
  CHECK(drops.sight(L).kept == 16);
  for (std::uint64_t row = 0; row < 20; ++row) {
    CHECK(L - Drawn(drops, row).hidden() == drops.sight(L).kept);
    CHECK(L - Drawn(blocks, row).hidden() == blocks.sight(L).kept);
  }
  static_assert(!SightOf<Dropped<RandomPatches>>::every_patch);
  static_assert(SightOf<Masked<RandomPatches>>::every_patch);
  static_assert(std::is_same_v<SightOf<Masked<RandomPatches>>, AsMaskTokens>);
}

TEST_CASE("a loader's map is the patches that were hidden") {
  PhantomFilms const films{.count = 4, .seed = 1};
  Loader loader(films, Masked{RandomPatches{.ratio = 0.5}, patch}, LoaderOptions{.batch = 4, .side = side, .patch = patch});
  Batch const& batch = loader.next();
  for (Index b = 0; b < 4; ++b) {
    auto const map = batch.lesion.view().row(b);
    CHECK(std::count(map.begin(), map.end(), 1) == L / 2);
    for (Index j = 0; j < L; ++j) CHECK(map(j) == batch.mask(b, j / 8 * patch, j % 8 * patch));
  }
  CHECK(std::equal(batch.seen.begin(), batch.seen.end(), batch.clean.begin()));
}

TEST_CASE("films that cannot be cut into patches are named") {
  Bytes odd(30, 32), seen(30, 32), mask(30, 32);
  CHECK(message([&] { Masked{RandomPatches{}, patch}(Random(1, Purpose::masking), odd, seen.view(), mask.view()); }) ==
        "hidden patches: films (30, 32) cannot be cut into patches of 4; give the encoder's patch");
}
