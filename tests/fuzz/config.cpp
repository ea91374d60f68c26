// The settings of a run as JSON: read, resolved, written and read again as the same; and its members as flags of the command line.
#include <examples/cli/settings.hpp>

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
  using namespace afire;
  try {
    Json const config = parse_json(std::string_view(reinterpret_cast<char const*>(data), size), "config.json");
    std::string const written = write_json(config, {.pretty = true, .non_finite = NonFinite::null});
    if (!(parse_json(written, "again") == config)) std::abort();
    cli::Settings const s = cli::resolve({}, &config, "config.json");
    Json const all = cli::settings_json(s);
    if (!(cli::settings_json(cli::resolve({}, &all, "again")) == all)) std::abort();
    cli::deciding_json(s);
  } catch (error const&) {}
  try {
    Json const config = parse_json(std::string_view(reinterpret_cast<char const*>(data), size));
    cli::Given flags;
    for (auto const& [name, value] : config.object())
      flags.push_back({name, value.kind() == JsonKind::string ? value.string() : write_json(value, {.non_finite = NonFinite::null})});
    cli::resolve(flags);
  } catch (error const&) {}
  return 0;
}
