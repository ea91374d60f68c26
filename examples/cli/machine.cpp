#include <examples/cli/gpu.hpp>
#include <examples/cli/machine.hpp>

#include <afire/io/file.hpp>
#include <thread>
#ifdef AFIRE_HAVE_ONEDNN
#include <oneapi/dnnl/dnnl.h>
#endif
#ifdef AFIRE_HAVE_EIGEN
#include <Eigen/src/Core/util/Macros.h>
#endif
#ifdef AFIRE_HAVE_PNG
#include <png.h>
#endif
#ifdef AFIRE_HAVE_JPEG
#include <cstdio>

#include <jpeglib.h>
#endif
#ifdef _OPENMP
#include <omp.h>
#endif

namespace afire::cli {
namespace {

// The value of the first line "name : value" of a text like /proc/cpuinfo; empty where there is none.
std::string value_of(std::string const& words, std::string_view name) {
  auto at = words.starts_with(name) ? 0 : words.find("\n" + std::string(name));
  if (at == words.npos) return {};
  at = words.find(':', at);
  if (at == words.npos) return {};
  auto const begin = words.find_first_not_of(" \t", at + 1), end = words.find('\n', at);
  return begin == words.npos || begin >= end ? "" : words.substr(begin, end - begin);
}

std::string system_file(char const* path) {
  try {
    return read_file(path);
  } catch (error const&) { return {}; }
}

Machine look() {
  Machine m;
  std::string const cpu = system_file("/proc/cpuinfo");
  m.processor = value_of(cpu, "model name");
  std::string const flags = " " + value_of(cpu, "flags") + " ";
  auto const has = [&](char const* flag) { return flags.find(text(" ", flag, " ")) != flags.npos; };
  for (auto const& [flag, name] :
       {std::pair{"amx_bf16", "AMX bf16"}, {"avx512_bf16", "AVX-512 bf16"}, {"avx512f", "AVX-512"}, {"avx2", "AVX2"}})
    if (has(flag)) m.instructions += (m.instructions.empty() ? "" : ", ") + std::string(name);
  if (m.instructions.empty()) m.instructions = "baseline";
  m.fast_bf16 = has("amx_bf16") || has("avx512_bf16");
  m.cores = static_cast<Index>(std::thread::hardware_concurrency());
  std::string const memory = value_of(system_file("/proc/meminfo"), "MemTotal");
  for (char const c : memory) {
    if (c < '0' || c > '9') break;
    m.memory_mib = 10 * m.memory_mib + (c - '0');
  }
  m.memory_mib /= 1024;
  return m;
}

}  // namespace

Machine const& machine() {
  static Machine const found = look();
  return found;
}

std::vector<std::string> lost_by(std::string const& instructions, InstructionSet rows) {
  std::vector<std::string> lost;
  auto const has = [&](char const* name) { return (instructions + ",").find(text(name, ",")) != instructions.npos; };
  if (!has("AMX bf16") && has("AVX-512 bf16"))
    lost.emplace_back("no AMX: bf16 products run at about twice the rate of f32, on processors with AMX at several times that");
  else if (!has("AMX bf16"))
    lost.emplace_back("this processor multiplies no bf16 (neither AMX nor AVX-512 bf16): f32 is the default, bf16 would only save memory");
  if (rows == InstructionSet::avx2)
    lost.emplace_back("no AVX-512: row loops take 8 numbers at once in place of 16, 1.2 (f32) to 1.5 times (bf16) as long");
  if (rows == InstructionSet::plain)
    lost.emplace_back("neither AVX-512 nor AVX2: row loops take one number after the other, and products are many times slower");
  return lost;
}

Index team() {
#ifdef _OPENMP
  return omp_get_max_threads();
#else
  return 1;
#endif
}

Json build_facts() {
  auto const& m = machine();
  Json libraries{Json::Object{}};
  auto const none = Json(nullptr);
#ifdef AFIRE_HAVE_ONEDNN
  auto const* const dnnl = dnnl_version();
  libraries.set("onednn", text(dnnl->major, ".", dnnl->minor, ".", dnnl->patch));
#else
  libraries.set("onednn", none);
#endif
#ifdef AFIRE_HAVE_EIGEN
  libraries.set("eigen", text(EIGEN_WORLD_VERSION, ".", EIGEN_MAJOR_VERSION, ".", EIGEN_MINOR_VERSION));
#else
  libraries.set("eigen", none);
#endif
#ifdef AFIRE_HAVE_PNG
  libraries.set("libpng", png_get_libpng_ver(nullptr));
#else
  libraries.set("libpng", none);
#endif
#ifdef AFIRE_HAVE_JPEG
#ifdef LIBJPEG_TURBO_VERSION
#define AFIRE_WORDS(x) #x
#define AFIRE_WORDS_OF(x) AFIRE_WORDS(x)
  libraries.set("libjpeg-turbo", AFIRE_WORDS_OF(LIBJPEG_TURBO_VERSION));
#else
  libraries.set("libjpeg", JPEG_LIB_VERSION);
#endif
#else
  libraries.set("libjpeg-turbo", none);
#endif
#ifdef _OPENMP
  libraries.set("openmp", _OPENMP);
#else
  libraries.set("openmp", none);
#endif
  Gpus const gpus = look_for_gpus();
  if (gpus.cuda.empty()) libraries.set("cuda", none);
  else libraries.set("cuda", gpus.cuda);
  if (!gpus.driver.empty()) libraries.set("cuda driver", gpus.driver);
#ifdef __clang__
  char const* const compiler = "clang " __clang_version__;
#else
  char const* const compiler = "gcc " __VERSION__;
#endif
#ifdef __OPTIMIZE__
  bool const optimised = true;
#else
  bool const optimised = false;
#endif
  return json_object({{"afire", AFIRE_VERSION}, {"compiler", compiler}, {"optimised", optimised}, {"libraries", libraries},
                      {"processor", m.processor}, {"instructions", m.instructions}, {"cores", m.cores}, {"threads", team()},
                      {"memory_mib", m.memory_mib}});
}

}  // namespace afire::cli
