// A file of weights that begins as a safetensors file does.
#include "tests/fuzz/weights.hpp"

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
  afire_test::read_everything({reinterpret_cast<char const*>(data), size});
  return 0;
}
