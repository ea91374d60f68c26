// A backend with so much memory and no more: what is said where a training does not fit, and that the batch it names does.
#include <afire/ssl/masking.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/trainer.hpp>
#include <doctest/doctest.h>

#include <afire/backend/reference.hpp>
#include <memory>

#include "tests/support/small_afire.hpp"

using namespace afire;
using namespace afire_test;

namespace {

struct short_tag : reference_tag {};
struct Short : Reference {
  using tag = short_tag;
  std::shared_ptr<Index> left = std::make_shared<Index>(0);
};

template <class B>
Memory allocate_bytes(short_tag, B& be, Index bytes) {
  if (bytes > *be.left) throw not_enough_memory(text("short: ", *be.left, " bytes are free, ", bytes, " are needed"), bytes, *be.left);
  *be.left -= bytes;
  return {zeroed_host_bytes(bytes), free_host};
}

// What is said with so many bytes; empty: it fits. `used`: what was taken of them.
std::string said_with(Index bytes, Index batch, Index* used = nullptr) {
  Short be;
  *be.left = bytes;
  try {
    Trainer trainer{be, Compute<bf16>{}, small_vit, small_head, small_decoder, Clean{}, Teacher<Ema>{}, afire_objective(),
                    AdamW{.lr = 1e-3}, TrainOptions{.batch = batch}};
  } catch (not_enough_memory const& e) { return e.what(); }
  if (used) *used = bytes - *be.left;
  return {};
}

}  // namespace

TEST_CASE("not enough memory: the sentence names what it was for, and a batch that fits") {
  constexpr Index plenty = Index{1} << 30, batch = 64;
  Index all = 0, fewer = 0;
  REQUIRE(said_with(plenty, batch, &all).empty());
  REQUIRE(said_with(plenty, batch / 2, &fewer).empty());
  CHECK(said_with(all, batch).empty());
  CHECK(said_with(all - 1, batch).find("are needed for the optimizer's second moments; use a smaller batch or model") != std::string::npos);
  CHECK(said_with(100, batch).find("are needed for the weights; use a smaller batch or model") != std::string::npos);

  std::string const activations = said_with(fewer, batch);
  CAPTURE(activations);
  CHECK(activations.find(" for the activations of 64 films, the most of it (") != std::string::npos);
  auto const at = activations.find("a batch of ");
  REQUIRE(at != std::string::npos);
  Index const fits = std::stol(activations.substr(at + 11));
  CHECK(fits > batch / 4);
  CHECK(said_with(fewer, fits).find("activations") == std::string::npos);
  CHECK(said_with(fewer, fits + 1).find("activations") != std::string::npos);
}
