#include <examples/cli/gpu.hpp>
#include <examples/cli/machine.hpp>

namespace afire::cli {

Composition onednn_bf16();
Composition onednn_f32();
Composition eigen_f32();
Composition reference_f32();

std::span<Composition const> compositions() {
  static std::vector<Composition> const all = [] {
    std::vector<Composition> there{
#ifdef AFIRE_HAVE_ONEDNN
        onednn_bf16(), onednn_f32(),
#endif
#ifdef AFIRE_HAVE_EIGEN
        eigen_f32(),
#endif
        reference_f32()};
    for (auto const& c : cuda_compositions()) there.push_back(c);
    return there;
  }();
  return all;
}

Composition const& chosen_composition(Settings& s, std::string* why) {
  std::string const backend = s.backend, dtype = s.dtype;
  auto const all = compositions();
  auto const find = [&](std::string_view b, std::string_view d) -> Composition const* {
    for (auto const& c : all)
      if ((b.empty() || b == c.backend) && (d.empty() || d == c.dtype)) return &c;
    return nullptr;
  };
  bool const gpu = backend == "cuda";
  Composition const* found = dtype.empty() && !gpu && !machine().fast_bf16 ? find(backend, "f32") : find(backend, dtype);
  demands(found || !gpu, built_without_cuda);
  if (!found) {
    std::string there;
    for (auto const& c : all) there += text(there.empty() ? "" : ", ", c.backend, " in ", c.dtype);
    throw Failure(ExitCode::usage,
                  text("this program has no backend ", backend.empty() ? "" : text(backend, " "), "for ",
                       dtype.empty() ? "any type" : dtype, "; it was built with ", there, " (afire doctor says what to install)"));
  }
  s.backend = found->backend, s.dtype = found->dtype;
  if (why) {
    *why = text("backend ", s.backend, ", ", s.dtype);
    if (dtype.empty() && !gpu)
      *why += s.dtype == "bf16"     ? text(", because this processor has ", machine().instructions)
              : machine().fast_bf16 ? ", because bf16 needs oneDNN"
                                    : ", because this processor multiplies no bf16";
  }
  return *found;
}

}  // namespace afire::cli
