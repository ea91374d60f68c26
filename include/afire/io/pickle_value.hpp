// afire/io/pickle_value.hpp -- what a pickle says, as plain values that refer to each other by number
//
//   auto const& pairs = p[p.root].items;                           // of a dictionary: key, value, key, value ...
//   for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) use(p[pairs[i]].words, p[pairs[i + 1]]);
//
// One value may stand in several places, or in itself: whoever walks them counts (io/pth.hpp does).
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <afire/core/config.hpp>

namespace afire {

enum class PickleKind : unsigned char {    // and which members of a value say it
  none, boolean, integer, number, string, bytes,
  list, tuple,                             // items
  dict,                                    // items: key, value, key, value ...
  global,                                  // words: "torch.FloatStorage"
  call,                                    // of the global `words` with the tuple items[0]; members (key, value ...), state: set later
  outside,                                 // data that lies elsewhere (a persistent id): items[0] says which
};

using PickleId = std::uint32_t;            // the place of a value in Pickle::values

struct PickleValue {                       // which members count depends on the kind
  PickleKind kind = PickleKind::none;
  PickleId state = 0;                      // a call's: what BUILD gave it, or 0
  std::int64_t whole = 0;                  // boolean, integer
  double number = 0;
  std::string words = {};                  // string, bytes, global, call
  std::vector<PickleId> items = {}, members = {};
};

struct Pickle {                            // all values, and which one is the whole
  std::vector<PickleValue> values;
  PickleId root = 0;
  Index bytes = 0;                         // that it took: another one may follow
  PickleValue const& operator[](PickleId id) const { return values[id]; }
};

}  // namespace afire
