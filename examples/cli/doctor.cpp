#include <cmath>
#include <examples/cli/commands.hpp>
#include <examples/cli/gpu.hpp>
#include <examples/cli/machine.hpp>

namespace afire::cli {
namespace {

double rounded_to(double x, double unit) { return unit * std::round(x / unit); }

Json gpu_json(std::vector<Gpu> const& gpus) {
  Json all{Json::Array{}};
  for (auto const& gpu : gpus)
    all.push_back(json_object({{"name", gpu.name}, {"compute_capability", gpu.capability}, {"memory_mib", gpu.memory_mib},
                               {"free_mib", gpu.free_mib}}));
  return all;
}

// A driver is there, but no program of ours can use it.
bool unused_gpu(Gpus const& found) { return found.cuda.empty() && file_exists("/proc/driver/nvidia/version"); }

}  // namespace

int doctor(Request const& r) {
  Json facts = build_facts(), rates{Json::Object{}};
  Json losses{Json::Array{}};
  auto const lost = [&](bool is, std::string const& what) {
    if (is) losses.push_back(what);
  };
  Json const libraries = facts.at("libraries");    // a copy: facts grow below, and growing moves them
  auto const missing = [&](char const* name) {
    auto const* library = libraries.find(name);
    return !library || library->is_null();
  };
  Gpus const found = look_for_gpus();
  std::vector<Gpu> gpus;
  for (Index i = 0; i < found.count; ++i) gpus.push_back(about_gpu(i));
  auto const measure = [&](Composition const& c, std::string const& name, Settings const& on) {
    rates.set(name, rounded_to(1e-9 * gemm_rate(c, on), 0.1));
  };
  for (auto const& c : compositions()) {
    std::string const name = text(c.backend, " ", c.dtype);
    if (!c.on_gpu()) measure(c, name, {});
    for (Index i = 0; c.on_gpu() && i < found.count; ++i) {
      Settings on;
      on.device = i;
      if (gpus[static_cast<std::size_t>(i)].fault.empty()) measure(c, text(name, ", device ", i), on);
    }
  }
  facts.set("gemm_gflops_per_second", rates);
  facts.set("triad_gbytes_per_second", rounded_to(1e-9 * triad_rate(), 0.1));
  lost(missing("onednn"), "oneDNN is missing (Debian: libdnnl-dev): no bf16, and f32 runs on the next best backend");
  lost(missing("onednn") && missing("eigen"), "Eigen is missing too (libeigen3-dev): products are plain loops, many times slower");
  lost(missing("libpng"), "libpng is missing (libpng-dev): PNG films cannot be read, pictures and reports not be written");
  lost(missing("libjpeg-turbo") && missing("libjpeg"), "libjpeg is missing (libjpeg62-turbo-dev): JPEG films cannot be read");
  lost(missing("openmp"), "OpenMP is missing: everything runs in one thread");
  lost(!facts.at("optimised").boolean(), "this program was compiled without optimisation: configure with -DCMAKE_BUILD_TYPE=Release");
#ifdef __x86_64__
  for (auto const& words : lost_by(machine().instructions, instruction_set())) losses.push_back(words);
#else
  lost(!machine().fast_bf16, "this processor multiplies no bf16 that is known of: f32 is the default");
#endif
  lost(unused_gpu(found), built_without_cuda);
  lost(!found.cuda.empty() && found.count == 0, found.none);
  for (auto const& gpu : gpus) lost(!gpu.fault.empty(), gpu.fault);
  facts.set("gpus", gpu_json(gpus));
  facts.set("lost", losses);
  Settings s;
  std::string why;
  chosen_composition(s, &why);
  facts.set("default", json_object({{"backend", s.backend}, {"dtype", s.dtype}}));
  if (r.json) {
    std::printf("%s", write_json(facts, {.pretty = true}).c_str());
    return 0;
  }
  auto const line = [](std::string const& name, std::string const& value) { std::printf("%-22s %s\n", name.c_str(), value.c_str()); };
  line("afire", facts.at("afire").string() + ", " + facts.at("compiler").string());
  line("processor", facts.at("processor").string());
  line("instructions", facts.at("instructions").string());
  line("cores, threads", text(facts.at("cores").integer(), ", ", facts.at("threads").integer()));
  line("memory", text(facts.at("memory_mib").integer(), " MiB"));
  for (auto const& [name, version] : libraries.object())
    line(name, version.is_null() ? "missing" : version.kind() == JsonKind::string ? version.string() : text(version.integer()));
  for (Index i = 0; i < found.count; ++i) {
    Gpu const& gpu = gpus[static_cast<std::size_t>(i)];
    line(text("GPU, device ", i), text(gpu.name, ", compute capability ", gpu.capability, ", ", gpu.free_mib, " of ", gpu.memory_mib,
                                       " MiB free"));
  }
  for (auto const& [name, rate] : rates.object()) line("products, " + name, text(rate.number(), " GFLOP/s"));
  line("memory, triad", text(facts.at("triad_gbytes_per_second").number(), " GB/s"));
  line("default", why);
  for (auto const& words : losses.array()) std::printf("lost: %s\n", words.string().c_str());
  if (losses.array().empty()) std::printf("nothing is missing\n");
  return 0;
}

}  // namespace afire::cli
