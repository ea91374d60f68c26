// afire/ssl/room.hpp -- the memory of a method's activations, and the sentence where there is not so much
//
//   Arena arena(counting, memory_for(be, counting, batch));
//
// A backend with memory of its own says how much is free (not_enough_memory). Activations grow with the batch, so what would fit is known.
#pragma once
#include <afire/core/arena.hpp>
#include <afire/core/backend.hpp>

namespace afire {

// Memory for a plan of `batch` films; where it cannot be had, the error names the largest part and the batch that would fit.
template <class B>
Buffer<std::byte> memory_for(B& be, Arena const& counted, Index batch) {
  try {
    return allocate<std::byte>(be, counted.bytes());
  } catch (not_enough_memory const& e) {
    Arena::Part largest{"scratch", counted.scratch_bytes()};
    for (auto& part : counted.parts())
      if (part.bytes > largest.bytes) largest = part;
    double const share = static_cast<double>(e.free) / static_cast<double>(counted.bytes());
    auto const fits = static_cast<Index>(static_cast<double>(batch) * share);
    throw not_enough_memory(text(e.what(), " for the activations of ", batch, " films, the most of it (", largest.bytes >> 20,
                                 " MiB) for the ", largest.name, "; ",
                                 fits > 0 ? text("a batch of ", fits, " would fit") : text("not even one film would fit")),
                            e.asked, e.free);
  }
}

}  // namespace afire
