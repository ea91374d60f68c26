// needs: jpeg
// A film file of this format, read as 8-bit grey.
#include <afire/data/jpeg.hpp>
#include <afire/data/read_film.hpp>

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
  std::string_view const file(reinterpret_cast<char const*>(data), size);
  if (!afire::Jpeg::recognises(file)) return 0;
  try {
    afire::to_film(afire::Jpeg::read(file));
  } catch (afire::error const&) {}
  return 0;
}
