// afire/io/pickle.hpp -- reads a Python pickle as data: numbers, words, lists, dictionaries, and calls that are written down and never made
//
//   Pickle const p = read_pickle(bytes, "weights.pth", [](std::string_view global) { return global == "collections.OrderedDict"; });
//   PickleValue const& root = p[p.root];                           // io/pickle_value.hpp
//
// A pickle is a program for a small stack machine. Here GLOBAL gives a value that holds a name, and only where the caller knows that name;
// REDUCE, NEWOBJ and BUILD give a value that holds what would have been called, with what. Nothing is looked up, imported or run.
//
// Read are the opcodes of protocols 2 to 5 that files of weights have. There are never more values than bytes in the pickle.
#pragma once
#include <bit>
#include <cstring>
#include <unordered_map>

#include <afire/core/utf8.hpp>
#include <afire/core/view.hpp>
#include <afire/io/json_value.hpp>
#include <afire/io/pickle_value.hpp>

namespace afire {

template <class Known>
class PickleReader {                       // read_pickle() below is the way to call it
 public:
  PickleReader(View<const std::byte, 1> all, std::string_view what, Known known) : all_(all), what_(what), known_(known) {}

  Pickle whole() {
    add({});                               // 0: None, and "nothing" where a value may be absent
    for (;;) {
      opcode_at_ = at_;
      int const opcode = byte();
      if (opcode == '.') break;
      step(opcode);
    }
    result_.root = pop();
    if (!stack_.empty()) wrong("ends with values left over");
    result_.bytes = at_;
    return std::move(result_);
  }

 private:
  [[noreturn]] void wrong(std::string const& why) const {
    throw error(text(what_, ": its pickle, byte ", opcode_at_, ": ", why));
  }

  // --- what is read ---------------------------------------------------------------------------------------------------------------
  std::byte const* take(std::uint64_t count) {
    if (count > static_cast<std::uint64_t>(all_.size() - at_)) wrong("goes on after its end; it was cut short");
    auto const* const from = all_.data + at_;
    at_ += static_cast<Index>(count);
    return from;
  }
  template <class U>
  U raw() {
    U x;
    std::memcpy(&x, take(sizeof x), sizeof x);
    return x;
  }
  int byte() { return raw<std::uint8_t>(); }
  std::string words(std::uint64_t count) {
    auto const* const from = take(count);
    return std::string(reinterpret_cast<char const*>(from), count);
  }
  std::string line() {
    auto const* const from = all_.data + at_;
    auto const* const end = static_cast<std::byte const*>(std::memchr(from, '\n', static_cast<std::size_t>(all_.size() - at_)));
    if (!end) wrong("goes on after its end; it was cut short");
    std::string all = words(static_cast<std::uint64_t>(end - from));
    ++at_;
    return all;
  }

  // --- the stack, the memo, the values --------------------------------------------------------------------------------------------
  PickleId add(PickleValue value) {
    constexpr std::size_t most = 1'000'000;                            // about 100 bytes of memory each
    if (result_.values.size() >= most) wrong(text("more than ", most, " values"));
    result_.values.push_back(std::move(value));
    return static_cast<PickleId>(result_.values.size() - 1);
  }
  void push(PickleId id) { stack_.push_back(id); }
  void push(PickleValue value) { push(add(std::move(value))); }
  PickleId pop() {
    if (stack_.size() <= floor()) wrong("takes a value where there is none");
    PickleId const id = stack_.back();
    stack_.pop_back();
    return id;
  }
  PickleId top() {
    PickleId const id = pop();
    push(id);
    return id;
  }
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  std::vector<PickleId> pop_to_mark() {
    if (marks_.empty()) wrong("takes the values since a mark where there is none");
    auto const from = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<PickleId> const all(from, stack_.end());
    stack_.erase(from, stack_.end());
    marks_.pop_back();
    return all;
  }
  void remember(std::uint64_t key) { memo_[key] = top(); }
  void recall(std::uint64_t key) {
    auto const found = memo_.find(key);
    if (found == memo_.end()) wrong(text("asks for value ", key, ", which was never stored"));
    push(found->second);
  }

  void push_words(PickleKind kind, std::string text_of) {
    if (kind == PickleKind::string)
      for (std::size_t i = 0; i < text_of.size();) {
        std::size_t const n = utf8_length(std::string_view(text_of).substr(i));
        if (n == 0) wrong("a text that is not UTF-8");
        i += n;
      }
    push(PickleValue{.kind = kind, .words = std::move(text_of)});
  }
  void push_list(PickleKind kind, std::vector<PickleId> items) { push(PickleValue{.kind = kind, .items = std::move(items)}); }
  void push_whole(PickleKind kind, std::int64_t n) { push(PickleValue{.kind = kind, .whole = n}); }
  void push_tuple(int count) {
    std::vector<PickleId> items(static_cast<std::size_t>(count));
    for (auto item = items.rbegin(); item != items.rend(); ++item) *item = pop();
    push_list(PickleKind::tuple, std::move(items));
  }
  void push_long(std::uint64_t count) {                                // little-endian two's complement
    std::string const digits = words(count);
    if (count > 8) return push_words(PickleKind::bytes, digits);       // beyond 64 bits: kept as it stands
    std::uint64_t n = count > 0 && (digits.back() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
    std::memcpy(&n, digits.data(), count);
    push_whole(PickleKind::integer, static_cast<std::int64_t>(n));
  }
  void push_global(std::string const& module, std::string const& name) {
    std::string const global = module + "." + name;
    if (!known_(std::string_view(global)))
      throw error(text(what_, ": its pickle wants the Python object ", quoted(global),
                       ", which is none of those that hold weights; nothing of it is executed. Save a plain state_dict"));
    push_words(PickleKind::global, global);
  }

  // --- what would call, and what fills ----------------------------------------------------------------------------------------------
  void would_call() {
    PickleId const arguments = pop(), called = pop();
    if (result_[called].kind != PickleKind::global || result_[arguments].kind != PickleKind::tuple) wrong("calls what is no Python object");
    push(PickleValue{.kind = PickleKind::call, .words = std::string(result_[called].words), .items = {arguments}});
  }
  void build() {
    PickleId const state = pop();
    PickleValue& object = result_.values[top()];
    if (object.kind != PickleKind::call) wrong("gives a state to what has none");
    object.state = state;
  }
  void fill(std::vector<PickleId> const& more, bool members) {
    PickleValue& to = result_.values[top()];
    if (members ? to.kind != PickleKind::dict && to.kind != PickleKind::call : to.kind != PickleKind::list)
      wrong(members ? "adds members to what is no dictionary" : "adds items to what is no list");
    if (members && more.size() % 2 != 0) wrong("adds a name without a value");
    auto& list = to.kind == PickleKind::call ? to.members : to.items;
    list.insert(list.end(), more.begin(), more.end());
  }

  void step(int opcode) {
    using enum PickleKind;
    switch (opcode) {
      case 0x80: byte(); break;                                                              // PROTO
      case 0x95: take(8); break;                                                             // FRAME
      case 'N': push(PickleId{0}); break;                                                    // NONE
      case 0x88: push_whole(boolean, 1); break;                                              // NEWTRUE
      case 0x89: push_whole(boolean, 0); break;                                              // NEWFALSE
      case 'J': push_whole(integer, raw<std::int32_t>()); break;                          // BININT
      case 'K': push_whole(integer, raw<std::uint8_t>()); break;                          // BININT1
      case 'M': push_whole(integer, raw<std::uint16_t>()); break;                         // BININT2
      case 0x8A: push_long(raw<std::uint8_t>()); break;                                   // LONG1
      case 0x8B: push_long(raw<std::uint32_t>()); break;                                  // LONG4
      case 'G': push(PickleValue{.kind = PickleKind::number, .number = big_endian()}); break;                 // BINFLOAT
      case 'X': push_words(string, words(raw<std::uint32_t>())); break;                   // BINUNICODE
      case 0x8C: push_words(string, words(raw<std::uint8_t>())); break;                   // SHORT_BINUNICODE
      case 0x8D: push_words(string, words(raw<std::uint64_t>())); break;                  // BINUNICODE8
      case 'T': case 'B': push_words(bytes, words(raw<std::uint32_t>())); break;          // BINSTRING, BINBYTES
      case 'U': case 'C': push_words(bytes, words(raw<std::uint8_t>())); break;           // SHORT_BINSTRING, SHORT_BINBYTES
      case 0x8E: push_words(bytes, words(raw<std::uint64_t>())); break;                   // BINBYTES8
      case '(': marks_.push_back(stack_.size()); break;                                      // MARK
      case '0': pop(); break;                                                                // POP
      case '1': pop_to_mark(); break;                                                        // POP_MARK
      case '2': push(top()); break;                                                          // DUP
      case ']': push_list(list, {}); break;                                                  // EMPTY_LIST
      case ')': push_list(tuple, {}); break;                                                 // EMPTY_TUPLE
      case '}': push_list(dict, {}); break;                                                  // EMPTY_DICT
      case 0x8F: push_list(list, {}); break;                                                 // EMPTY_SET
      case 'l': case 0x91: push_list(list, pop_to_mark()); break;                            // LIST, FROZENSET
      case 't': push_list(tuple, pop_to_mark()); break;                                      // TUPLE
      case 0x85: case 0x86: case 0x87: push_tuple(opcode - 0x84); break;                     // TUPLE1, TUPLE2, TUPLE3
      case 'a': { PickleId const one = pop(); fill({one}, false); } break;                   // APPEND
      case 'e': case 0x90: fill(pop_to_mark(), false); break;                                // APPENDS, ADDITEMS
      case 's': { PickleId const value = pop(), key = pop(); fill({key, value}, true); } break;                // SETITEM
      case 'u': fill(pop_to_mark(), true); break;                                            // SETITEMS
      case 'q': remember(raw<std::uint8_t>()); break;                                     // BINPUT
      case 'r': remember(raw<std::uint32_t>()); break;                                    // LONG_BINPUT
      case 0x94: remember(memo_.size()); break;                                              // MEMOIZE
      case 'h': recall(raw<std::uint8_t>()); break;                                       // BINGET
      case 'j': recall(raw<std::uint32_t>()); break;                                      // LONG_BINGET
      case 'c': { std::string const module = line(); push_global(module, line()); } break;   // GLOBAL
      case 0x93: {                                                                           // STACK_GLOBAL
        PickleValue const &name = result_[pop()], &module = result_[pop()];
        if (name.kind != string || module.kind != string) wrong("names a Python object by what is no text");
        push_global(std::string(module.words), std::string(name.words));
      } break;
      case 'R': case 0x81: would_call(); break;                                              // REDUCE, NEWOBJ
      case 'b': build(); break;                                                              // BUILD
      case 'Q': { PickleId const which = pop(); push_list(outside, {which}); } break;        // BINPERSID
      default: {
        char code[8];
        std::snprintf(code, sizeof code, "0x%02X", static_cast<unsigned>(opcode));
        wrong(text("opcode ", code, ", which files of weights do not have"));
      }
    }
  }
  double big_endian() { return std::bit_cast<double>(__builtin_bswap64(raw<std::uint64_t>())); }

  View<const std::byte, 1> all_;
  std::string_view what_;
  Known known_;
  Pickle result_;
  std::vector<PickleId> stack_;
  std::vector<std::size_t> marks_;                                     // sizes of the stack
  std::unordered_map<std::uint64_t, PickleId> memo_;
  Index at_ = 0, opcode_at_ = 0;
};

// The pickle that begins where `bytes` does; `what` (a path) begins every message, known("module.name") says what it may name.
template <class Known>
Pickle read_pickle(View<const std::byte, 1> bytes, std::string_view what, Known known) {
  return PickleReader<Known>(bytes, what, known).whole();
}

}  // namespace afire
