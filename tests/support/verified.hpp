// tests/support/verified.hpp -- what `afire verify` compares, checked: every number within what its type allows, and nothing left out
#pragma once
#include <examples/cli/verify.hpp>
#include <set>

#include "tests/support/backends.hpp"
#include "tests/support/worst.hpp"

namespace afire_test {

inline std::string file_name(std::string const& path) {
  std::string const name = path.substr(path.rfind('/') + 1);
  return name.substr(0, name.rfind(".safetensors"));
}

// `beginnings`: of the names of all tensors that must have been compared.
template <class T, class B>
void verified(B const& be, SafetensorsFile const& file, std::vector<cli::Compared> const& all,
              std::initializer_list<char const*> beginnings) {
  Worst worst(file_name(file.path()), backend_name(be), type_name<T>());
  std::set<std::string> names;
  Difference cosine;
  for (auto const& c : all) {
    worst(c.d);
    names.insert(c.d.name);
    if (c.kind == cli::Kind::gradient && (cosine.name.empty() || c.d.cosine < cosine.cosine)) cosine = c.d;
    CHECK_MESSAGE(cli::limit<T>(c).holds(c.d), report(c.d));
  }
  if (std::is_same_v<T, bf16>) MESSAGE(file_name(file.path()), ": least cosine ", cosine.cosine, ", ", cosine.name);
  for (auto const& tensor : file)
    for (std::string const beginning : beginnings) {
      if (!tensor.name.starts_with(beginning) || tensor.name.ends_with("weight_g") || tensor.name.ends_with("pos_embed")) continue;
      auto const at = tensor.name.find("last_layers.");
      std::string const name = at == std::string::npos ? tensor.name : tensor.name.substr(0, at) + "last_layers.*.weight_v";
      CHECK_MESSAGE(names.contains(name), tensor.name, " was not compared");
    }
}

}  // namespace afire_test
