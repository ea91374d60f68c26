// afire/io/pth_legacy.hpp -- what torch.save wrote before PyTorch 1.6: five pickles one after another, then the storages
//
//   a number that says what it is;  the version 1001;  facts of the machine;  the whole;  a list of keys;
//   for each key: how many elements (8 bytes), and they
//
//   if (is_legacy_pth(bytes)) LegacyPth const file = read_legacy_pth(bytes, "weights.pth");
#pragma once
#include <afire/io/pth_tensor.hpp>

namespace afire {

struct LegacyPth {
  Pickle pickle;
  Storages storages;                       // where they lie in the file
};

inline constexpr std::string_view legacy_pth_magic("\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19.", 13);          // after PROTO 2

inline bool is_legacy_pth(View<const std::byte, 1> all) {
  return all.size() >= 15 && std::string_view(reinterpret_cast<char const*>(all.data) + 2, 13) == legacy_pth_magic;
}

inline LegacyPth read_legacy_pth(View<const std::byte, 1> all, std::string const& path) {
  LegacyPth file;
  Index at = 0;
  auto const next = [&] {
    Pickle p = read_pickle(all.slice(at, all.size() - at), path, is_known_global);
    at += p.bytes;
    return p;
  };
  next();
  Pickle const version = next();
  expects(version[version.root].whole == 1001, path, ": version ", version[version.root].whole, " of PyTorch's older format; 1001 is read");
  Pickle const machine = next();
  auto const& facts = machine[machine.root].items;
  for (std::size_t i = 0; i + 1 < facts.size(); i += 2)
    expects(machine[facts[i]].words != "little_endian" || machine[facts[i + 1]].whole == 1, path,
            ": its numbers are not little-endian; save it again on another machine");
  file.pickle = next();
  std::map<std::string, Index, std::less<>> sizes;                     // bytes of an element
  for (PickleId id = 0; id < file.pickle.values.size(); ++id) {
    if (file.pickle[id].kind != PickleKind::outside) continue;
    try {
      PthStorage const s = read_pth_storage(file.pickle, id);
      sizes.insert({s.key, dtype_bytes(s.dtype)});
    } catch (error const& e) { throw error(text(path, ": a tensor: ", e.what())); }
  }
  Pickle const keys = next();
  for (PickleId const id : keys[keys.root].items) {
    auto const& key = keys[id].words;
    auto const size = sizes.find(key);
    expects(size != sizes.end(), path, ": a storage ", quoted(key), " that belongs to no tensor");
    Index count = 0, bytes = 0;
    expects(all.size() - at >= 8, path, ": the storage ", quoted(key), " is missing; the file was cut short");
    std::memcpy(&count, all.data + at, 8);
    at += 8;
    expects(count >= 0 && !__builtin_mul_overflow(count, size->second, &bytes) && bytes <= all.size() - at, path, ": the storage ",
            quoted(key), " of ", count, " elements ends after the file; it was cut short");
    file.storages.insert({key, all.slice(at, bytes)});
    at += bytes;
  }
  expects(at == all.size(), path, ": ", all.size() - at, " bytes after its last storage belong to nothing");
  return file;
}

}  // namespace afire
