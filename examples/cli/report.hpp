// examples/cli/report.hpp -- one HTML file about a run, which needs nothing beside it
//
//   write_report("run");        // run/report.html, run/pictures/*.png, *.svg
//
// Made of what the run's folder holds: log.csv, judgement.json and judgement.safetensors (judgement.hpp), config.json, data.json,
// build.json. Neither films nor model are needed, so it can be made again at any time. What the folder lacks, the report says.
#pragma once
#include <string>

namespace afire::cli {

void write_report(std::string const& run_folder);

}  // namespace afire::cli
