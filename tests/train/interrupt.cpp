// Signals: the first is a question, the second an end; afterwards everything is as before.
#include <afire/train/interrupt.hpp>
#include <doctest/doctest.h>

#include "tests/support/child.hpp"
#include "tests/support/message.hpp"

using namespace afire;
using afire_test::message;
using afire_test::signal_of_child;

TEST_CASE("the first signal sets a flag, and the next Interrupt begins without it") {
  for (int const number : {SIGINT, SIGTERM}) {
    Interrupt const interrupt;
    CHECK_FALSE(interrupt.asked());
    CHECK(std::string(interrupt.name()) == "nothing");
    raise(number);
    CHECK(interrupt.asked());
    CHECK(interrupt.number() == number);
    CHECK(std::string(interrupt.name()) == (number == SIGINT ? "Ctrl-C" : "SIGTERM"));
  }
}

TEST_CASE("the second signal ends the program at once, whichever came first") {
  for (int const first : {SIGINT, SIGTERM})
    for (int const second : {SIGINT, SIGTERM})
      CHECK(signal_of_child([&] {
              Interrupt const interrupt;
              raise(first);
              raise(second);
            }) == second);
}

TEST_CASE("without an Interrupt signals do what they did before") {
  CHECK(signal_of_child([] {
          ::signal(SIGTERM, SIG_DFL);                  // and not the test program's own handler
          { Interrupt const interrupt; }
          raise(SIGTERM);
        }) == SIGTERM);
}

TEST_CASE("a signal that was ignored stays ignored") {
  CHECK(signal_of_child([] {
          ::signal(SIGINT, SIG_IGN);
          Interrupt const interrupt;
          raise(SIGINT);
          if (interrupt.asked()) raise(SIGKILL);
        }) == 0);
}

TEST_CASE("there is one at a time") {
  Interrupt const interrupt;
  CHECK(message([] { Interrupt(); }) == "an Interrupt exists already; one in a program is enough");
  raise(SIGINT);
  CHECK(interrupt.asked());
}
