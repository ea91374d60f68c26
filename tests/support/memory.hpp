// tests/support/memory.hpp -- plan something on an arena of its own, filled with NaN: what is read before it is written shows
//
//   auto const run = afire_test::planned([&](Arena& a) { return block.plan(a, batch, tokens); });     // run.saved, run.arena
#pragma once
#include <cstring>
#include <utility>

#include <afire/core/arena.hpp>
#include <doctest/doctest.h>

namespace afire_test {

using namespace afire;

template <class Saved>
struct Planned {
  Arena arena;
  Saved saved;
};

template <class Plan>
auto planned(Plan plan) {
  Arena counting;
  plan(counting);
  auto memory = host_buffer<std::byte>(counting.bytes());
  std::memset(memory.data(), 0xff, static_cast<std::size_t>(memory.size()));
  Arena arena(counting, std::move(memory));
  auto saved = plan(arena);
  CHECK(arena.bytes() == counting.bytes());
  return Planned<decltype(saved)>{std::move(arena), std::move(saved)};
}

}  // namespace afire_test
