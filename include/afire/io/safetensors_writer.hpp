// afire/io/safetensors_writer.hpp -- writes a safetensors file piece by piece, and only a whole one gets the name
//
//   SafetensorsWriter file("model.safetensors", {{"epoch", "7"}});
//   file.declare("norm.weight", Dtype::f32, {192});                 // first all names, types and shapes ...
//   file.write("norm.weight", weight.view());                       // ... then the data in that order, in as many pieces as you like
//   file.commit();                                                  // synced and renamed (io/file.hpp); without it nothing has happened
//
// The data goes from the caller's memory to the file; no copy is made. It starts at a multiple of 64 bytes. The metadata says
// "format": "pt" unless told otherwise, which makes PyTorch's and timm's readers take the file.
#pragma once
#include <afire/io/json.hpp>
#include <afire/io/safetensors.hpp>

namespace afire {

class SafetensorsWriter {
 public:
  explicit SafetensorsWriter(std::string path, Metadata metadata = {}, SaveHook told = {})
      : file_(std::move(path), std::move(told)), metadata_(std::move(metadata)) {
    metadata_.insert({"format", "pt"});
  }

  void declare(std::string name, Dtype dtype, std::vector<Index> shape) {
    expects(!started_, file_.path(), ": tensor ", quoted(name), " is declared after the first data; declare all of them before");
    expects(name != "__metadata__", file_.path(), ": a tensor cannot be called \"__metadata__\"");
    expects(by_name_.insert({name, tensors_.size()}).second, file_.path(), ": tensor ", quoted(name), " is declared twice");
    StoredTensor t{.name = std::move(name), .dtype = dtype, .shape = std::move(shape), .begin = end_};
    try {
      expects(!__builtin_add_overflow(t.begin, stored_bytes(dtype, t.shape), &t.end), "the file would have more bytes than any disk");
    } catch (error const& e) { throw error(text(file_.path(), ": tensor ", quoted(t.name), ": ", e.what())); }
    end_ = t.end;
    tensors_.push_back(std::move(t));
  }

  // The next piece of the tensor `name`. Its dtype is the declared one: nothing is converted.
  template <class T>
  void write(std::string_view name, View<T, 1> piece) {
    using Element = std::remove_const_t<T>;
    auto const* const bytes = reinterpret_cast<std::byte const*>(piece.data);
    write_bytes(name, dtype_of<Element>(), View<const std::byte, 1>(bytes, piece.size() * static_cast<Index>(sizeof(T))));
  }
  template <class T>
  void write(std::string_view name, std::vector<T> const& piece) { write(name, View<const T, 1>(piece.data(), piece.size())); }

  void write_bytes(std::string_view name, Dtype dtype, View<const std::byte, 1> piece) {
    start();
    // On to the next tensor where this one is complete.
    while (now_ < tensors_.size() && tensors_[now_].name != name && written_ == tensors_[now_].end) ++now_;
    auto const& path = file_.path();
    expects(now_ < tensors_.size(), path, ": data for ", quoted(name),
            " after that of the last tensor; is it declared, and in this place?");
    auto const& t = tensors_[now_];
    Index const lacks = t.end - written_;
    expects(t.name == name, path, ": data for ", quoted(name), " while ", quoted(t.name), " still lacks ", lacks, " bytes");
    expects(t.dtype == dtype, path, ": ", quoted(name), " was declared as ", dtype_name(t.dtype), ", its data is ", dtype_name(dtype));
    expects(piece.size() <= lacks, path, ": ", piece.size(), " bytes for ", quoted(name), ", which lacks only ", lacks);
    file_.write(piece.data, piece.size());
    written_ += piece.size();
  }

  void commit() {
    start();
    if (written_ != end_) {
      while (written_ == tensors_[now_].end) ++now_;
      throw error(text(file_.path(), ": ", quoted(tensors_[now_].name), " still lacks ", tensors_[now_].end - written_, " bytes"));
    }
    file_.commit();
  }

 private:
  void start() {                                                     // writes the header, once
    if (std::exchange(started_, true)) return;
    Json::Object all, about;
    for (auto const& [name, words] : metadata_) about.push_back({name, words});
    all.push_back({"__metadata__", Json(std::move(about))});
    for (auto const& t : tensors_) {
      Json const shape(Json::Array(t.shape.begin(), t.shape.end()));
      Json const offsets = json_array({t.begin, t.end});
      all.push_back({t.name, json_object({{"dtype", dtype_name(t.dtype)}, {"shape", shape}, {"data_offsets", offsets}})});
    }
    std::string header = write_json(Json(std::move(all)));
    header.append((64 - (8 + header.size()) % 64) % 64, ' ');
    std::uint64_t const length = header.size();
    file_.write(&length, 8);
    file_.write(header.data(), static_cast<Index>(header.size()));
  }

  AtomicFile file_;
  Metadata metadata_;
  std::vector<StoredTensor> tensors_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::size_t now_ = 0;                                              // the tensor that is being written
  Index written_ = 0, end_ = 0;                                      // bytes of data
  bool started_ = false;
};

}  // namespace afire
