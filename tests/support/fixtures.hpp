// tests/support/fixtures.hpp -- where the fixtures and films lie; a test that does not find its own is skipped, and says so
//
//   TEST_CASE("fixture layer norm equals PyTorch's") {
//     auto const path = fixture("ops.safetensors");
//     if (!path) return;                                // it has said "skipped: no ..." and is counted so
//
// Looked for in $AFIRE_FIXTURES and $AFIRE_FILMS, or else beside the checkout in ../shared/fixtures and ../shared/data/films.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

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

// The paths of all fixtures whose names begin like this, whatever their sizes; none is said as one that is missing.
inline std::vector<std::string> fixtures(std::string const& beginning) {
  std::string const at = folder("AFIRE_FIXTURES", "/../shared/fixtures");
  std::vector<std::string> paths;
  std::error_code none;
  for (auto const& entry : std::filesystem::directory_iterator(at, none))
    if (std::string const name = entry.path().filename().string(); name.starts_with(beginning) && name.ends_with(".safetensors"))
      paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  if (paths.empty()) existing(at + "/" + beginning + "*.safetensors", "AFIRE_FIXTURES");
  return paths;
}

// The path of a film, of a folder of films or of "manifest.csv", or nothing.
inline std::optional<std::string> film(std::string const& name) {
  return existing(folder("AFIRE_FILMS", "/../shared/data/films") + "/" + name, "AFIRE_FILMS");
}

}  // namespace afire_test
