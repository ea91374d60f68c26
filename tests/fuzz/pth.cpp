// A file of torch.save; what begins as a pickle is put into a zip archive that is well formed, so that the pickle itself is tried.
#include "tests/fuzz/weights.hpp"
#include "tests/support/pth.hpp"

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
  std::string_view const bytes(reinterpret_cast<char const*>(data), size);
  bool const pickle = bytes.starts_with("\x80") && bytes.find(afire::legacy_pth_magic) == bytes.npos;
  if (pickle) afire_test::read_everything(afire_test::zip_of({{"x/data.pkl", std::string(bytes)}, {"x/data/0", std::string(96, 'd')}}));
  else afire_test::read_everything(bytes);
  return 0;
}
