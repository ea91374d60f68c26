// tests/support/pth.hpp -- small files as torch.save writes them: pickles out of their opcodes, zip archives of stored entries
//
//   std::string const bytes = pth(dict({{"w", tensor("0", "Float", 6, 0, {2, 3}, {3, 1})}}), {{"0", std::string(24, 'x')}});
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace afire_test {

template <class N>
std::string raw(N n) { return std::string(reinterpret_cast<char const*>(&n), sizeof n); }

// --- values of a pickle ---------------------------------------------------------------------------------------------------------------
inline std::string word(std::string const& s) { return "X" + raw(static_cast<std::uint32_t>(s.size())) + s; }
inline std::string whole(std::int64_t n) {
  if (n >= 0 && n < 256) return "K" + raw(static_cast<std::uint8_t>(n));
  if (n == static_cast<std::int32_t>(n)) return "J" + raw(static_cast<std::int32_t>(n));
  return std::string("\x8A\x08", 2) + raw(n);
}
inline std::string real(double x) {
  std::string const little = raw(x);
  return "G" + std::string(little.rbegin(), little.rend());
}
inline std::string join(std::vector<std::string> const& all) {
  std::string s;
  for (auto const& one : all) s += one;
  return s;
}
inline std::string tuple(std::vector<std::string> const& items) { return "(" + join(items) + "t"; }
inline std::string list(std::vector<std::string> const& items) { return "](" + join(items) + "e"; }
inline std::string members(std::vector<std::pair<std::string, std::string>> const& all) {
  std::string s = "(";
  for (auto const& [name, value] : all) s += word(name) + value;
  return s + "u";
}
inline std::string dict(std::vector<std::pair<std::string, std::string>> const& all) { return "}" + members(all); }
inline std::string global(std::string const& module, std::string const& name) { return "c" + module + "\n" + name + "\n"; }
inline std::string ordered(std::vector<std::pair<std::string, std::string>> const& all) {
  return global("collections", "OrderedDict") + ")R" + members(all);
}
inline std::string sizes(std::vector<std::int64_t> const& all) {
  std::vector<std::string> items;
  for (auto const n : all) items.push_back(whole(n));
  return tuple(items);
}
inline std::string storage(std::string const& key, std::string const& type, std::int64_t count) {
  return tuple({word("storage"), global("torch", type + "Storage"), word(key), word("cpu"), whole(count)}) + "Q";
}
inline std::string tensor(std::string const& key, std::string const& type, std::int64_t count, std::int64_t offset,
                          std::vector<std::int64_t> const& shape, std::vector<std::int64_t> const& strides) {
  auto const hooks = global("collections", "OrderedDict") + ")R";
  return global("torch._utils", "_rebuild_tensor_v2") +
         tuple({storage(key, type, count), whole(offset), sizes(shape), sizes(strides), "\x89", hooks}) + "R";
}
// Of a type without a storage of its own: uint16, uint32, uint64.
inline std::string untyped_tensor(std::string const& key, std::string const& type, std::int64_t bytes,
                                  std::vector<std::int64_t> const& shape,
                                  std::vector<std::int64_t> const& strides, std::int64_t offset = 0) {
  auto const storage = tuple({word("storage"), global("torch.storage", "UntypedStorage"), word(key), word("cpu"), whole(bytes)}) + "Q";
  return global("torch._utils", "_rebuild_tensor_v3") +
         tuple({storage, whole(offset), sizes(shape), sizes(strides), "\x89", global("collections", "OrderedDict") + ")R",
                global("torch", type)}) + "R";
}
inline std::string parameter(std::string const& of) {
  return global("torch._utils", "_rebuild_parameter") + tuple({of, "\x88", global("collections", "OrderedDict") + ")R"}) + "R";
}

// --- zip ------------------------------------------------------------------------------------------------------------------------------
struct ZipItem {
  std::string name, data;
  int method = 0, flags = 0;
};

// zip64: all sizes and offsets in the extra field and in a zip64 end record.
inline std::string zip_of(std::vector<ZipItem> const& items, bool zip64 = false) {
  std::string all, directory;
  auto const u16 = [](std::size_t n) { return raw(static_cast<std::uint16_t>(n)); };
  auto const u32 = [](std::size_t n) { return raw(static_cast<std::uint32_t>(n)); };
  auto const u64 = [](std::size_t n) { return raw(static_cast<std::uint64_t>(n)); };
  for (auto const& [name, data, method, flags] : items) {
    std::size_t const at = all.size(), size = data.size();
    std::string const wide = zip64 ? u16(1) + u16(24) + u64(size) + u64(size) + u64(at) : "";
    std::string const sizes_of = zip64 ? u32(0xFFFFFFFF) + u32(0xFFFFFFFF) : u32(size) + u32(size);
    std::string const common = u16(0) + u16(static_cast<std::size_t>(flags)) + u16(static_cast<std::size_t>(method)) + u32(0) + u32(0);
    all += u32(0x04034B50) + common + sizes_of + u16(name.size()) + u16(0) + name + data;
    directory += u32(0x02014B50) + u16(0) + common + sizes_of + u16(name.size()) + u16(wide.size()) + u16(0) + u16(0) + u16(0) +
                 u32(0) + u32(zip64 ? 0xFFFFFFFF : at) + name + wide;
  }
  std::size_t const begin = all.size(), end = begin + directory.size();
  all += directory;
  if (zip64) {
    all += u32(0x06064B50) + u64(44) + u16(45) + u16(45) + u32(0) + u32(0) + u64(items.size()) + u64(items.size()) +
           u64(directory.size()) + u64(begin);
    all += u32(0x07064B50) + u32(0) + u64(end) + u32(1);
  }
  std::size_t const count = zip64 ? 0xFFFF : items.size();
  return all + u32(0x06054B50) + u16(0) + u16(0) + u16(count) + u16(count) + u32(zip64 ? 0xFFFFFFFF : directory.size()) +
         u32(zip64 ? 0xFFFFFFFF : begin) + u16(0);
}

// A whole file: what the pickle says, and the bytes of each storage.
inline std::string pth(std::string const& value, std::vector<std::pair<std::string, std::string>> const& storages = {},
                       bool zip64 = false) {
  std::vector<ZipItem> items{{"x/data.pkl", "\x80\x02" + value + "."}, {"x/byteorder", "little"}};
  for (auto const& [key, data] : storages) items.push_back({"x/data/" + key, data});
  return zip_of(items, zip64);
}

// The same as PyTorch wrote it before 1.6; `counts` are elements of each storage.
inline std::string legacy_pth(std::string const& value, std::vector<std::pair<std::string, std::string>> const& storages,
                              std::vector<std::int64_t> const& counts) {
  auto const pickle = [](std::string const& of) { return "\x80\x02" + of + "."; };
  std::string all = pickle(std::string("\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19", 12)) + pickle("M\xE9\x03") +
                    pickle(dict({{"protocol_version", "M\xE9\x03"}, {"little_endian", "\x88"}})) + pickle(value);
  std::vector<std::string> keys;
  for (auto const& [key, data] : storages) keys.push_back(word(key));
  all += pickle(list(keys));
  for (std::size_t i = 0; i < storages.size(); ++i) all += raw(counts[i]) + storages[i].second;
  return all;
}

}  // namespace afire_test
