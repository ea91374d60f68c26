// Weights of a file for the parameters of a model, by name.
#include <examples/cli/composition.hpp>

#include <afire/io/safetensors.hpp>
#include <set>

namespace afire::cli {

bool fits(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] == '*') return fits(pattern.substr(1), name) || (!name.empty() && fits(pattern, name.substr(1)));
  return !name.empty() && name[0] == pattern[0] && fits(pattern.substr(1), name.substr(1));
}

namespace {

bool fits_any(std::string_view patterns, std::string_view name) {
  while (!patterns.empty()) {
    auto const comma = patterns.find(',');
    if (fits(patterns.substr(0, comma), name)) return true;
    patterns.remove_prefix(comma == patterns.npos ? patterns.size() : comma + 1);
  }
  return false;
}

void add(std::string& list, Index& count, std::string const& what) {
  if (++count <= 12) list += "\n    " + what;
  else if (count == 13) list += "\n    ...";
}

}  // namespace

std::vector<std::vector<float>> read_weights(std::string const& path, std::vector<Wanted> const& wanted, std::string const& allowed) {
  SafetensorsFile const file(path);
  auto const names = file.names();
  auto const any = [&](std::string_view prefix) {
    for (auto const& name : names)
      if (name.starts_with(prefix)) return true;
    return false;
  };
  // A checkpoint of ours: encoder and head of the teacher, which is what one transfers, and the student's decoder. Else an encoder by
  // timm's names.
  bool const checkpoint = any("student.") || any("teacher."), timm = !checkpoint && !any("encoder.");
  auto const name_in_file = [&](std::string const& name) {
    bool const decoder = name.starts_with("decoder.");
    if (checkpoint) return (decoder || !any("teacher.") ? "student." : "teacher.") + name;
    return timm && name.starts_with("encoder.") ? name.substr(8) : name;
  };
  auto const concerns = [&](std::string const& name) {
    if (checkpoint)
      return name.starts_with("teacher.") || name.starts_with("student.decoder.") || (!any("teacher.") && name.starts_with("student."));
    return true;
  };

  std::vector<std::vector<float>> values(wanted.size());
  std::set<std::string> used;
  std::string missing, misshapen, left;
  Index missing_count = 0, misshapen_count = 0, left_count = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto const& [name, shape] = wanted[i];
    std::string const there = name_in_file(name);
    auto const* const tensor = file.find(there);
    if (!tensor) {
      if (timm && !name.starts_with("encoder.")) continue;               // an encoder says nothing of head and decoder
      if (!fits_any(allowed, name)) add(missing, missing_count, name);
      continue;
    }
    used.insert(there);
    if (tensor->shape == shape) values[i] = file.read<float>(there);
    else if (!fits_any(allowed, name))
      add(misshapen, misshapen_count, text(there, " ", shape_text(tensor->shape), ", the model has ", shape_text(shape)));
  }
  for (auto const& name : names)
    if (concerns(name) && !used.contains(name) && !fits_any(allowed, name)) add(left, left_count, name);
  if (missing_count + misshapen_count + left_count > 0) {
    std::string words = text("--init ", path,
                             " does not fit this model; sizes are set by --width, --depth ..., and --init-allow names what may differ:");
    if (missing_count > 0) words += text("\n  missing in the file (", missing_count, "):", missing);
    if (misshapen_count > 0) words += text("\n  of another shape (", misshapen_count, "):", misshapen);
    if (left_count > 0) words += text("\n  not in the model (", left_count, "):", left);
    throw error(words);
  }
  expects(!used.empty(), "--init ", path, ": none of its ", names.size(), " tensors is in this model");
  return values;
}

}  // namespace afire::cli
