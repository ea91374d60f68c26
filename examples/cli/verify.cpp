#include <examples/cli/commands.hpp>
#include <examples/cli/gpu.hpp>

namespace afire::cli {

Verifier verify_onednn_bf16();
Verifier verify_onednn_f32();
Verifier verify_eigen_double();
Verifier verify_eigen_f32();
Verifier verify_reference_double();
Verifier verify_reference_f32();

std::span<Verifier const> verifiers() {
  static std::vector<Verifier> const all = [] {
    std::vector<Verifier> there{verify_reference_double(),
#ifdef AFIRE_HAVE_ONEDNN
                                verify_onednn_f32(), verify_onednn_bf16(),
#endif
#ifdef AFIRE_HAVE_EIGEN
                                verify_eigen_f32(), verify_eigen_double(),
#endif
                                verify_reference_f32()};
    for (auto const& v : cuda_verifiers()) there.push_back(v);
    return there;
  }();
  return all;
}

namespace {

char const* word(Kind kind) {
  switch (kind) {
    case Kind::loss: return "loss";
    case Kind::output: return "output";
    case Kind::between: return "between";
    case Kind::gradient: return "gradient";
    case Kind::column: return "log";
    case Kind::parameter: return "parameter";
  }
  return "";
}

// What neither was asked for nor excluded: the first that fits.
Verifier const& chosen(std::string const& backend, std::string const& dtype) {
  std::string there;
  for (auto const& v : verifiers()) {
    if ((backend.empty() || backend == v.backend) && (dtype.empty() || dtype == v.dtype)) return v;
    there += text(there.empty() ? "" : ", ", v.backend, " in ", v.dtype);
  }
  demands(backend != "cuda" || !cuda_verifiers().empty(), built_without_cuda);
  throw Failure(ExitCode::usage, text("afire verify: there is no ", backend.empty() ? "backend" : backend, " in ",
                                      dtype.empty() ? "any type" : dtype, "; this program compares with ", there));
}

}  // namespace

int verify(Request const& r) {
  Verifier const& v = chosen(r.backend, r.dtype);
  SafetensorsFile const file(r.input);
  Settings const s = resolve(r.flags, nullptr, "");
  auto const all = v.compare(file, s);
  Json tensors{Json::Array{}};
  std::size_t widest = 6;
  Index outside = 0;
  for (auto const& c : all) widest = std::max(widest, c.d.name.size());
  int const width = static_cast<int>(widest);
  if (!r.json) std::printf("%-*s  %-9s  %-10s  %-10s  %s\n", width, "tensor", "kind", "worst", "allowed", "cosine");
  for (auto const& c : all) {
    Limit const limit = v.limit(c);
    bool const judged = std::isfinite(limit.worst) || limit.cosine > -1, holds = limit.holds(c.d);
    outside += !holds;
    if (r.json) {
      Json one = json_object({{"name", c.d.name}, {"kind", word(c.kind)}, {"elements", c.d.size}, {"largest", c.d.largest}});
      if (std::isfinite(c.d.worst)) one.set("worst", c.d.worst);
      else one.set("worst", Json());                       // a number that is none, or one in place of it
      if (std::isfinite(c.d.cosine)) one.set("cosine", c.d.cosine);
      if (std::isfinite(limit.worst)) one.set("allowed", limit.worst);
      if (limit.cosine > -1) one.set("least_cosine", limit.cosine);
      one.set("judged", judged), one.set("within", holds);
      tensors.push_back(std::move(one));
      continue;
    }
    std::string const allowed = std::isfinite(limit.worst) ? text(limit.worst) : limit.cosine > -1 ? text("cosine ", limit.cosine) : "-";
    std::printf("%-*s  %-9s  %-10.2g  %-10s  %.6f%s\n", width, c.d.name.c_str(), word(c.kind), c.d.worst, allowed.c_str(), c.d.cosine,
                holds ? "" : "  <- outside");
  }
  Index const count = static_cast<Index>(all.size());
  if (r.json) {
    Json const result = json_object({{"file", r.input}, {"backend", v.backend}, {"dtype", v.dtype}, {"tensors", tensors}, {"count", count},
                                     {"outside", outside}, {"agrees", outside == 0}});
    std::printf("%s", write_json(result, {.pretty = true}).c_str());
  } else {
    std::printf("%s: backend %s in %s, %ld tensors compared, %s\n", r.input.c_str(), v.backend, v.dtype, static_cast<long>(count),
                outside == 0 ? "all within what is allowed" : text(outside, " outside what is allowed").c_str());
  }
  return exit_of(outside == 0 ? ExitCode::done : ExitCode::differs);
}

}  // namespace afire::cli
