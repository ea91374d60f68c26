// afire/backend/replay.hpp -- a stretch of calls that comes again and again is recorded once, and then asked for as a whole
//
//   Replay<Machine> replay;
//   replay.begin(machine);                                // a step; the first `warm_up` of them are only carried out
//   replay.call(machine, act, &call, sizeof call, fixed); // what the step's code calls, one after the other
//   replay.flush(machine);                                // before anything that is no such call: a copy, a wait
//   replay.end(machine);
//
// Between two flushes lies a stretch, which becomes a graph of the machine. The code of the step runs every time as it is; while its calls
// are those of the recording, nothing is started until the flush, which starts the graph. A call is bytes: the first `fixed` of them must
// be the same again (kernel, sizes), the rest (numbers, pointers) may change and is put into the graph. Where a call is another one, what
// has come before it is carried out by itself, and so is the rest; twice in a row, and the stretch is recorded anew, at most three times.
//
// A Machine has  Node, Graph (movable, frees itself),  begin(),  bool end(Graph&),  launch(Graph&),  abandon()     and act:
//   act(machine, call, nullptr, nullptr)  carries the call out
//   act(machine, call, nullptr, &node)    adds it to what begin() has begun; node: written, its place
//   act(machine, call, &graph, &node)     puts it into the graph at that place
#pragma once
#include <cstring>
#include <utility>
#include <vector>

#include <afire/core/config.hpp>

namespace afire {

template <class Machine>
class Replay {
 public:
  using Node = typename Machine::Node;
  using Graph = typename Machine::Graph;
  using Act = void (*)(Machine&, void const* call, Graph*, Node*);

  static constexpr Index warm_up = 2;      // steps in which memory is taken and products choose their algorithms

  Index launched() const { return launched_; }           // graphs
  bool active() const { return active_; }

  void begin(Machine&) { active_ = ++steps_ > warm_up, segment_ = position_ = calls_ = 0, apart_ = false; }

  void end(Machine& m) {
    flush(m);
    active_ = false;
  }

  // A step that ended in an exception: what was not started is not.
  void abandon(Machine& m) {
    if (recording_) m.abandon(), drop(segments_[static_cast<std::size_t>(segment_)]);
    active_ = recording_ = false;
  }

  void call(Machine& m, Act act, void const* call, std::size_t bytes, std::size_t fixed) {
    if (!active_) return act(m, call, nullptr, nullptr);
    if (static_cast<std::size_t>(segment_) == segments_.size()) segments_.emplace_back();
    Segment& s = segments_[static_cast<std::size_t>(segment_)];
    ++calls_;
    if (s.state == State::ready && !apart_ && !again(m, s, act, call, bytes, fixed)) take_apart(m, s);
    else if (s.state == State::ready && !apart_) return;
    if (s.state == State::fresh && !apart_) {
      if (!recording_) m.begin(), recording_ = true;
      s.entries.push_back({act, s.bytes.size(), bytes, Node{}});
      s.bytes.resize(s.bytes.size() + (bytes + alignment - 1) / alignment * alignment);
      std::memcpy(s.bytes.data() + s.entries.back().at, call, bytes);
      return act(m, call, nullptr, &s.entries.back().node);
    }
    act(m, call, nullptr, nullptr);
  }

  void flush(Machine& m) {
    if (!active_ || calls_ == 0) return;
    Segment& s = segments_[static_cast<std::size_t>(segment_)];
    if (recording_) {
      recording_ = false;
      if (m.end(s.graph)) {
        s.state = State::ready;
        start(m, s);
      } else {                             // the machine cannot: never again
        carry_out(m, s, s.entries.size());
        drop(s), s.state = State::never;
      }
    } else if (s.state == State::ready && !apart_) {
      if (static_cast<std::size_t>(position_) == s.entries.size()) start(m, s);
      else take_apart(m, s);
    }
    ++segment_, position_ = calls_ = 0, apart_ = false;
  }

 private:
  static constexpr std::size_t alignment = 16;
  enum class State { fresh, ready, never };
  struct Entry {
    Act act;
    std::size_t at, bytes;                 // of the call, in Segment::bytes
    Node node;
  };
  struct alignas(alignment) Unit { std::byte x[alignment]; };
  struct Bytes {                           // aligned as a call may have to be
    std::vector<Unit> units;
    std::size_t size() const { return units.size() * alignment; }
    void resize(std::size_t bytes) { units.resize(bytes / alignment); }
    std::byte* data() { return reinterpret_cast<std::byte*>(units.data()); }
  };
  struct Segment {
    std::vector<Entry> entries;
    Bytes bytes;
    Graph graph{};
    State state = State::fresh;
    int missed = 0, dropped = 0;           // times in a row; times in all
  };

  // Whether the call is the recorded one; its new numbers go into the graph.
  bool again(Machine& m, Segment& s, Act act, void const* call, std::size_t bytes, std::size_t fixed) {
    if (static_cast<std::size_t>(position_) == s.entries.size()) return false;
    Entry& e = s.entries[static_cast<std::size_t>(position_)];
    std::byte* const old = s.bytes.data() + e.at;
    if (e.act != act || e.bytes != bytes || std::memcmp(old, call, fixed) != 0) return false;
    if (std::memcmp(old, call, bytes) != 0) {
      std::memcpy(old, call, bytes);
      act(m, old, &s.graph, &e.node);
    }
    ++position_;
    return true;
  }

  void start(Machine& m, Segment& s) { m.launch(s.graph), ++launched_, s.missed = 0; }

  void carry_out(Machine& m, Segment& s, std::size_t count) {
    for (std::size_t k = 0; k < count; ++k) s.entries[k].act(m, s.bytes.data() + s.entries[k].at, nullptr, nullptr);
  }

  // The calls of this step that were as recorded, by themselves; those that follow until the flush too.
  void take_apart(Machine& m, Segment& s) {
    carry_out(m, s, static_cast<std::size_t>(position_));
    apart_ = true;
    if (++s.missed == 2) drop(s);
  }

  void drop(Segment& s) {
    s.entries.clear(), s.bytes.units.clear(), s.graph = Graph{};
    s.missed = 0, s.state = ++s.dropped < 3 ? State::fresh : State::never;
  }

  std::vector<Segment> segments_;
  Index steps_ = 0, segment_ = 0, position_ = 0, calls_ = 0, launched_ = 0;
  bool active_ = false, recording_ = false;
  bool apart_ = false;                     // the rest of this stretch is carried out call by call
};

}  // namespace afire
