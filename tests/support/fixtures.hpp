// tests/support/fixtures.hpp -- where the fixtures and films lie; a test that does not find its own is skipped, and says so
//
//   TEST_CASE("fixture layer norm equals PyTorch's") {
//     auto const path = fixture("ops.safetensors");
//     if (!path) return;                                // it has said "skipped: no ..." and is counted so
//
// Looked for in $AFIRE_FIXTURES and $AFIRE_FILMS, or else beside the checkout in ../shared/fixtures and ../shared/data/films.
#pragma once
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

#include <doctest/doctest.h>

namespace afire_test {

inline std::string folder(char const* variable, char const* beside_checkout) {
  char const* const set = std::getenv(variable);
  return set ? set : std::string(AFIRE_SOURCE_DIR) + beside_checkout;
}

inline std::optional<std::string> existing(std::string const& path, char const* variable) {
  if (std::ifstream(path).good()) return path;
  MESSAGE("skipped: no ", path, "; set ", std::string(variable), " to the folder that holds it");
  return {};
}

// The path of a fixture, or nothing.
inline std::optional<std::string> fixture(std::string const& name) {
  return existing(folder("AFIRE_FIXTURES", "/../shared/fixtures") + "/" + name, "AFIRE_FIXTURES");
}

// The path of a film, of a folder of films or of "manifest.csv", or nothing.
inline std::optional<std::string> film(std::string const& name) {
  return existing(folder("AFIRE_FILMS", "/../shared/data/films") + "/" + name, "AFIRE_FILMS");
}

}  // namespace afire_test
