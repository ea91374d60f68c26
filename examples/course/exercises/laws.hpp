// laws.hpp -- what must hold of an exercise, each in a sentence; the first that does not is what the exercise says
//
//   Laws laws;
//   laws.hold(y(0, 1) == x(1, 0), "y(0, 1) is x(1, 0)");
//   return laws.end();                    // 0: all hold;  1: one does not, and it was printed
#pragma once
#include <cstdio>
#include <string>

#include <afire/core/error.hpp>

struct Laws {
  int held = 0;
  std::string broken;

  template <class... Words>
  void hold(bool law, Words const&... words) {
    if (law && broken.empty()) ++held;
    if (!law && broken.empty()) broken = afire::text(words...);
  }
  int end() const {
    if (broken.empty()) std::printf("solved: %d laws hold\n", held);
    else std::printf("not yet: %s\n", broken.c_str());
    return broken.empty() ? 0 : 1;
  }
};
