// A manifest: every row, column and cell, and a choice of rows.
#include <afire/data/manifest.hpp>

#include "tests/support/memory_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
  static afire_test::MemoryFile const memory;
  memory.write(data, size);
  using Options = afire::ManifestOptions;
  for (Options const& options : {Options{}, {"split=train"}, {"normal=1,split=a"}, {"split!=a|b"}, {"split"}, {"=a"}, {"", "img", "who"}}) {
    try {
      afire::Manifest const films(memory.path(), options);
      for (afire::Index row = 0; row < films.size(); ++row) {
        films.path(row);
        films.place(row);
        films.patient(row);
        if (films.has("split")) films.value(row, "split");
      }
      for (auto const* condition : {"normal=0", "normal="}) films.labels(condition);
    } catch (afire::error const&) {}
  }
  return 0;
}
