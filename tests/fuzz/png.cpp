// needs: png
// A PNG file, read as 8-bit grey. The checksums of its chunks are put right first: libpng looks no further than at a wrong one.
#include <afire/data/png.hpp>
#include <afire/data/read_film.hpp>

namespace {

unsigned checksum(char const* from, std::size_t bytes) {           // CRC-32
  unsigned crc = 0xFFFFFFFFu;
  for (std::size_t i = 0; i < bytes; ++i) {
    crc ^= static_cast<unsigned char>(from[i]);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
  }
  return ~crc;
}

// A chunk: length, type, data, checksum of type and data; numbers begin with the highest byte.
void repair(std::string& file) {
  auto const number = [&](std::size_t at) {
    std::size_t n = 0;
    for (std::size_t i = 0; i < 4; ++i) n = n << 8 | static_cast<unsigned char>(file[at + i]);
    return n;
  };
  for (std::size_t at = 8; at + 12 <= file.size();) {
    std::size_t const length = number(at);
    if (length > file.size() - at - 12) return;
    unsigned const crc = checksum(file.data() + at + 4, length + 4);
    for (std::size_t i = 0; i < 4; ++i) file[at + 8 + length + i] = static_cast<char>(crc >> (24 - 8 * i));
    at += 12 + length;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
  std::string file(reinterpret_cast<char const*>(data), size);
  if (!afire::Png::recognises(file)) return 0;
  repair(file);
  try {
    afire::Picture const picture = afire::Png::read(file);
    for (auto const range : {afire::Range::full, afire::Range::min_max, afire::Range::percentiles, afire::Range::twelve_bits})
      afire::to_film(picture, range);
  } catch (afire::error const&) {}
  return 0;
}
