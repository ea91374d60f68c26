// afire/io/safetensors.hpp -- reads a safetensors file: named tensors behind a JSON header, mapped and not copied
//
//   8 bytes: length N of the header;   N bytes of JSON: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...,
//   "__metadata__": {"epoch": "7"}};   then the data, which the tensors cover without gap or overlap
//
//   SafetensorsFile const file("weights.safetensors");             // a TensorFile: io/tensor_file.hpp says what can be asked of it
//   std::vector<float> w = file.read<float>("norm.weight");
//
// Everything in the header is checked when the file is opened; afterwards every tensor lies inside the file and has the size that its
// shape and dtype say. Writing: io/safetensors_writer.hpp.
#pragma once
#include <afire/io/json_parse.hpp>
#include <afire/io/tensor_file.hpp>

namespace afire {

class SafetensorsFile : public TensorFile {
 public:
  explicit SafetensorsFile(std::string path) : TensorFile(std::move(path)) {
    constexpr Index longest = 100'000'000;               // as in the format's own reader
    auto const all = map_.bytes();
    expects(all.size() >= 8, path_, ": its ", all.size(), " bytes are too few for a file of weights");
    std::uint64_t said = 0;
    std::memcpy(&said, all.data, 8);
    expects(said <= static_cast<std::uint64_t>(all.size() - 8), path_, ": its header would have ", said, " bytes, but the file has ",
            all.size(), "; it is no safetensors file or was cut short");
    Index const header = static_cast<Index>(said);
    expects(header <= longest, path_, ": a header of ", header, " bytes; at most ", longest, " are read");
    std::string_view const words(reinterpret_cast<char const*>(all.data) + 8, static_cast<std::size_t>(header));
    expects(words.starts_with('{'), path_, ": its header does not begin with '{', so it is no safetensors file");
    std::vector<StoredTensor> tensors;
    Json const json = parse_json(words, path_ + ", header", {.depth = 8});
    for (auto const& [name, value] : json.object()) {
      try {
        if (name == "__metadata__") read_metadata(value);
        else tensors.push_back(read_tensor(name, value));
      } catch (error const& e) { throw error(text(path_, ": ", name == "__metadata__" ? "" : "tensor ", quoted(name), ": ", e.what())); }
    }
    place(tensors, all.data + 8 + header, all.size() - 8 - header);
    for (auto& t : tensors) add(std::move(t));
  }

 private:
  void read_metadata(Json const& value) {
    for (auto const& [name, words] : value.object()) metadata_.insert({name, words.string()});
  }

  static StoredTensor read_tensor(std::string const& name, Json const& value) {
    StoredTensor t;
    t.name = name;
    for (auto const& member : value.object())
      expects(member.name == "dtype" || member.name == "shape" || member.name == "data_offsets", "unknown entry ", quoted(member.name));
    auto const& dtype = value.at("dtype").string();
    expects(dtype_named(dtype, t.dtype), "unknown dtype ", quoted(dtype));
    for (Json const& n : value.at("shape").array()) t.shape.push_back(n.integer());
    auto const& offsets = value.at("data_offsets").array();
    expects(offsets.size() == 2, "data_offsets has ", offsets.size(), " entries in place of begin and end");
    t.begin = offsets[0].integer(), t.end = offsets[1].integer();
    expects(0 <= t.begin && t.begin <= t.end, "data_offsets [", t.begin, ", ", t.end, "] are no range");
    Index const bytes = stored_bytes(t.dtype, t.shape);
    expects(t.end - t.begin == bytes, "its shape ", shape_text(t.shape), " of ", dtype, " needs ", bytes, " bytes, data_offsets give it ",
            t.end - t.begin);
    return t;
  }

  // Each tensor to its place in the data, which must be covered from end to end.
  void place(std::vector<StoredTensor>& tensors, std::byte const* data, Index size) const {
    std::multimap<std::pair<Index, Index>, StoredTensor const*> order;
    for (auto& t : tensors) {
      expects(t.end <= size, path_, ": tensor ", quoted(t.name), " ends at byte ", t.end, " of the data, which has ", size,
              "; the file was cut short");
      t.data = data + t.begin;
      order.insert({{t.begin, t.end}, &t});
    }
    Index covered = 0;
    std::string before = "the header";
    for (auto const& [range, t] : order) {
      expects(t->begin >= covered, path_, ": tensor ", quoted(t->name), " overlaps ", before);
      expects(t->begin == covered, path_, ": ", t->begin - covered, " bytes between ", before, " and tensor ", quoted(t->name),
              " belong to nothing");
      covered = t->end;
      before = "tensor " + quoted(t->name);
    }
    expects(covered == size, path_, ": ", size - covered, " bytes after ", before, " belong to nothing");
  }
};

}  // namespace afire
