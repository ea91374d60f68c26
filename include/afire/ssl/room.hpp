// afire/ssl/room.hpp -- the memory of a method's activations, and the sentence where there is not so much
//
//   Arena arena = planned_arena(be, batch, [&](Arena& arena, Index films) { ... });       // what is planned for so many films
//
// A backend with memory of its own says how much is free (not_enough_memory); plans of smaller batches say what would fit.
#pragma once
#include <afire/core/arena.hpp>
#include <afire/core/backend.hpp>

namespace afire {

// The largest number of films below `batch` whose plan takes no more than `free` bytes; 0: not even one.
template <class Count>
Index films_that_fit(Index batch, Index free, Count const& bytes_of) {
  Index fits = 0;
  while (fits + 1 < batch) {
    Index const middle = fits + (batch - fits) / 2;
    bool enough = false;
    try {
      enough = bytes_of(middle) <= free;
    } catch (error const&) {}              // so few films are not what the objective takes
    (enough ? fits : batch) = middle;
  }
  return fits;
}

// Memory for a plan of `batch` films; where it cannot be had, the error names the largest part and the batch that would fit.
template <class B, class Count>
Buffer<std::byte> memory_for(B& be, Arena const& counted, Index batch, Count const& bytes_of) {
  try {
    return allocate<std::byte>(be, counted.bytes());
  } catch (not_enough_memory const& e) {
    Arena::Part largest{"scratch", counted.scratch_bytes()};
    for (auto& part : counted.parts())
      if (part.bytes > largest.bytes) largest = part;
    Index const fits = films_that_fit(batch, e.free, bytes_of);
    throw not_enough_memory(text(e.what(), " for the activations of ", batch, " films, the most of it (", largest.bytes >> 20,
                                 " MiB) for the ", largest.name, "; ",
                                 fits > 0 ? text("a batch of ", fits, " would fit") : text("not even one film would fit")),
                            e.asked, e.free);
  }
}

// An arena in which plan(arena, films) has been made: first on one that counts, then on that much memory.
template <class B, class Plan>
Arena planned_arena(B& be, Index films, Plan plan) {
  auto const counted = [&](Index of) {
    Arena counting;
    plan(counting, of);
    return counting;
  };
  Arena const counting = counted(films);
  Arena arena(counting, memory_for(be, counting, films, [&](Index fewer) { return counted(fewer).bytes(); }));
  plan(arena, films);
  return arena;
}

}  // namespace afire
