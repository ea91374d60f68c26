// needs: png
// A film file of this format, read as 8-bit grey.
#include <afire/data/png.hpp>
#include <afire/data/read_film.hpp>

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
  std::string_view const file(reinterpret_cast<char const*>(data), size);
  if (!afire::Png::recognises(file)) return 0;
  for (auto const range : {afire::Range::full, afire::Range::percentiles}) {
    try {
      afire::to_film(afire::Png::read(file), range);
    } catch (afire::error const&) {}
  }
  return 0;
}
