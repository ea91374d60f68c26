// tests/support/message.hpp -- the sentence of the error that something throws
//
//   CHECK(message([&] { read_file("nowhere"); }) == "cannot read nowhere: No such file or directory");
#pragma once
#include <string>

#include <afire/core/error.hpp>

namespace afire_test {

template <class F>
std::string message(F f) {
  try {
    f();
  } catch (afire::error const& e) { return e.what(); }
  return "(no error)";
}

}  // namespace afire_test
