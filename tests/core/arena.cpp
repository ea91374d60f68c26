// Activation memory: the dry run counts what the real one hands out, what is kept never overlaps, scratch is used again.
#include <afire/core/arena.hpp>
#include <doctest/doctest.h>

#include <cstdint>
#include <initializer_list>
#include <vector>

using namespace afire;

namespace {

struct Plan {
  View<float, 2> kept, also_kept;
  View<float, 1> first, second, inner;
  View<double, 1> forgotten;

  explicit Plan(Arena& arena) {
    arena.part("one");
    kept = arena.keep<float>(3, 5);
    {
      auto scope = arena.scope();
      first = arena.scratch<float>(100);
      auto nested = arena.scope();
      inner = arena.scratch<float>(10);
    }
    arena.part("two");
    also_kept = arena.keep<float>(7, 2);
    {
      auto scope = arena.scope();
      second = arena.scratch<float>(40);
    }
    auto forget = arena.forget();
    auto scope = arena.scope();
    forgotten = arena.keep<double>(8);
  }
};

Arena memory_for(Arena const& counted) { return Arena(counted, host_buffer<std::byte>(counted.bytes())); }

}  // namespace

TEST_CASE("the dry run counts what the real plan takes, and hands out shapes without memory") {
  Arena counting;
  Plan const dry(counting);
  CHECK_FALSE(dry.kept);
  CHECK(shape_text(dry.kept) == "(3, 5)");
  Arena arena = memory_for(counting);
  Plan const plan(arena);
  CHECK(arena.bytes() == counting.bytes());
  CHECK(arena.kept_bytes() == 64 + 64);                       // each a whole number of cache lines
  CHECK(arena.scratch_bytes() == 448 + 64);                   // the most that is in use at once
}

TEST_CASE("what is kept overlaps nothing, scratch of closed scopes is used again") {
  Arena counting;
  Plan const dry(counting);
  Arena arena = memory_for(counting);
  Plan const plan(arena);
  CHECK(reinterpret_cast<char*>(plan.also_kept.data) - reinterpret_cast<char*>(plan.kept.data) == 64);
  CHECK(plan.first.data == plan.second.data);
  CHECK(plan.inner.data >= plan.first.end());
  CHECK(static_cast<void*>(plan.forgotten.data) == plan.first.data);          // forget(): keep() took scratch
  for (float* kept : {plan.kept.data, plan.also_kept.data}) CHECK(kept < plan.first.data);
  for (float* at : {plan.kept.data, plan.first.data, plan.inner.data}) CHECK(reinterpret_cast<std::uintptr_t>(at) % 64 == 0);
}

TEST_CASE("kept bytes are listed by part") {
  Arena arena;
  Plan const plan(arena);
  REQUIRE(arena.parts().size() == 2);
  CHECK(arena.parts()[0].name == "one");
  CHECK(arena.parts()[0].bytes == 64);
  CHECK(arena.parts()[1].bytes == 64);
}

TEST_CASE("what is borrowed lies where the next is kept, is given back, and counts where it is more than what is kept") {
  auto const place = [](Arena& arena, Index borrowed) {
    auto const before = arena.keep<float>(16);
    View<float, 1> whole, inner, again;
    {
      auto const forget = arena.forget();
      auto const borrow = arena.borrow();
      whole = arena.keep<float>(borrowed);
      {
        auto const scope = arena.scope();
        inner = arena.scratch<float>(16);
      }
      again = arena.scratch<float>(16);
    }
    auto const scope = arena.scope();
    auto const scratch = arena.scratch<float>(16), after = arena.keep<float>(64);
    return std::vector<float*>{before.data, whole.data, inner.data, again.data, after.data, scratch.data};
  };
  for (Index const borrowed : {16, 320}) {
    Arena counting;
    place(counting, borrowed);
    CHECK(counting.kept_bytes() == 64 + (borrowed == 16 ? 256 : 1280 + 64));
    CHECK(counting.scratch_bytes() == 64);
    Arena arena = memory_for(counting);
    auto const at = place(arena, borrowed);
    CHECK(at[1] == at[0] + 16);
    CHECK(at[2] == at[1] + borrowed);
    CHECK(at[3] == at[2]);                                     // the inner scope gave it back
    CHECK(at[4] == at[1]);                                     // and the mode everything
    CHECK(at[5] == at[0] + counting.kept_bytes() / 4);         // scratch stays clear of both
  }
}
