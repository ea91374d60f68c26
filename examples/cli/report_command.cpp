#include <examples/cli/commands.hpp>
#include <examples/cli/report.hpp>

namespace afire::cli {

int report(Request const& r) {
  write_report(r.input);
  std::printf("%s/report.html\n", r.input.c_str());
  return 0;
}

}  // namespace afire::cli
