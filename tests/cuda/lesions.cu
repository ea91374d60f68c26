// needs a GPU to run: lesions painted on the device are those of the loader's threads, byte for byte, whatever is chosen.
#include "tests/support/on_device.hpp"

#include "tests/support/painted.hpp"

using namespace afire;
using namespace afire_test;

TEST_CASE("lesions that the GPU paints are the loader's") {
  Cuda gpu;
  std::uint64_t seed = 1;
  for (auto const& how : every_lesion()) {
    CAPTURE(seed);
    CHECK(expect_same_painting(gpu, how, {.films = 40, .rows = 224, .cols = 224, .patch = 16, .seed = seed++}) > 0);
    CHECK(expect_same_painting(gpu, how, {.films = 300, .rows = 64, .cols = 64, .patch = 8, .seed = seed++}) > 0);
    CHECK(expect_same_painting(gpu, how, {.films = 3, .rows = 512, .cols = 512, .patch = 16, .seed = seed++}) > 0);
  }
}
