// afire/io/pth_tensor.hpp -- a tensor as torch.save describes it: a storage, an offset, sizes and strides; the Python objects it takes
//
//   torch._utils._rebuild_tensor_v2(("storage", torch.FloatStorage, "7", "cpu", 60), 20, (4, 5), (5, 1), requires_grad, hooks)
//   torch._utils._rebuild_tensor_v3(("storage", torch.storage.UntypedStorage, "7", "cpu", 120), 20, ..., hooks, torch.uint16)
//
//   PthTensor t = read_pth_tensor(pickle, storages, id);           // checked: every element lies in its storage
//   std::vector<std::byte> bytes = t.contiguous();                 // its elements in order
#pragma once
#include <map>

#include <afire/io/pickle.hpp>
#include <afire/io/tensor_file.hpp>

namespace afire {

using Storages = std::map<std::string, View<const std::byte, 1>, std::less<>>;  // key -> bytes

// The type of the elements of torch.FloatStorage and the like; false: it is no storage.
inline bool storage_dtype(std::string_view global, Dtype& dtype) {
  constexpr std::pair<std::string_view, Dtype> all[] = {
      {"torch.DoubleStorage", Dtype::f64},    {"torch.FloatStorage", Dtype::f32}, {"torch.HalfStorage", Dtype::f16},
      {"torch.BFloat16Storage", Dtype::bf16}, {"torch.LongStorage", Dtype::i64},  {"torch.IntStorage", Dtype::i32},
      {"torch.ShortStorage", Dtype::i16},     {"torch.CharStorage", Dtype::i8},   {"torch.ByteStorage", Dtype::u8},
      {"torch.BoolStorage", Dtype::boolean}};
  for (auto const& [name, type] : all)
    if (name == global) return dtype = type, true;
  return false;
}

// The types that PyTorch has no kind of storage for; their storages count bytes.
inline bool untyped_dtype(std::string_view global, Dtype& dtype) {
  for (auto const& [name, type] : {std::pair{"torch.uint16", Dtype::u16}, {"torch.uint32", Dtype::u32}, {"torch.uint64", Dtype::u64}})
    if (global == name) return dtype = type, true;
  return false;
}
inline constexpr std::string_view untyped_storage = "torch.storage.UntypedStorage";      // what such a storage is called
inline constexpr std::string_view rebuild_untyped = "torch._utils._rebuild_tensor_v3";    // and what makes a tensor of it

// Objects whose members are read: an OrderedDict, the arguments of a program.
inline bool is_dictionary_global(std::string_view global) {
  return global == "collections.OrderedDict" || global == "collections.defaultdict" || global == "argparse.Namespace";
}

// What a pickle of weights may name. The last ones are found in the settings beside weights; they are kept as words.
inline bool is_known_global(std::string_view global) {
  constexpr std::string_view others[] = {
      "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor", "torch._utils._rebuild_parameter",
      "torch.Size", "torch.device", "torch.float64", "torch.float32", "torch.float16", "torch.bfloat16", "torch.int64",
      "pathlib.PosixPath", "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar", "numpy.dtype", "_codecs.encode",
      "builtins.set", "__builtin__.set"};
  Dtype ignored;
  if (storage_dtype(global, ignored) || untyped_dtype(global, ignored) || is_dictionary_global(global)) return true;
  if (global == untyped_storage || global == rebuild_untyped) return true;
  for (auto const name : others)
    if (name == global) return true;
  return false;
}

// Whether a value is a tensor or a parameter as torch.save writes them.
inline bool is_tensor(PickleValue const& v) { return v.kind == PickleKind::call && v.words.starts_with("torch._utils._rebuild_"); }

// ("storage", torch.FloatStorage, "7", "cpu", 60): where a storage's elements are, and how many.
struct PthStorage {
  Dtype dtype = Dtype::u8;                 // bytes, of a storage without a type
  std::string key;
  Index count = 0;
};

// What a persistent id says, or an error.
inline PthStorage read_pth_storage(Pickle const& p, PickleId id) {
  constexpr char const* broken = "its storage is not described as torch.save does";
  expects(p[id].kind == PickleKind::outside && p[p[id].items[0]].kind == PickleKind::tuple, broken);
  auto const& said = p[p[id].items[0]].items;
  expects(said.size() >= 5 && p[said[0]].words == "storage" && p[said[2]].kind == PickleKind::string &&
              p[said[4]].kind == PickleKind::integer, broken);
  PthStorage s{.key = p[said[2]].words, .count = p[said[4]].whole};
  auto const& type = p[said[1]];
  expects(type.kind == PickleKind::global && (type.words == untyped_storage || storage_dtype(type.words, s.dtype)), broken);
  expects(s.count >= 0, "its storage has ", s.count, " elements");
  expects(said.size() == 5 || p[said[5]].kind == PickleKind::none,
          "its storage is part of another one, as PyTorch had it before 0.4; load it in PyTorch and save it again");
  return s;
}

struct PthTensor {
  Dtype dtype = Dtype::f32;
  std::vector<Index> shape, strides;       // strides: elements
  Index bytes = 0;
  std::byte const* data = nullptr;         // of its first element

  bool is_contiguous() const {
    Index step = 1;
    for (std::size_t a = shape.size(); a-- > 0; step *= shape[a])
      if (shape[a] != 1 && strides[a] != step) return bytes == 0;
    return true;
  }

  std::vector<std::byte> contiguous() const {
    std::vector<std::byte> all(static_cast<std::size_t>(bytes));
    Index const size = dtype_bytes(dtype);
    std::vector<Index> at(shape.size(), 0);
    std::byte const* from = data;
    for (Index done = 0; done < bytes; done += size) {
      std::memcpy(all.data() + done, from, static_cast<std::size_t>(size));
      for (std::size_t a = shape.size(); a-- > 0;) {                   // the last axis is the fastest
        from += strides[a] * size;
        if (++at[a] < shape[a]) break;
        from -= strides[a] * size * at[a];
        at[a] = 0;
      }
    }
    return all;
  }
};

// Sizes or strides, in elements.
inline std::vector<Index> read_sizes(Pickle const& p, PickleId id) {
  std::vector<Index> all;
  expects(p[id].kind == PickleKind::tuple && p[id].items.size() <= 32, "its sizes are no tuple of at most 32 numbers");
  for (PickleId const n : p[id].items) {
    expects(p[n].kind == PickleKind::integer && p[n].whole >= 0, "its sizes and strides have to be whole numbers, none of them negative");
    all.push_back(p[n].whole);
  }
  return all;
}

// The tensor that the value says, in its storage.
inline PthTensor read_pth_tensor(Pickle const& p, Storages const& storages, PickleId id) {
  for (int wrapped = 0; p[id].words == "torch._utils._rebuild_parameter"; ++wrapped) {
    auto const& arguments = p[p[id].items[0]].items;
    expects(wrapped < 4 && !arguments.empty() && is_tensor(p[arguments[0]]), "a parameter without a tensor");
    id = arguments[0];
  }
  auto const& arguments = p[p[id].items[0]].items;
  expects(arguments.size() >= 4 && p[arguments[1]].kind == PickleKind::integer, "it is not described as torch.save does");
  PthStorage storage = read_pth_storage(p, arguments[0]);
  if (p[id].words == rebuild_untyped) {
    expects(storage.dtype == Dtype::u8 && arguments.size() >= 7 && untyped_dtype(p[arguments[6]].words, storage.dtype) &&
                storage.count % dtype_bytes(storage.dtype) == 0,
            "it is not described as torch.save does, or of a type other than uint16, uint32 and uint64");
    storage.count /= dtype_bytes(storage.dtype);
  }
  PthTensor t{.dtype = storage.dtype, .shape = read_sizes(p, arguments[2]), .strides = read_sizes(p, arguments[3])};
  Index const offset = p[arguments[1]].whole, size = dtype_bytes(t.dtype);
  expects(t.shape.size() == t.strides.size(), "it has ", t.shape.size(), " sizes and ", t.strides.size(), " strides");
  t.bytes = stored_bytes(t.dtype, t.shape);

  auto const found = storages.find(storage.key);
  expects(found != storages.end(), "its storage ", quoted(storage.key), " is not in the file");
  auto const& data = found->second;
  expects(data.size() % size == 0 && storage.count == data.size() / size, "its storage ", quoted(storage.key), " of ", storage.count, " ",
          dtype_name(t.dtype), " has ", data.size(), " bytes in the file");
  Index last = offset;                                                 // the element that lies farthest
  bool within = offset >= 0;
  for (std::size_t a = 0; a < t.shape.size() && t.bytes > 0 && within; ++a) {
    Index step = 0;
    within = !__builtin_mul_overflow(t.shape[a] - 1, t.strides[a], &step) && !__builtin_add_overflow(last, step, &last);
  }
  expects(within && (t.bytes == 0 || last < storage.count), "its elements reach beyond its storage of ", storage.count);
  expects(t.bytes <= data.size(), "its ", t.bytes / size, " elements of the shape ", shape_text(t.shape), " share the ", storage.count,
          " of its storage (it was expanded); save it with .contiguous()");
  t.data = t.bytes > 0 ? data.data + offset * size : data.data;
  return t;
}

}  // namespace afire
