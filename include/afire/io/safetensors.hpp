// afire/io/safetensors.hpp -- reads a safetensors file: named tensors behind a JSON header, mapped and not copied
//
//   8 bytes: length N of the header;   N bytes of JSON: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...,
//   "__metadata__": {"epoch": "7"}};   then the data, which the tensors cover without gap or overlap
//
//   SafetensorsFile const file("weights.safetensors");
//   for (StoredTensor const& t : file) print(t.name, dtype_name(t.dtype), t.shape);
//   std::vector<float> w = file.read<float>("norm.weight");        // from any dtype (io/dtype.hpp says what is exact)
//   file.read("norm.weight", view);                                // or into memory that is there
//
// Everything in the header is checked when the file is opened; afterwards every tensor lies inside the file and has the size that its
// shape and dtype say. Writing: io/safetensors_writer.hpp.
#pragma once
#include <map>

#include <afire/io/dtype.hpp>
#include <afire/io/json_parse.hpp>
#include <afire/io/mapped.hpp>

namespace afire {

using Metadata = std::map<std::string, std::string>;

struct StoredTensor {
  std::string name;
  Dtype dtype = Dtype::f32;
  std::vector<Index> shape;                              // empty: a single number
  Index begin = 0, end = 0;                              // in the data
  std::byte const* data = nullptr;                       // of its first element, not necessarily aligned

  View<const std::byte, 1> bytes() const { return View<const std::byte, 1>(data, end - begin); }
  Index size() const { return (end - begin) / dtype_bytes(dtype); }
};

// "(3, 197, 192)", for messages.
inline std::string shape_text(std::vector<Index> const& shape) {
  std::string s = "(";
  for (Index const n : shape) s += (s.size() > 1 ? ", " : "") + std::to_string(n);
  return s + ")";
}

// Bytes of a tensor; an error where the shape is none or they are more than 2^63.
inline Index stored_bytes(Dtype dtype, std::vector<Index> const& shape) {
  Index bytes = dtype_bytes(dtype);
  for (Index const n : shape) expects(n >= 0, "its shape ", shape_text(shape), " has a negative size");
  for (Index const n : shape)
    if (n == 0) return 0;
  for (Index const n : shape)
    expects(!__builtin_mul_overflow(bytes, n, &bytes), "its shape ", shape_text(shape), " has more elements than any memory");
  return bytes;
}

class SafetensorsFile {
 public:
  explicit SafetensorsFile(std::string path) : path_(std::move(path)), map_(path_) {
    constexpr Index longest = 100'000'000;               // as in the format's own reader
    auto const all = map_.bytes();
    expects(all.size() >= 8, path_, ": ", all.size(), " bytes are too few for a safetensors file");
    std::uint64_t said = 0;
    std::memcpy(&said, all.data, 8);
    expects(said <= static_cast<std::uint64_t>(all.size() - 8), path_, ": its header would have ", said, " bytes, but the file has ",
            all.size(), "; it is no safetensors file or was cut short");
    Index const header = static_cast<Index>(said);
    expects(header <= longest, path_, ": a header of ", header, " bytes; at most ", longest, " are read");
    std::string_view const words(reinterpret_cast<char const*>(all.data) + 8, static_cast<std::size_t>(header));
    expects(words.starts_with('{'), path_, ": its header does not begin with '{', so it is no safetensors file");
    Json const json = parse_json(words, path_ + ", header", {.depth = 8});
    for (auto const& [name, value] : json.object()) {
      try {
        if (name == "__metadata__") read_metadata(value);
        else tensors_.push_back(read_tensor(name, value));
      } catch (error const& e) { throw error(text(path_, ": ", name == "__metadata__" ? "" : "tensor ", quoted(name), ": ", e.what())); }
    }
    place(all.data + 8 + header, all.size() - 8 - header);
    for (std::size_t i = 0; i < tensors_.size(); ++i) by_name_.insert({tensors_[i].name, i});
  }

  std::string const& path() const { return path_; }
  Metadata const& metadata() const { return metadata_; }
  std::string const& metadata(std::string const& name) const {
    auto const found = metadata_.find(name);
    expects(found != metadata_.end(), path_, ": its metadata has no ", quoted(name));
    return found->second;
  }

  // The tensors in the order of the header.
  auto begin() const { return tensors_.begin(); }
  auto end() const { return tensors_.end(); }
  Index count() const { return static_cast<Index>(tensors_.size()); }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (auto const& tensor : tensors_) all.push_back(tensor.name);
    return all;
  }

  // The tensor of that name, or null; the tensor of that name, or an error.
  StoredTensor const* find(std::string_view name) const {
    auto const found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &tensors_[found->second];
  }
  StoredTensor const& at(std::string_view name) const {
    if (auto const* tensor = find(name)) return *tensor;
    throw error(text(path_, " has no tensor ", quoted(name), " among its ", count(), tensors_.empty() ? "" : "; its first is ",
                     tensors_.empty() ? "" : quoted(tensors_.front().name)));
  }

  template <class T>
  void read(std::string_view name, View<T, 1> to) const {
    auto const& tensor = at(name);
    expects(tensor.size() == to.size(), path_, ": ", quoted(name), " has the shape ", shape_text(tensor.shape), ", that is ", tensor.size(),
            " elements; ", to.size(), " are wanted");
    Index const bad = convert(tensor.dtype, tensor.data, tensor.size(), to.data);
    if (bad < 0) return;
    double value = 0;
    convert(tensor.dtype, tensor.data + bad * dtype_bytes(tensor.dtype), 1, &value);
    throw error(text(path_, ": element ", bad, " of ", quoted(name), " (", dtype_name(tensor.dtype), ") is ", value, ", which ",
                     dtype_name(dtype_of<T>()), " cannot hold"));
  }

  template <class T>
  std::vector<T> read(std::string_view name) const {
    std::vector<T> all(static_cast<std::size_t>(at(name).size()));
    read(name, View<T, 1>(all.data(), all.size()));
    return all;
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
  void place(std::byte const* data, Index size) {
    std::multimap<std::pair<Index, Index>, StoredTensor const*> order;
    for (auto& t : tensors_) {
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

  std::string path_;
  MappedFile map_;
  Metadata metadata_;
  std::vector<StoredTensor> tensors_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
};

}  // namespace afire
