// Small crops through the same encoder: positions made anew for their grid, gradients of both sizes, memory, and what a crop looks like.
#include <afire/data/views.hpp>
#include <afire/ssl/cost.hpp>
#include <afire/ssl/cross_views.hpp>
#include <afire/ssl/method.hpp>
#include <afire/ssl/small_crops.hpp>
#include <afire/testing/gradcheck.hpp>
#include <doctest/doctest.h>

#include <afire/backend/reference.hpp>

#include "tests/support/message.hpp"
#include "tests/support/method_gradient.hpp"
#include "tests/support/small_afire.hpp"

using namespace afire;
using namespace afire_test;

namespace {

Reference be{.threads = 1};
constexpr SharedHead head{.hidden = 20, .out = 12, .prototypes = 10};
constexpr Views two_and_two{4, 2};

constexpr ViTConfig learned() {
  ViTConfig c = small_vit;
  c.learned_positions = true, c.registers = 1;
  return c;
}

template <class T, class Objective, class Sight, class TeacherKind = NoTeacher>
struct Made {
  Method<T, SharedHead, NoDecoder, Objective, Sight, TeacherKind> method;
  Made(ViTConfig const& vit, Objective objective, Sight sight, TeacherKind teacher = {}, Pool pool = {0, 1})
      : method(be, {vit, head, {}, objective, sight, teacher, two_and_two, pool}, 2) {
    randomise(be, method.student_store(), 1, 0.2);
    if (method.teacher_store().size() > 0) randomise(be, method.teacher_store(), 2, 0.2);
  }
};
using Dino = CrossViews<Sinkhorn, TeacherScores>;
using Swav = CrossViews<Sinkhorn, OwnScores>;

// Four views of two films; nothing is hidden.
struct Films {
  Tensor<float, 4> image = random_tensor<float, 4>(3, 8, small_vit.channels, small_vit.image, small_vit.image);
  Tensor<unsigned char, 2> map = Tensor<unsigned char, 2>(8, small_vit.tokens());
  std::vector<Micro<ImagePixels<float>>> micros() const { return {{{image.view()}, {image.view()}, map.view()}}; }
};

}  // namespace

TEST_CASE("positions of a smaller grid are those that weights are loaded with, and their gradient is that of the resampling") {
  ViT<double> vit(learned());                            // 3 x 3 patches
  ParamStore<double> store(be, vit, Gradients::yes);
  randomise(be, store, 5, 1);
  Arena counting;
  auto const place = [&](Arena& a) { return plan_table(vit, a, {2, 2}); };
  place(counting);
  Arena arena(counting, allocate<std::byte>(be, counting.bytes()));
  auto const table = place(arena);
  table.start(be, vit, {2, 2});
  table.forward(be, vit);
  auto const values = vit.embed.pos_embed.value;
  auto const wanted = resample_positions(std::vector<double>(values.begin(), values.end()), 2, {3, 3}, {2, 2});
  REQUIRE(table.rows.size() == static_cast<Index>(wanted.size()));
  for (Index i = 0; i < table.rows.size(); ++i)
    CHECK(table.rows.data[i] == doctest::Approx(wanted[static_cast<std::size_t>(i)]).epsilon(1e-12));

  auto const d = random_tensor<double, 2>(9, table.rows.rows(), table.rows.cols());
  GradCheck check;
  check.parameter("pos_embed", vit.embed.pos_embed.value, vit.embed.pos_embed.grad);
  auto const r = check(
      [&] {
        table.forward(be, vit);
        double sum = 0;
        for (Index i = 0; i < d.size(); ++i) sum += d.data()[i] * table.rows.data[i];
        return sum;
      },
      [&] {
        table.forward(be, vit);
        copy(be, d.view().flat(), table.d_rows.flat());
        table.backward(be, vit);
      });
  CHECK_MESSAGE(r.worst < 1e-8, r.text());
}

TEST_CASE("gradients through crops of two sizes: one encoder, one table, a teacher of the large ones or none") {
  for (ViTConfig const& vit : {small_vit, learned()}) {
    Films const films;
    auto micros = films.micros();
    auto const holds = [&](auto& method) {
      auto const r = method_gradient(be, method, micros);
      CHECK_MESSAGE(r.worst < 1e-7, r.text());
    };
    Made<double, Dino, InTwoSizes, Teacher<Ema>> dino(vit, Dino{}, {16, two_and_two});
    holds(dino.method);
    Made<double, Dino, InTwoSizes, Teacher<Ema>> pooled(vit, Dino{}, {16, two_and_two}, {}, {vit.front(), 4});
    holds(pooled.method);
  }
}

TEST_CASE("small crops as large as the encoder's films are views like others, to the bit of rounding") {
  Films const films;
  auto micros = films.micros();
  Made<double, Swav, InPixels> plain(learned(), Swav{}, {});
  Made<double, Swav, InTwoSizes> sized(learned(), Swav{}, {small_vit.image, two_and_two});
  for (auto* const store : {&plain.method.student_store(), &sized.method.student_store()}) fill(be, store->gradients(), 0);
  double const a = plain.method.gradients(be, std::span(micros), {}).at("loss");
  double const b = sized.method.gradients(be, std::span(micros), {}).at("loss");
  CHECK(a == doctest::Approx(b).epsilon(1e-12));
  auto const ga = plain.method.student_store().gradients(), gb = sized.method.student_store().gradients();
  for (Index i = 0; i < ga.size(); ++i) CHECK(std::fabs(ga(i) - gb(i)) < 1e-12);
}

TEST_CASE("a small crop costs its own patches, is seen to its border and not beyond") {
  Made<float, Swav, InPixels> plain(small_vit, Swav{}, {});
  Made<float, Swav, InTwoSizes> sized(small_vit, Swav{}, {8, two_and_two});
  auto const encoder = [](auto& m) {
    for (auto const& part : m.method.arena().parts())
      if (part.name == "encoder") return part.bytes;
    return Index{0};
  };
  CHECK(encoder(sized) < encoder(plain) * 7 / 10);       // 2 (10 + 2) tokens of 4 x 10
  CHECK(step_flops(sized.method).encoder < 0.7 * step_flops(plain.method).encoder);

  Films films;
  auto micros = films.micros();
  double const before = sized.method.losses(be, std::span(micros)).at("loss");
  films.image(5, 0, 8, 3) += 1, films.image(7, 0, 2, 8) += 1;            // outside of 8 x 8
  CHECK(sized.method.losses(be, std::span(micros)).at("loss") == before);
  films.image(5, 0, 7, 7) += 1;
  CHECK(sized.method.losses(be, std::span(micros)).at("loss") != before);
}

TEST_CASE("a small crop lies in the corner of its film as its views make it; large ones are as they were") {
  MultiCrop const views{.locals = 2};
  SmallCrops const small{views, 7};
  Tensor<std::uint8_t, 2> film(32, 32), clean(20, 20), seen(20, 20), mask(20, 20), crop(7, 7), rest(7, 7), none(7, 7);
  for (Index i = 0; i < film.size(); ++i) film.data()[i] = static_cast<std::uint8_t>(40 + i * 7 % 200);
  ViewRoom room;
  for (Index v = 0; v < small.count(); ++v) {
    Random const random(3, Purpose::lesion, 1, 2);
    for (auto* image : {&clean, &seen, &mask}) std::fill(image->begin(), image->end(), std::uint8_t{77});
    auto const where = small.view(random, v, film, clean, seen, mask, room);
    CHECK(where == views.crop(random, v, 32, 32));
    CHECK(std::all_of(mask.begin(), mask.end(), [](int m) { return m == 0; }));
    CHECK(std::equal(clean.begin(), clean.end(), seen.begin()));
    if (v < 2) continue;
    views.view(random, v, film, crop, rest, none, room);
    for (Index y = 0; y < 20; ++y)
      for (Index x = 0; x < 20; ++x) CHECK(seen(y, x) == (y < 7 && x < 7 ? crop(y, x) : 0));
  }
}

TEST_CASE("sizes that do not fit the encoder are refused") {
  auto const made = [](InTwoSizes sight, Pool pool = {0, 1}) { Made<float, Swav, InTwoSizes>(small_vit, Swav{}, sight, {}, pool); };
  CHECK(message([&] { made({12, two_and_two}); }) == "small crops: 12 pixels; a multiple of the patch, 8, and at most 24 are needed");
  CHECK(message([&] { made({32, two_and_two}); }) == "small crops: 32 pixels; a multiple of the patch, 8, and at most 24 are needed");
  CHECK(message([&] { made({16, {2, 2}}); }) == "small crops: 2 views, of which 2 are large; at least one must be, but not all");
  CHECK(message([&] { made({16, two_and_two}, {1, 9}); }) == "pooling: tokens 1 ... 9 of 5");
}
