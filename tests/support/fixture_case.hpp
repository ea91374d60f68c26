// tests/support/fixture_case.hpp -- one case of a fixture file: its inputs in any type, what it expects, how far a result is from it
//
//   each_fixture_case<Target>("ops.safetensors", {"linear_2d", "linear_3d"}, [](auto& be, auto const& c) {
//     auto const x = c("in/x");   ...   c.same("out/y", y.view());
//   });
#pragma once
#include <initializer_list>
#include <string>

#include <afire/core/param.hpp>
#include <afire/io/safetensors.hpp>
#include <afire/testing/compare.hpp>
#include <doctest/doctest.h>

#include "tests/support/backends.hpp"
#include "tests/support/fixtures.hpp"
#include "tests/support/worst.hpp"

namespace afire_test {

using namespace afire;

// One case of the file, for computing in T.
template <class T>
struct FixtureCase {
  using S = Accum<T>;
  SafetensorsFile const& file;
  std::string name;
  double allowed = std::is_same_v<T, double> ? 1e-10 : 1e-5;
  Worst* worst = nullptr;

  template <class X>
  Tensor<X, 1> read(std::string const& tensor) const {
    auto const values = file.read<double>(name + "/" + tensor);
    Tensor<X, 1> x(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) x.data()[i] = X(values[i]);
    return x;
  }
  Tensor<T, 1> operator()(std::string const& tensor) const { return read<T>(tensor); }
  bool has(std::string const& tensor) const { return file.find(name + "/" + tensor) != nullptr; }
  Index extent(std::string const& tensor, std::size_t axis) const { return file.at(name + "/" + tensor).shape.at(axis); }
  double number(std::string const& tensor) const { return file.read<double>(name + "/" + tensor).at(0); }

  template <class V>
  void same(std::string const& tensor, V got, double tolerance = 0) const {
    auto const want = file.read<double>(name + "/" + tensor);
    auto const d = difference(name + "/" + tensor, got.flat(), View<const double, 1>(want.data(), want.size()));
    if (worst) (*worst)(d);
    CHECK_MESSAGE(d.worst <= (tolerance > 0 ? tolerance : allowed), report(d));
  }
  // Parameters from param/<name>; those that the file lacks are zero.
  void fill_parameters(ParamStore<T>& store) const {
    for (auto& [parameter, param, offset] : store)
      if (has("param/" + parameter)) file.read<S>(name + "/param/" + parameter, param.value);
  }
  void same_gradients(ParamStore<T>& store) const {
    for (auto& [parameter, param, offset] : store)
      if (has("grad/" + parameter)) same("grad/" + parameter, param.grad);
  }
};

// f(backend, case) for each of the names, with Target's backend and type.
template <class Target, class F>
void each_fixture_case(char const* file_name, std::initializer_list<char const*> names, F f) {
  auto const path = fixture(file_name);
  if (!path) return;
  SafetensorsFile const file(*path);
  using T = typename Target::Type;
  typename Target::Backend be;
  std::string const title = file_name;
  Worst worst(title.substr(0, title.rfind('.')), backend_name(be), type_name<T>());
  for (char const* name : names) {
    FixtureCase<T> one{file, name};
    one.worst = &worst;
    f(be, one);
  }
}

}  // namespace afire_test
