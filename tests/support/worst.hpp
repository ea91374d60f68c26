// tests/support/worst.hpp -- the worst differences from a fixture on one backend in one type, said when the last comparison is done
//
//   Worst worst("ops", backend_name(be), type_name<T>());      worst.output(d);      worst.gradient(d);
//   // worst: ops | OneDnn | f32 | block/out/y | 2.1e-07 | linear_2d/grad/weight | 3e-07
//
// tests/support/worst_table.sh makes the table of docs/fixtures.md of these lines.
#pragma once
#include <string>

#include <afire/testing/compare.hpp>
#include <doctest/doctest.h>

namespace afire_test {

class Worst {
 public:
  Worst(std::string fixture, std::string backend, std::string type) : head_(fixture + " | " + backend + " | " + type) {}
  Worst(Worst const&) = delete;
  ~Worst() {
    auto const words = [](afire::Difference const& d) {
      if (d.name.empty()) return std::string(" | - | -");
      char number[32];
      std::snprintf(number, sizeof number, "%.2g", d.worst);
      return " | " + d.name + " | " + number;
    };
    MESSAGE("worst: ", head_, words(output_), words(gradient_));
  }

  void output(afire::Difference const& d) { keep(output_, d); }
  void gradient(afire::Difference const& d) { keep(gradient_, d); }
  // Of a tensor by its name: gradients begin with grad or stand below grad/.
  void operator()(afire::Difference const& d) {
    bool const is_gradient = d.name.rfind("grad", 0) == 0 || d.name.find("/grad/") != std::string::npos;
    is_gradient ? gradient(d) : output(d);
  }

 private:
  static void keep(afire::Difference& worst, afire::Difference const& d) {
    if (worst.name.empty() || worst.worst < d.worst) worst = d;
  }
  std::string head_;
  afire::Difference output_, gradient_;
};

}  // namespace afire_test
