// afire/train/resume.hpp -- going on where a run stopped: its newest good checkpoint, if it is of the same run
//
//   std::vector<std::string> notes;                                               // what to tell: from which file, which ones were broken
//   Metadata about = resume_newest(trainer, "run", {{"config", json}, {"films", "497 films 8d3c0f"}}, notes);      // {}: there was none
#pragma once
#include <afire/io/json.hpp>
#include <afire/train/checkpoint.hpp>

namespace afire {

// run/step-00000042.safetensors: eight digits, so that names sort as numbers.
inline std::string checkpoint_name(std::string const& folder, Index step) {
  std::string digits = std::to_string(step);
  return folder + "/step-" + std::string(digits.size() < 8 ? 8 - digits.size() : 0, '0') + digits + ".safetensors";
}

// What a checkpoint says of the run it belongs to has to be what this run would say.
inline void same_run(std::string const& path, Metadata const& about, Metadata const& wanted) {
  auto const both = [&](char const* name, auto compare) {
    auto const was = about.find(name), is = wanted.find(name);
    if (was != about.end() && is != wanted.end() && was->second != is->second) compare(was->second, is->second);
  };
  both("films", [&](std::string const& was, std::string const& is) {
    throw error(text("cannot resume from ", path, ": it was trained on other films (", was, ", now ", is,
                     "); give the same films, or another folder"));
  });
  both("config", [&](std::string const& was, std::string const& is) {
    Json const before = parse_json(was, path), now = parse_json(is, "config");
    for (auto const& [name, value] : now.object()) {
      Json const* const old = before.find(name);
      expects(old && *old == value, "cannot resume from ", path, ": ", name, " was ", old ? write_json(*old) : "not there", ", now ",
              write_json(value), "; resume with the settings the run was started with, or choose another folder");
    }
  });
}

// Fills the trainer from the newest checkpoint of the folder that can be read; a broken one is named and the one before it is taken.
// Gives the checkpoint's metadata, empty where there is none.
template <class Trainer>
Metadata resume_newest(Trainer& trainer, std::string const& folder, Metadata const& wanted, std::vector<std::string>& notes) {
  auto const files = numbered_files(folder, "step-", ".safetensors");
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    Metadata about;
    try {
      about = SafetensorsFile(*file).metadata();
    } catch (error const& e) {
      notes.push_back(text("not resumed from: ", e.what()));
      continue;
    }
    same_run(*file, about, wanted);
    notes.push_back(text("resumed from ", *file));
    return load_checkpoint(trainer, *file);
  }
  return {};
}

}  // namespace afire
