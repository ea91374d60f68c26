// afire/io/tensor_file.hpp -- named tensors of a file, mapped and not copied: what all formats have in common
//
//   TensorFile const file = open_tensors("weights.pth");           // io/pth.hpp: a safetensors file or one of PyTorch's
//   for (StoredTensor const& t : file) print(t.name, dtype_name(t.dtype), t.shape);
//   std::vector<float> w = file.read<float>("norm.weight");        // from any dtype (io/dtype.hpp says what is exact)
//   file.read("norm.weight", view);                                // or into memory that is there
//
// Made by SafetensorsFile and PthFile, which check everything when they open the file: every tensor then lies in memory that is there.
#pragma once
#include <map>
#include <vector>

#include <afire/io/dtype.hpp>
#include <afire/io/json_value.hpp>
#include <afire/io/mapped.hpp>

namespace afire {

using Metadata = std::map<std::string, std::string>;  // names to text, as safetensors has them

struct StoredTensor {
  std::string name;
  Dtype dtype = Dtype::f32;
  std::vector<Index> shape;                              // empty: a single number
  Index begin = 0, end = 0;                              // bytes, in the data of a safetensors file; elsewhere from 0
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

class TensorFile {
 public:
  std::string const& path() const { return path_; }
  Metadata const& metadata() const { return metadata_; }
  std::string const& metadata(std::string const& name) const {
    auto const found = metadata_.find(name);
    expects(found != metadata_.end(), path_, ": its metadata has no ", quoted(name));
    return found->second;
  }

  // The tensors in the order of the file.
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

 protected:
  explicit TensorFile(std::string path) : path_(std::move(path)), map_(path_) {}

  // Its place is given already; two of the same name are an error.
  void add(StoredTensor tensor) {
    expects(by_name_.insert({tensor.name, tensors_.size()}).second, path_, ": two tensors are called ", quoted(tensor.name));
    tensors_.push_back(std::move(tensor));
  }

  std::string path_;
  MappedFile map_;
  Metadata metadata_;
  std::vector<StoredTensor> tensors_;
  std::vector<std::vector<std::byte>> copies_;           // of those whose elements do not lie in order in the file

 private:
  std::map<std::string, std::size_t, std::less<>> by_name_;
};

}  // namespace afire
