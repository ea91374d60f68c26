// afire/io/weight.hpp -- a tensor on its way from one file's name to another's: its bytes stay where they are, in pieces
//
//   Weight qkv = stacked("attn.qkv.weight", {query, key, value});            // (3 C, C) of three (C, C): one behind the other
//   Weight all = stacked_on_new_axis("last_layers.*.weight_v", layers);      // (L, K, out) of L (K, out)
//   Weight one = row_of(all, "last_layers.7.weight_v", 7);                   // and back
//   std::vector<float> w = read_weight<float>(qkv);
//
// Renaming, fusing and splitting move no number, so a way there and back gives the same bits. The file has to outlive its weights.
#pragma once
#include <algorithm>
#include <memory>

#include <afire/io/safetensors_writer.hpp>

namespace afire {

struct Weight {
  std::string name;
  Dtype dtype = Dtype::f32;
  std::vector<Index> shape = {};
  std::vector<View<const std::byte, 1>> pieces = {};     // of its bytes, in order
  std::shared_ptr<std::vector<float>> made = {};         // what the piece shows where it was computed and is in no file

  Index bytes() const { return stored_bytes(dtype, shape); }
};

// A file's tensor under another name; its bytes stay in the file's memory.
inline Weight weight_of(StoredTensor const& t, std::string name) { return {std::move(name), t.dtype, t.shape, {t.bytes()}}; }

// A tensor that owns its values.
inline Weight made_weight(std::string name, std::vector<Index> shape, std::vector<float> values) {
  auto const made = std::make_shared<std::vector<float>>(std::move(values));
  View<const std::byte, 1> const bytes(reinterpret_cast<std::byte const*>(made->data()), static_cast<Index>(made->size() * sizeof(float)));
  return {std::move(name), Dtype::f32, std::move(shape), {bytes}, made};
}

// One behind the other along the first axis; they have to be alike.
inline Weight stacked(std::string name, std::vector<Weight> const& parts) {
  Weight all{std::move(name), parts.at(0).dtype, parts[0].shape};
  expects(!all.shape.empty(), quoted(parts[0].name), " is a single number and cannot be part of ", quoted(all.name));
  all.shape[0] = 0;
  for (auto const& part : parts) {
    expects(part.dtype == parts[0].dtype && part.shape == parts[0].shape, quoted(part.name), " ", dtype_name(part.dtype), " ",
            shape_text(part.shape), " and ", quoted(parts[0].name), " ", dtype_name(parts[0].dtype), " ", shape_text(parts[0].shape),
            " are parts of ", quoted(all.name), " and have to be alike");
    all.shape[0] += part.shape[0];
    all.pieces.insert(all.pieces.end(), part.pieces.begin(), part.pieces.end());
  }
  return all;
}

inline Weight stacked_on_new_axis(std::string name, std::vector<Weight> parts) {
  for (auto& part : parts) part.shape.insert(part.shape.begin(), 1);
  return stacked(std::move(name), parts);
}

// Elements first ... first + count of the first axis.
inline Weight slice_of(Weight const& w, Index first, Index count) {
  expects(!w.shape.empty() && 0 <= first && count >= 0 && first + count <= w.shape[0], quoted(w.name), " ", shape_text(w.shape),
          " has no rows ", first, " ... ", first + count - 1);
  Weight part{w.name, w.dtype, w.shape, {}, w.made};
  part.shape[0] = count;
  Index const row = w.shape[0] > 0 ? w.bytes() / w.shape[0] : 0;
  Index skip = first * row, left = count * row;
  for (auto const& piece : w.pieces) {
    Index const from = std::min(skip, piece.size()), n = std::min(left, piece.size() - from);
    if (n > 0) part.pieces.push_back(piece.slice(from, n));
    skip -= from, left -= n;
  }
  return part;
}

// Without its first axis.
inline Weight row_of(Weight const& w, std::string name, Index n) {
  Weight row = slice_of(w, n, 1);
  row.name = std::move(name);
  row.shape.erase(row.shape.begin());
  return row;
}

template <class T>
std::vector<T> read_weight(Weight const& w) {
  std::vector<T> all(static_cast<std::size_t>(w.bytes() / dtype_bytes(w.dtype)));
  T* to = all.data();
  for (auto const& piece : w.pieces) {
    Index const n = piece.size() / dtype_bytes(w.dtype), bad = convert(w.dtype, piece.data, n, to);
    expects(bad < 0, quoted(w.name), " (", dtype_name(w.dtype), ") has an element that ", dtype_name(dtype_of<T>()), " cannot hold");
    to += n;
  }
  return all;
}

// Tensors of larger elements come first, so that each begins at a multiple of its element's size, as PyTorch's reader wants it.
inline void write_weights(std::string const& path, std::vector<Weight> weights, Metadata metadata) {
  auto const larger = [](Weight const& a, Weight const& b) { return dtype_bytes(a.dtype) > dtype_bytes(b.dtype); };
  std::stable_sort(weights.begin(), weights.end(), larger);
  SafetensorsWriter file(path, std::move(metadata));
  for (auto const& w : weights) file.declare(w.name, w.dtype, w.shape);
  for (auto const& w : weights)
    for (auto const& piece : w.pieces) file.write_bytes(w.name, w.dtype, piece);
  file.commit();
}

}  // namespace afire
