// Lesions painted by any team of workers are those of the loader's threads, byte for byte: by a CPU's lane in its widest vectors, whose
// compilers fuse products and sums, by emulated warps and blocks, and in memory of its own.
#include <afire/backend/reference.hpp>

#include "tests/support/emulated_team.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/message.hpp"
#include "tests/support/painted.hpp"

using namespace afire;
using namespace afire_test;

TEST_CASE_TEMPLATE("painted lesions are the loader's, whatever is chosen", B, Reference, Guarded, Emulated<EmulatedWarp>,
                   Emulated<EmulatedBlock>) {
  B be{};
  std::uint64_t seed = 1;
  for (auto const& how : every_lesion()) {
    CAPTURE(seed);
    CHECK(expect_same_painting(be, how, {.films = 5, .rows = 48, .cols = 48, .patch = 8, .seed = seed++}) > 0);
    if (how.axes == Axes::upright) expect_same_painting(be, how, {.films = 3, .rows = 24, .cols = 40, .patch = 4, .seed = seed++});
    if constexpr (requires { be.backwards; }) be.backwards = !be.backwards;
  }
}

TEST_CASE("painted lesions are the loader's for many films of many sizes") {
  Reference be{.threads = 2};
  for (auto const& how : {SyntheticLesion{}, faithful_lesions()})
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      CAPTURE(seed);
      CHECK(expect_same_painting(be, how, {.films = 40, .rows = 224, .cols = 224, .patch = 16, .seed = seed}) > 100000);
      CHECK(expect_same_painting(be, how, {.films = 20, .rows = 64, .cols = 64, .patch = 16, .seed = seed}) > 1000);
      CHECK(expect_same_painting(be, how, {.films = 3, .rows = 512, .cols = 512, .patch = 16, .seed = seed}) > 1000);
      expect_same_painting(be, how, {.films = 9, .rows = 7, .cols = 7, .patch = 1, .seed = seed});
      expect_same_painting(be, how, {.films = 3, .rows = 1, .cols = 1, .patch = 1, .seed = seed});
    }
}

TEST_CASE("what does not belong together is not painted") {
  Reference be;
  Tensor<std::uint8_t, 3> clean(2, 16, 16), seen(2, 16, 16);
  Tensor<std::uint8_t, 2> map(2, 4);
  Tensor<Lesion, 2> plan(2, 4);
  SyntheticLesion const how;
  LesionBrushes const brushes(be, how, 2, 16, 16), few(be, how, 1, 16, 16), others(be, how, 9, 8, 8);
  auto const refusal = [&](SyntheticLesion const& lesion, PaintedFilms const& films, Index patch, LesionBrushes const& with) {
    return message([&] { paint_lesions(be, lesion, films, patch, with); });
  };
  PaintedFilms const films{clean, plan, seen, map};
  CHECK(refusal(how, films, 8, brushes) == "(no error)");
  CHECK(refusal(how, films, 5, brushes) == "lesions: films of 16 x 16 in patches of 5 do not give 4");
  CHECK(refusal({.most = 5}, films, 8, brushes) == "lesions: clean films are (2, 16, 16), seen (2, 16, 16), the plan (2, 4) of 5 lesions "
                                                   "each, the map (2, 4); these do not belong together");
  for (auto const* with : {&few, &others})
    CHECK(refusal(how, films, 8, *with) == "lesions: the brushes are those of fewer films than 2, or of films of another size");
  SyntheticLesion::Room room;
  CHECK(message([&] { how.plan(Random(), {}, 16, 16, plan.view().row(0).slice(0, 3), room); }) ==
        "lesion: a plan of 3 lesions; 4 are needed");
}
