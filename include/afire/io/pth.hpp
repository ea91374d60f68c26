// afire/io/pth.hpp -- reads what torch.save has written (.pth, .pt, .bin): tensors by dotted names, numbers and words as metadata
//
//   {"student": OrderedDict{"module.encoder.cls_token": tensor}, "epoch": 7, "args": Namespace(lr=0.1)}
//   -> tensor "student.module.encoder.cls_token",  metadata "epoch": "7", "args.lr": "0.1";  a list's items are called 0, 1, 2 ...
//
//   PthFile const file("checkpoint.pth");                  // a TensorFile: io/tensor_file.hpp says what can be asked of it
//   TensorFile const any = open_tensors("weights");        // safetensors or .pth, by its first bytes
//
// A zip archive of data.pkl and one entry for each storage, or the older form without zip (io/pth_legacy.hpp). Nothing of the pickle is
// executed (io/pickle.hpp). Tensors that are contiguous stay where they are in the mapped file; others are copied once.
#pragma once
#include <afire/io/json.hpp>
#include <afire/io/pth_legacy.hpp>
#include <afire/io/pth_tensor.hpp>
#include <afire/io/safetensors.hpp>
#include <afire/io/zip.hpp>

namespace afire {

class PthFile : public TensorFile {
 public:
  explicit PthFile(std::string path) : TensorFile(std::move(path)) {
    auto const all = map_.bytes();
    if (is_legacy_pth(all)) {
      LegacyPth const legacy = read_legacy_pth(all, path_);
      walk_whole(legacy.pickle, legacy.storages);
    } else {
      read_zip(all);
    }
  }

 private:
  void read_zip(View<const std::byte, 1> all) {
    expects(all.size() >= 4 && little<std::uint32_t>(all.data) == 0x04034B50, path_,
            ": it is neither a zip archive nor an older file of torch.save");
    ZipArchive const zip(all, path_);
    std::string folder;
    int pickles = 0;
    for (auto const& [name, entry] : zip)
      if (name == "data.pkl" || name.ends_with("/data.pkl")) folder = name.substr(0, name.size() - 8), ++pickles;
    expects(pickles == 1, path_, ": a zip archive with ", pickles, " entries data.pkl; torch.save writes one");
    for (auto const& entry : zip)
      if (entry.first == folder + "byteorder") {
        auto const order = zip.of(entry);
        expects(std::string_view(reinterpret_cast<char const*>(order.data), static_cast<std::size_t>(order.size())) == "little", path_,
                ": its numbers are not little-endian; save it again on another machine");
      }
    auto const pickle = zip.at(folder + "data.pkl");
    Storages storages;
    std::string const data = folder + "data/";
    for (auto const& entry : zip)
      if (entry.first.starts_with(data)) storages.insert({std::string(entry.first.substr(data.size())), zip.of(entry)});
    Pickle const p = read_pickle(pickle, path_, is_known_global);
    expects(p.bytes == pickle.size(), path_, ": ", pickle.size() - p.bytes, " bytes after its pickle belong to nothing");
    walk_whole(p, storages);
  }

  void walk_whole(Pickle const& p, Storages const& storages) {
    // Names are made of what the pickle spells out; one that is much longer than it says the same things again and again.
    budget_ = 64 * p.bytes + (1 << 16), copies_left_ = map_.bytes().size();
    walk(p, storages, p.root, "", 0);
  }

  void walk(Pickle const& p, Storages const& storages, PickleId id, std::string const& name, int depth) {
    PickleValue const& v = p[id];
    expects(depth <= 64, path_, ": ", quoted(name), " is nested deeper than 64 levels, or contains itself");
    budget_ -= 16 + static_cast<Index>(name.size());
    expects(budget_ > 0, path_, ": its pickle of ", p.bytes, " bytes contains itself in so many places that no list of names can be made");
    auto const under = [&](std::string const& more) { return name.empty() ? more : name + "." + more; };
    auto const members = [&](std::vector<PickleId> const& pairs) {
      for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) walk(p, storages, pairs[i + 1], under(key_text(p, pairs[i], name)), depth + 1);
    };
    if (is_tensor(v)) {
      try {
        add(tensor(p, storages, id, name.empty() ? "tensor" : name));
      } catch (error const& e) { throw error(text(path_, ": tensor ", quoted(name), ": ", e.what())); }
    } else if (v.kind == PickleKind::dict) {
      members(v.items);
    } else if (v.kind == PickleKind::call && is_dictionary_global(v.words)) {
      members(pairs_of(p, p[v.items[0]]));
      members(v.members);
      // What BUILD gave a Namespace are its members; that of an OrderedDict is PyTorch's own note of versions.
      if (v.words == "argparse.Namespace" && p[v.state].kind == PickleKind::dict) members(p[v.state].items);
    } else if (is_list(v) && !is_plain(p, v)) {
      for (std::size_t i = 0; i < v.items.size(); ++i) walk(p, storages, v.items[i], under(std::to_string(i)), depth + 1);
    } else if (!name.empty()) {
      metadata_.insert({name, words_of(p, v)});
    }
  }

  // OrderedDict([(key, value), ...]), as old versions of Python wrote it.
  std::vector<PickleId> pairs_of(Pickle const& p, PickleValue const& arguments) const {
    std::vector<PickleId> pairs;
    for (PickleId const list : arguments.items)
      for (PickleId const pair : p[list].items)
        if (is_list(p[pair]) && p[pair].items.size() == 2) pairs.insert(pairs.end(), p[pair].items.begin(), p[pair].items.end());
    return pairs;
  }

  static bool is_list(PickleValue const& v) { return v.kind == PickleKind::list || v.kind == PickleKind::tuple; }
  static bool is_plain(Pickle const& p, PickleValue const& list) {
    for (PickleId const item : list.items)
      if (p[item].kind >= PickleKind::list) return false;
    return true;
  }

  std::string key_text(Pickle const& p, PickleId id, std::string const& in) const {
    PickleValue const& key = p[id];
    if (key.kind == PickleKind::integer) return std::to_string(key.whole);
    expects(key.kind == PickleKind::string, path_, ": a member of ", in.empty() ? "the whole" : quoted(in),
            " is named neither by a text nor by a whole number");
    return key.words;
  }

  static Json json_of(PickleValue const& v) {
    switch (v.kind) {
      case PickleKind::boolean: return Json(v.whole != 0);
      case PickleKind::integer: return Json(static_cast<long long>(v.whole));
      case PickleKind::number: return Json(v.number);
      case PickleKind::string: return Json(v.words);
      case PickleKind::bytes: return Json(text(v.words.size(), " bytes"));
      case PickleKind::call: case PickleKind::global: return Json(v.words);
      default: return Json();
    }
  }

  std::string words_of(Pickle const& p, PickleValue const& v) {
    budget_ -= static_cast<Index>(v.words.size());
    if (!is_list(v)) {
      Json const json = json_of(v);
      return json.kind() == JsonKind::string ? json.string() : write_json(json, {.non_finite = NonFinite::null});
    }
    Json::Array items;
    for (PickleId const item : v.items) {
      budget_ -= 16 + static_cast<Index>(p[item].words.size());
      expects(budget_ > 0, path_, ": its pickle of ", p.bytes, " bytes contains itself in too many places");
      items.push_back(json_of(p[item]));
    }
    return write_json(Json(std::move(items)), {.non_finite = NonFinite::null});
  }

  // The tensor where it lies, or a copy with its elements in order. All copies together are no larger than the file.
  StoredTensor tensor(Pickle const& p, Storages const& storages, PickleId id, std::string name) {
    PthTensor const found = read_pth_tensor(p, storages, id);
    StoredTensor t{.name = std::move(name), .dtype = found.dtype, .shape = found.shape, .end = found.bytes, .data = found.data};
    if (found.is_contiguous()) return t;
    copies_left_ -= found.bytes;
    expects(copies_left_ >= 0, "it and others have to be copied, to more bytes than the file has; save them with .contiguous()");
    copies_.push_back(found.contiguous());
    t.data = copies_.back().data();
    return t;
  }

  Index budget_ = 0, copies_left_ = 0;
};

// A safetensors file or one of torch.save, by its first bytes.
inline TensorFile open_tensors(std::string const& path) {
  MappedFile const file(path);
  auto const all = file.bytes();
  bool const zip = all.size() >= 2 && all(0) == std::byte{'P'} && all(1) == std::byte{'K'};
  bool const json = all.size() > 8 && all(8) == std::byte{'{'};
  if (!json && (zip || is_legacy_pth(all))) return PthFile(path);
  return SafetensorsFile(path);
}

}  // namespace afire
