#include <afire/io/differences.hpp>
#include <afire/io/pth.hpp>
#include <cmath>
#include <examples/cli/commands.hpp>

namespace afire::cli {
namespace {

struct Values {
  double least = 0, mean = 0, largest = 0, norm = 0;
  Index not_finite = 0;
};

Values values_of(TensorFile const& file, StoredTensor const& t) {
  Values v;
  auto const all = file.read<double>(t.name);
  double sum = 0, squares = 0;
  bool first = true;
  for (double const x : all) {
    if (!std::isfinite(x)) {
      ++v.not_finite;
      continue;
    }
    if (first || x < v.least) v.least = x;
    if (first || x > v.largest) v.largest = x;
    first = false, sum += x, squares += x * x;
  }
  Index const n = static_cast<Index>(all.size()) - v.not_finite;
  v.mean = n > 0 ? sum / static_cast<double>(n) : 0, v.norm = std::sqrt(squares);
  return v;
}

// A value of the metadata that is JSON itself stays so.
Json metadata_json(std::string const& words) {
  if (words.starts_with('{') || words.starts_with('[')) {
    try {
      return parse_json(words, "metadata");
    } catch (error const&) {}
  }
  return Json(words);
}

}  // namespace

int inspect(Request const& r) {
  TensorFile const file = open_tensors(r.input);
  Json tensors{Json::Array{}}, metadata{Json::Object{}};
  Index elements = 0, bytes = 0, count = 0;
  std::size_t widest = 4;
  for (auto const& t : file)
    if (r.match.empty() || fits_pattern(r.match, t.name)) widest = std::max(widest, t.name.size());
  for (auto const& t : file) {
    if (!r.match.empty() && !fits_pattern(r.match, t.name)) continue;
    ++count, elements += t.size(), bytes += t.end - t.begin;
    Json one = json_object(
        {{"name", t.name}, {"dtype", dtype_name(t.dtype)}, {"shape", Json(Json::Array(t.shape.begin(), t.shape.end()))}});
    if (!r.json)
      std::printf("%-*s  %-4s  %-20s", static_cast<int>(widest), t.name.c_str(), dtype_name(t.dtype), shape_text(t.shape).c_str());
    if (r.values) {
      Values const v = values_of(file, t);
      for (auto const& [name, x] : {std::pair{"least", v.least}, {"mean", v.mean}, {"largest", v.largest}, {"norm", v.norm}}) {
        one.set(name, x);
        if (!r.json) std::printf("  %s %.4g", name, x);
      }
      one.set("not_finite", v.not_finite);
      if (!r.json && v.not_finite > 0) std::printf("  NOT FINITE: %ld", static_cast<long>(v.not_finite));
    }
    if (!r.json) std::printf("\n");
    tensors.push_back(std::move(one));
  }
  demands(count > 0 || r.match.empty(), r.input, ": no name among ", file.count(), " fits ", afire::quoted(r.match));
  for (auto const& [name, words] : file.metadata()) metadata.set(name, metadata_json(words));
  if (r.json) {
    Json const all = json_object(
        {{"file", r.input}, {"tensors", tensors}, {"count", count}, {"elements", elements}, {"bytes", bytes}, {"metadata", metadata}});
    std::printf("%s", write_json(all, {.pretty = true}).c_str());
    return 0;
  }
  std::printf("%ld tensors, %ld elements, %.1f MiB\n", static_cast<long>(count), static_cast<long>(elements),
              static_cast<double>(bytes) / 1048576);
  for (auto const& [name, words] : file.metadata()) std::printf("%s: %s\n", name.c_str(), words.c_str());
  return 0;
}

}  // namespace afire::cli
