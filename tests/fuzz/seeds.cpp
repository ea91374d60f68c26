// Writes the files that fuzzing starts from: one of each kind that the readers know, and one for each thing that they refuse.
//   seeds TARGET FOLDER
#include <array>
#include <filesystem>
#include <limits>

#include <afire/train/model_of_weights.hpp>
#include <examples/cli/settings.hpp>

#include "tests/support/pth.hpp"
#include "tests/support/vit_names.hpp"
#ifdef AFIRE_HAVE_PNG
#include "tests/support/png.hpp"
#endif
#ifdef AFIRE_HAVE_JPEG
#include "tests/support/jpeg.hpp"
#endif

using namespace afire;
using namespace afire_test;

namespace {

struct Folder {
  std::string path;
  int files = 0;
  std::string next() { return path + "/" + std::to_string(files++); }
  void put(std::string const& bytes) { replace_file(next(), bytes); }
};

// A file of this header, padded, and so many bytes of data.
std::string headed(std::string header, std::size_t data) {
  header.resize((header.size() + 7) / 8 * 8, ' ');
  return raw(std::uint64_t{header.size()}) + header + std::string(data, '\1');
}

// Every tensor of the model that these belong to.
NamedShapes whole_model(NamedShapes const& some) {
  std::vector<Weight> part;
  for (auto const& [name, shape] : some) part.push_back({.name = name, .shape = shape});
  NamedShapes all;
  for (auto const& [name, shape] : model_of(part)) all.push_back({name, shape});
  return all;
}

// What ends in a list of differences, or is adapted to another model.
void models(Folder& to) {
  auto const encoder = under("encoder.", vit_names(4, 1, 3, 2, 2));
  NamedShapes const head{{"head.mlp.0.weight", {3, 4}}, {"head.mlp.4.weight", {2, 3}}, {"head.last_layers.*.weight_v", {4, 2, 2}}};
  NamedShapes const decoder{{"decoder.embedding.weight", {4, 4}}, {"decoder.pos_embed", {1, 5, 4}}, {"decoder.blocks.0.x", {1}}};
  auto const all = whole_model(encoder + head + decoder);
  auto const without = [](NamedShapes names, std::string const& left_out) {
    std::erase_if(names, [&](auto const& tensor) { return tensor.first == left_out; });
    return names;
  };
  NamedShapes const prototype{{"objective.prototype", {4, 2}}}, scalar{{"student.head.last_layers.*.weight_v", {}}};
  NamedShapes const moments{{"optimizer.first.student.head.last_layers.*.weight_v", {4, 2, 2}},
                            {"optimizer.first.student.encoder.patch_embed.proj.weight", {4, 3, 2, 2}},
                            {"afire_optimizer.second.student.encoder.patch_embed.proj.weight", {4, 3, 2, 2}}};
  write_tensors(to.next(), moments + under("student.", all) + under("teacher.", all) + prototype);
  write_tensors(to.next(), under("AFiRe_loss.", {{"prototype", {1, 4, 2}}}) + under("student.", all));
  write_tensors(to.next(), under("AFiRe_loss.", {{"prototype", {2, 4, 2}}}) + under("student.module.", all));
  write_tensors(to.next(), all + prototype + under("optimizer.first.", all));
  write_tensors(to.next(), all + NamedShapes{{"encoder.mask_token", {1, 1, 4}}});
  write_tensors(to.next(), under("student.", encoder) + scalar);
  write_tensors(to.next(), under("student.", encoder) + NamedShapes{{"student.head.last_layers.0.weight_v", {}}});
  write_tensors(to.next(), under("student.module.", encoder) + NamedShapes{{"student.module.head.last_layers.0.weight_v", {2, 2}},
                                                                           {"student.module.head.last_layers.1.weight_v", {2, 2}}});
  write_tensors(to.next(), without(all, "encoder.norm.weight"));
  for (auto const* odd : {"decoder.pos_embed", "head.mlp.4.weight", "encoder.blocks.0.attn.qkv.weight", "encoder.norm.bias",
                          "encoder.blocks.0.norm2.bias", "encoder.pos_embed"})
    for (std::vector<Index> const& shape : {std::vector<Index>{1, 3, 4}, {1, 5, 2}, {0, 3}, {3, 5}, {7}}) {
      auto names = all;
      for (auto& [name, sizes] : names)
        if (name == odd) sizes = shape;
      write_tensors(to.next(), names);
    }
  NamedShapes thirteen;
  for (int i = 0; i < 15; ++i) thirteen.push_back({"left." + std::to_string(i), {1}});
  write_tensors(to.next(), vit_names() + thirteen + NamedShapes{{"text_encoder.bias", {1}}});
  auto const timm = vit_names(4, 1, 1, 3, 3);
  NamedShapes const factors{{"blocks.0.ls1.gamma", {4}}, {"blocks.0.ls2.gamma", {4}}}, registers{{"reg_token", {1, 1, 4}}};
  NamedShapes const fc_norm{{"fc_norm.weight", {4}}, {"fc_norm.bias", {4}}};
  write_tensors(to.next(), without(without(timm, "norm.weight"), "norm.bias") + fc_norm);
  write_tensors(to.next(), timm + factors), write_tensors(to.next(), timm + registers);
  for (Index const C : {3, 0}) write_tensors(to.next(), timm + NamedShapes{{"blocks.0.ls1.gamma", {C}}});
  write_tensors(to.next(), timm + NamedShapes{{"reg_token", {4}}});
  write_tensors(to.next(), without(timm, "patch_embed.proj.bias")), write_tensors(to.next(), without(timm, "blocks.0.attn.qkv.bias"));
  write_tensors(to.next(), without(timm, "pos_embed") + NamedShapes{{"pos_embed", {1, 9, 4}}});
  for (auto const& kernel : {std::vector<Index>{4, 3, 3, 3}, {4, 3, 2, 3}, {4, 2, 2, 2}, {4, 1, 0, 0}, {4, 1, 4}, {5, 1, 3, 3}})
    write_tensors(to.next(), without(timm, "patch_embed.proj.weight") + NamedShapes{{"patch_embed.proj.weight", kernel}});
  for (auto const& table : {std::vector<Index>{2, 10, 4}, {1, 10, 3}, {1, 4, 4}, {1, 6, 4}, {1, 1, 4}})
    write_tensors(to.next(), without(timm, "pos_embed") + NamedShapes{{"pos_embed", table}});
  // DINOv2 without positions, without a class token; other parts of Hugging Face's models; names that end early.
  NamedShapes const register_tokens{{"register_tokens", {1, 1, 4}}};
  for (auto const* left_out : {"pos_embed", "cls_token"}) write_tensors(to.next(), without(timm, left_out) + register_tokens);
  for (auto const* token : {"mask_token", "masked_embed"}) write_tensors(to.next(), timm + NamedShapes{{token, {1, 4}}});
  write_tensors(to.next(), timm + NamedShapes{{"blocks.0.mlp.w12.weight", {8, 4}}});
  using Shape = std::vector<Index>;
  for (auto const& [fc1, fc2] : {std::pair<Shape, Shape>{{12, 4}, {4, 6}}, {{12, 4}, {6}}, {{0, 4}, {4, 0}}, {{12}, {}}})
    write_tensors(to.next(), without(without(timm, "blocks.0.mlp.fc1.weight"), "blocks.0.mlp.fc2.weight") +
                                 NamedShapes{{"blocks.0.mlp.fc1.weight", fc1}, {"blocks.0.mlp.fc2.weight", fc2}});
  write_tensors(to.next(), without(timm, "blocks.0.mlp.fc2.weight"));
  write_tensors(to.next(), timm + NamedShapes{{"blocks.0.w3.fc1.weight", {4, 4}}});
  for (auto const* name : {"blocks.1234567.x", "blocks.x"}) write_tensors(to.next(), timm + NamedShapes{{name, {4}}});
  write_tensors(to.next(), without(timm, "blocks.0.attn.proj.weight") + NamedShapes{{"blocks.0.attn.proj.weight", {5, 4}}});
  write_tensors(to.next(), {{"embeddings.patch_embeddings.projection.weight", {4, 1, 1, 1}}, {"classifier.bias", {2}},
                            {"encoder.layer.0.attention.output.dense.bias", {4}}, {"x.attn.q", {4}}, {"encoder.layer.0.unknown", {4}}});
  to.put(headed(R"({"encoder.patch_embed.proj.weight":{"dtype":"F32","shape":[1,1,1,1],"data_offsets":[0,4]},)"
                R"("head.last_layers.0.weight_v":{"dtype":"F32","shape":[1,1],"data_offsets":[4,8]},)"
                R"("head.last_layers.1.weight_v":{"dtype":"F16","shape":[1,1],"data_offsets":[8,10]}})", 10));
  for (double const x : {3e38, 1e300, -0.5, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    to.put(headed(R"({"w":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})", 0) + raw(x));
  for (int const half : {0x0000, 0x8001, 0x3C00, 0x7C00, 0xFE00})
    to.put(headed(R"({"w":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}})", 0) + raw(static_cast<std::uint16_t>(half)));
  for (auto const* type : {"I64", "I32", "I16", "U64", "U32", "U16", "U8", "BOOL", "BF16"}) {
    Dtype dtype{};
    dtype_named(type, dtype);
    Index const bytes = dtype_bytes(dtype);
    for (char const fill : {'\0', '\x7F', '\xFF'})
      to.put(headed(text(R"({"w":{"dtype":")", type, R"(","shape":[1],"data_offsets":[0,)", bytes, "]}}"), 0) +
             std::string(static_cast<std::size_t>(bytes), fill));
  }
}

void safetensors(Folder& to) {
  models(to);
  auto const vit = vit_names(4, 1, 1, 1, 1);
  write_tensors(to.next(), vit, {{"epoch", "7"}});
  write_tensors(to.next(), under("teacher.backbone.", vit) + under("student.module.backbone.", vit));
  NamedShapes const stacked_layers{{"teacher.head.last_layers.*.weight_v", {1, 2, 2}}};
  NamedShapes const one_layer{{"student.module.head.last_layers.0.weight_v", {2, 2}}};
  write_tensors(to.next(), under("student.encoder.", vit) + under("teacher.encoder.", vit) + stacked_layers);
  write_tensors(to.next(), under("student.module.encoder.", vit) + one_layer);
  write_tensors(to.next(), vit + NamedShapes{{"mask_token", {1, 4}}, {"register_tokens", {1, 1, 4}}, {"blocks.0.ls1.gamma", {4}}});
  write_tensors(to.next(), NamedShapes{{"embeddings.patch_embeddings.projection.weight", {4, 1, 1, 1}},
                                       {"encoder.layer.0.attention.attention.query.bias", {4}},
                                       {"encoder.layer.0.attention.attention.key.bias", {4}},
                                       {"encoder.layer.0.attention.attention.value.bias", {4}}});
  for (auto const& facts : dtype_facts) {
    Dtype dtype{};
    dtype_named(facts.name, dtype);
    SafetensorsWriter file(to.next());
    file.declare("w", dtype, {2, 3});
    std::string const data(static_cast<std::size_t>(6 * facts.bytes), '\1');
    file.write_bytes("w", dtype, View<const std::byte, 1>(reinterpret_cast<std::byte const*>(data.data()), 6 * facts.bytes));
    file.commit();
  }
  std::string const begins = R"({"w":{"dtype":"F32","shape":[1],"data_offsets":)", good = begins + "[0,4]}}";
  for (auto const& header :
       {good, begins + "[4,0]}}", begins + "[-4,0]}}", begins + "[0,8]}}", begins + "[0,4],\"odd\":1}}", begins + "[0]}}",
        begins + "[0,4]},\"v\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", begins + "[8,12]}}",
        std::string(R"({"w":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}})"),
        std::string(R"({"w":{"shape":[1],"data_offsets":[0,4]}})"),
        std::string(R"({"w":7})"), std::string(R"({"__metadata__":{"a":1}})"), std::string(R"({"__metadata__":{"a":"b"}})"),
        std::string(R"({"w":{"dtype":"I8","shape":[0,5],"data_offsets":[0,0]}})"), std::string("[]"), std::string("{")})
    to.put(headed(header, 4));
  to.put(headed(good, 3)), to.put(raw(std::uint64_t{1} << 40) + good), to.put("short");
  auto const encoder = under("encoder.", vit);
  NamedShapes const prototype{{"prototype", {1, 1, 3}}}, moments{{"first.encoder.norm.bias", {4}}, {"second.encoder.norm.bias", {4}}};
  NamedShapes const flat{{"objective.prototype", {1, 3}}}, decoder{{"decoder.mask_token", {1, 1, 4}}};
  write_tensors(to.next(), under("student.module.", encoder + decoder) + under("teacher.", encoder) + under("AFiRe_loss.", prototype) +
                               under("afire_optimizer.", moments) + under("optimizer.state.0.",
                                   moments) + under("optimizer.param_groups.", moments));
  write_tensors(to.next(), under("student.", encoder + decoder) + under("teacher.module.", encoder) + flat + under("optimizer.", moments));
  write_tensors(to.next(), encoder + flat + under("optimizer.", moments) + under("head.", {{"last_layers.0.weight_v", {2, 2}},
      {"last_layers.2.weight_v", {2, 2}}}));
  write_tensors(to.next(), under("student.module.encoder.", vit) +
                               NamedShapes{{"student.module.head.last_layers.0.weight_v", {2, 2}},
                                           {"student.module.head.last_layers.1.weight_v", {3, 2}}});
  for (auto const* other : {"bert_x", "bert.x", "decoder_embed.weight", "masked_embed", "register_tokens", "blocks.0.mlp.w12.weight",
                            "blocks.0.mlp.w3.weight", "blocks.0.0.norm1.weight", "blocks..x", "blocks.x.y", "blocks.0123456.x",
                            "student.y.x"})
    write_tensors(to.next(), vit + NamedShapes{{other, {1, 2, 4}}});
  write_tensors(to.next(), vit + NamedShapes{{"mask_token", {1, 4}}, {"blocks.0.ls1.gamma", {4}}, {"blocks.0.ls2.gamma", {4}}});
  auto const hf = [](NamedShapes const& more) {
    return NamedShapes{{"embeddings.patch_embeddings.projection.weight", {4, 1, 1, 1}}, {"embeddings.mask_token", {1, 4}},
                       {"embeddings.cls_token", {1, 1, 4}}, {"pooler.dense.bias", {4}}} + more;
  };
  std::string const query = "encoder.layer.0.attention.attention.";
  write_tensors(to.next(), hf({{query + "query.bias", {4}}}));
  write_tensors(to.next(), hf({{query + "query.bias", {4}}, {query + "key.bias", {5}}, {query + "value.bias", {4}}}));
  for (std::vector<Index> const& shape : {std::vector<Index>{1, 2, 4}, {2, 2, 4}, {1, 0, 4}, {4}, {1, 2, 5}})
    write_tensors(to.next(), hf({{"embeddings.register_tokens", {1, 1, 4}}, {"embeddings.position_embeddings", shape}}));
  // positions of no square, of another grid
  for (std::vector<Index> const& shape : {std::vector<Index>{1, 3, 4}, {1, 5, 4}, {1, 6, 4}, {5, 4}})
    for (Index const channels : {3, 2}) {
      auto names = vit_names(4, 1, channels, 2, 2);
      names[1].second = shape;
      write_tensors(to.next(), names);
    }
  write_tensors(to.next(), {});
  write_tensors(to.next(), {{"a", {1}}, {"encoder.patch_embed.proj.weight", {4, 1, 1, 1}}, {"model.encoder.patch_embed.proj.weight", {4,
      1, 1, 1}}});
}

// Directories of zip archives that say what is not so.
void broken_zips(Folder& to) {
  auto const changed = [](std::string file, std::string const& mark, std::size_t at, std::string const& bytes) {
    return file.replace(file.rfind(mark) + at, bytes.size(), bytes);
  };
  std::string const good = pth("}"), wide = pth("}", {}, true), entry = "PK\1\2", end = "PK\5\6", extra("\1\0\x18\0", 4);
  auto const number = [](std::uint32_t n) { return raw(n); };
  to.put(changed(good, entry, 0, "PK\1\1"));                                        // no entry
  to.put(changed(zip_of({{std::string(60, 'n'), "d"}}), end, 10, raw(std::uint16_t{2})));            // one, and 2 are claimed
  to.put(changed(good, entry, 28, raw(std::uint16_t{60000})));                      // its name ends outside
  to.put(changed(good, entry, 20, number(1)));                                      // stored, in another size
  to.put(changed(good, entry, 42, number(0xFFFFFF00)));                             // begins outside
  to.put(changed(changed(good, entry, 20, number(0xFFFF)), entry, 24, number(0xFFFF)));              // ends outside
  to.put(changed(good, entry, 42, number(1)));                                      // begins elsewhere
  to.put(changed(good, "PK\3\4", 30, "y"));                                         // is called otherwise there
  to.put(changed(good, end, 4, raw(std::uint16_t{1})));                             // in two parts
  to.put(changed(good, end, 12, number(0xFFFF))), to.put(changed(good, end, 16, number(0xFFFFFF)));
  to.put(changed(wide, extra, 0, raw(std::uint16_t{2})));                           // an extra field of another kind
  to.put(changed(wide, extra, 2, raw(std::uint16_t{8}))), to.put(changed(wide, extra, 2, raw(std::uint16_t{60000})));
  for (std::size_t const at : {20u, 24u, 42u}) to.put(changed(wide, entry, at, number(6)));
  to.put(changed(wide, "PK\6\6", 0, "PK\6\5")), to.put(changed(wide, "PK\6\7", 8, raw(std::uint64_t{1} << 60)));
  to.put(changed(wide, "PK\6\6", 48, raw(~std::uint64_t{0}))), to.put(changed(wide, "PK\6\6", 16, number(1)));
  to.put(changed(wide, "PK\6\6", 32, raw(~std::uint64_t{0})));
}

void pth_files(Folder& to) {
  std::string const data(96, 'd');
  auto const w = tensor("0", "Float", 24, 0, {2, 3, 4}, {12, 4, 1});
  auto const patch = tensor("0", "Float", 24, 0, {4, 1, 1, 1}, {1, 1, 1, 1});
  auto const args = dict({{"lr", real(0.5)}, {"betas", tuple({real(0.9), whole(-5'000'000'000)})}});
  std::vector<std::string> const values{
      w,
      dict({{"model", dict({{"w", w}, {"patch_embed.proj.weight", patch}})}, {"epoch", whole(7)}}),
      ordered({{"turned", tensor("0", "Half", 48, 1, {4, 2}, {1, 4})},
               {"p", parameter(w)},
               {"none", tensor("0", "Long", 12, 12, {0}, {1})}}),
      dict({{"args", global("argparse", "Namespace") + ")\x81" + args + "b"},
            {"list", list({w, "N", "\x88", word("caf\xC3\xA9")})},
            {"device", global("torch", "device") + tuple({word("cpu")}) + "R"}}),
      "}q\x01(" + word("a") + "h\x01u", "](K\x01Ml\1e2a", word("torch") + word("Size") + "\x93)R", "\x8C\x01xC\x02yz\x86\x94"};
  auto const number = [](std::string const& bytes) { return std::string("\x8A") + static_cast<char>(bytes.size()) + bytes; };
  auto const w2 = tensor("0", "Float", 24, 0, {2, 3}, {3, 1});
  // Every instruction, and what each refuses.
  for (auto const& value : std::vector<std::string>{
           "NN", "", "0", "t", "e", "h\x05", "X\xFF\xFF\xFF\xFFx", word("\xC3("), global("posix", "system"), "K\1K\1R",
           word("a") + word("b") + "b", "}(" + word("a") + "u", "](K\1u", "}(K\1K\2e", "\xF0", "cx", "K\1" + word("x") + "\x93",
           word("x") + "K\1\x93",
           "\x95" + raw(std::uint64_t{2}) + "N", number(""), number("\xFF"), number("\x7F"), number(std::string(9, '\1')),
           "\x8B" + raw(std::uint32_t{1}) + "\1", "\x8D" + raw(std::uint64_t{1}) + "x", "T" + raw(std::uint32_t{1}) + "x",
           "B" + raw(std::uint32_t{1}) + "x", "U\1x", "C\1x", "\x8E" + raw(std::uint64_t{1}) + "x", "NN0", "(NN1N", "(K\1K\2l", "(K\1\x91",
           "\x8F(K\1\x90", "N\x85", "NN\x86", "NNN\x87", "}" + word("a") + "Ns",
           "Nr" + raw(std::uint32_t{9}) + "0j" + raw(std::uint32_t{9}),
           "G" + std::string(8, '\1'), "]Na", "M\1\1", "J\1\1\1\1", "N\x94" + std::string("0h") + std::string(1, '\0'),
           "Nq\1" + std::string("0h\1"),
           dict({{"a", "U\1x"}, {"b", global("torch", "float32")}, {"c", list({"N", global("torch", "int64")})}}), "}(K\7Nu", "}(NNu",
           ordered({{"w", w2}}), global("collections", "OrderedDict") + tuple({list({tuple({word("w"), w2}), list({word("v"), w2}),
               tuple({w2}), "N"})}) + "R",
           global("collections", "OrderedDict") + "NR", global("argparse", "Namespace") + ")\x81" + "Nb", 
           list({list({list({w2})})}), "]q\1(h\1e", parameter("N"), parameter(parameter(w2)),
           global("torch._utils", "_rebuild_parameter") + ")R", global("torch._utils", "_rebuild_tensor_v2") + ")R",
           global("torch._utils", "_rebuild_tensor_v2") + tuple({"N", whole(0), sizes({1}), sizes({1})}) + "R",
           global("torch._utils", "_rebuild_tensor_v2") + tuple({"NQ", whole(0), sizes({1}), sizes({1})}) + "R",
           global("torch._utils", "_rebuild_tensor_v2") + tuple({storage("0", "Float", 24), "N", sizes({1}), sizes({1})}) + "R",
           global("torch._utils", "_rebuild_tensor_v2") + tuple({storage("0", "Float", 24), whole(0), "N", sizes({1})}) + "R",
           tensor("0", "Odd", 24, 0, {1}, {1}), tensor("9", "Float", 24, 0, {1}, {1}), tensor("0", "Float", 23, 0, {1}, {1}),
           tensor("0", "Float", -1, 0, {1}, {1}), tensor("0", "Float", 24, -1, {1}, {1}), tensor("0", "Float", 24, 0, {25}, {1}),
           tensor("0", "Float", 24, 0, {9}, {std::int64_t{1} << 62}), tensor("0", "Float", 24, 0, {2, 2}, {std::int64_t{1} << 62,
               std::int64_t{1} << 62}),
           tensor("0", "Float", 24, 0, {30}, {0}), tensor("0", "Float", 24, 0, {-1}, {1}), tensor("0", "Float", 24, 0, {1}, {}),
           tensor("0", "Float", 24, 0, {1, 2, 2}, {7, 1, 2}), tensor("0", "Float", 24, 0, {}, {}), tensor("0", "Float", 24, 0,
               std::vector<std::int64_t>(40, 1), std::vector<std::int64_t>(40, 1)),
           untyped_tensor("0", "uint16", 96, {3}, {1}), untyped_tensor("0", "uint32", 96, {3}, {2}), untyped_tensor("0", "uint64", 96, {2,
               2}, {1, 2}),
           global("collections", "defaultdict") + ")R" + members({{"w", w2}}),
           global("torch._utils", "_rebuild_tensor_v2") + tuple({tuple({word("storage"), global("torch", "float32"), word("0"), word("cpu"),
               whole(24)}) + "Q", whole(0), sizes({1}), sizes({1})}) + "R",
           global("torch._utils", "_rebuild_tensor_v2") + tuple({storage("0", "Float", 24), whole(0), tuple({"N"}), sizes({1})}) + "R",
           parameter(parameter(parameter(parameter(parameter(parameter(w2)))))),
           global("torch._utils", "_rebuild_tensor_v3") + tuple({storage("0", "Float", 24), whole(0), sizes({1}), sizes({1}), "N", "N",
               global("torch", "uint16")}) + "R",
           global("torch._utils", "_rebuild_tensor_v3") + tuple({tuple({word("storage"), global("torch.storage", "UntypedStorage"),
               word("0"), word("cpu"), whole(96)}) + "Q", whole(0), sizes({1}), sizes({1})}) + "R",
           untyped_tensor("0", "int64", 96, {3}, {1}), untyped_tensor("0", "uint32", 95, {3}, {1}), untyped_tensor("0", "uint16", 96, {3},
               {1}, 99)})
    to.put("\x80\x02" + value + ".");
  for (auto const& value : {word("storage"), std::string("N")})          // a storage that is described in another way
    for (auto const& key : {word("0"), std::string("K\1")})
      for (auto const& count : {whole(24), std::string("N")})
        for (auto const& more : {std::string(), std::string("N"), tuple({word("v")})})
          to.put("\x80\x02" + global("torch._utils", "_rebuild_tensor") +
                 tuple({tuple({value, global("torch", "FloatStorage"), key, word("cpu"), count, more}) + "Q", whole(0), sizes({1}),
                     sizes({1})}) + "R.");
  std::string const whole_file = pth(values[1], {{"0", data}});
  for (std::size_t const cut : {std::size_t{3}, std::size_t{30}, whole_file.size() / 2, whole_file.size() - 30, whole_file.size() - 1}) {
    to.put(whole_file.substr(0, cut));
    std::string broken = whole_file;
    broken[cut] = static_cast<char>(broken[cut] ^ 0x55), to.put(broken);
  }
  to.put(whole_file + "x"), to.put(std::string("PK\5\6") + std::string(18, '\0'));
  to.put(zip_of({{"x/data.pkl", "\x80\x02}."}, {"y/data.pkl", "\x80\x02}."}})), to.put(zip_of({{"a", "b"}}));
  to.put(zip_of({{"data.pkl", "\x80\x02}.more"}})), to.put(zip_of({{"data.pkl", "\x80\x02}.", 0, 1}}));
  to.put(zip_of({{"x/data.pkl", "\x80\x02}."}, {"x/byteorder", "big"}})), to.put(zip_of({{"x/data.pkl", "\x80\x02}."}, {"x/data.pkl",
      ""}}));
  for (auto const& value : values) {
    to.put("\x80\x02" + value + ".");
    to.put(pth(value, {{"0", data}}));
  }
  to.put(pth(values[1], {{"0", data}}, true));
  auto const old = tuple({word("storage"), global("torch", "FloatStorage"), word("0"), word("cpu"), whole(24), "N"}) + "Q";
  auto const rebuilt = global("torch._utils", "_rebuild_tensor") + tuple({old, whole(0), sizes({24}), sizes({1})}) + "R";
  to.put(legacy_pth(dict({{"w", rebuilt}}), {{"0", data}}, {24}));
  for (std::int64_t const count : {std::int64_t{-1}, std::int64_t{25}, std::int64_t{1} << 62}) to.put(legacy_pth(dict({{"w", rebuilt}}),
                                                                                                                 {{"0", data}}, {count}));
  to.put(legacy_pth(dict({{"w", rebuilt}}), {{"1", data}}, {24})), to.put(legacy_pth(dict({}), {{"0", data}}, {24}));
  std::string foreign = legacy_pth(dict({{"w", rebuilt}}), {{"0", data}}, {24});
  foreign.replace(foreign.find("little_endian") + 13, 1, "\x89"), to.put(foreign), to.put(foreign.substr(0, foreign.size() - 9));
  to.put(zip_of({{"x/data.pkl", "\x80\x02}.", 8}}));
  broken_zips(to);
  to.put("P"), to.put("PX"), to.put(headed(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4)), to.put(std::string(40, 'x'));
}

void films([[maybe_unused]] Folder& to, [[maybe_unused]] std::string const& target) {
#ifdef AFIRE_HAVE_PNG
  if (target == "png")
    for (int const interlace : {PNG_INTERLACE_NONE, PNG_INTERLACE_ADAM7})
      for (auto const& [colour, channels, depth] :
           {std::array{PNG_COLOR_TYPE_GRAY, 1, 1}, {PNG_COLOR_TYPE_GRAY, 1, 8}, {PNG_COLOR_TYPE_GRAY, 1, 16}, {PNG_COLOR_TYPE_GA, 2, 8},
            {PNG_COLOR_TYPE_RGB, 3, 8}, {PNG_COLOR_TYPE_RGB, 3, 16}, {PNG_COLOR_TYPE_RGBA, 4, 8}, {PNG_COLOR_TYPE_PALETTE, 1, 4}})
        for (bool const transparent : {false, true}) {
          std::string const png = png_files::written({colour, channels, depth, interlace}, 3, 5, transparent);
          to.put(png), to.put(png.substr(0, png.size() - 20)), to.put(png.substr(0, 20));
          std::string broken = png;                        // first in the header, then in the pixels
          for (std::size_t const at : {std::size_t{24}, png.size() - 20}) broken[at] = static_cast<char>(broken[at] ^ 0x77), to.put(broken);
        }
#endif
#ifdef AFIRE_HAVE_JPEG
  if (target == "jpeg")
    for (auto const& kind : {jpeg_files::Kind{}, jpeg_files::Kind{JCS_GRAYSCALE, 1, true}, jpeg_files::Kind{JCS_RGB, 3},
                             jpeg_files::Kind{JCS_RGB, 3, false, true}})
      for (Index const side : {11, 40}) {
        std::string const jpeg = jpeg_files::written(kind, 9, side);
        to.put(jpeg), to.put(jpeg.substr(0, jpeg.size() - 9)), to.put(jpeg.substr(0, 30)), to.put(jpeg.substr(0, jpeg.size() / 2));
        std::string broken = jpeg;
        for (std::size_t const at : {jpeg.size() / 2, jpeg.size() - 12,
                                     std::size_t{22}}) broken[at] = static_cast<char>(broken[at] ^ 0x77), to.put(broken);
        std::string large = jpeg;                          // it claims to have 65535 x 65535 pixels
        if (auto const frame = large.find("\xFF\xC0"); frame != large.npos) large.replace(frame + 5, 4, "\xFF\xFF\xFF\xFF"), to.put(large);
      }
  if (target == "jpeg") {
    to.put(jpeg_files::written({JCS_CMYK, 4}, 8, 8)), to.put(jpeg_files::written({JCS_RGB, 3, false, false, true}, 8, 8));
    to.put(jpeg_files::written({.from = JCS_RGB, .channels = 3, .stored_as_rgb = true}, 8, 8));
    to.put(jpeg_files::many_scans(600, 1));
  }
#endif
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) return 2;
  std::string const target = words[1];
  Folder to{words[2]};
  std::filesystem::create_directories(to.path);
  if (target == "safetensors") safetensors(to);
  else if (target == "pth") pth_files(to);
  else if (target == "manifest") {
    to.put("file,split,normal,patient_id\na.png,train,1,7\n\"b, \"\"c\"\".png\",test,0,8\n");
    to.put("\xEF\xBB\xBFpath\tview\r\nx.jpg\tPA\r\n\r\ny.jpg\tAP");
    to.put("Image Index,Finding Labels\n00000001_000.png,No Finding\n");
    for (auto const* table :
         {"file,split,split\na,b,c\n", "FILE\n", "", "\n", "x\ny\n", "file,\"split\"\r\n\"a\"\r\n", "\"file\",split\n\"a\"x,b\n",
          "file,split\n\"a",
          "file,split\na,train\n\n/b,train\nc,\"train\"\r\nd,\"\"\"\"\n", "file;split;normal\na;train|b;1\n;a;0\nb;a;\n",
          "file\tsplit\ta\r\nx\t\"y\"\r\nz\tw",
          "file,split,normal\na,a,1\nb,a,0\nc,b,\nd,c,1\ne,d,1\nf,e,1\ng,f,1\nh,g,1\ni,h,1\nj,i,1\nk,j,1\nl,k,1\n",
          "file,patient,normal,split\na,7,0,train\na,7,0,train\nb,,1,train\n./c,8,1,train\n../d,8,1,train\n",
          "file,split\r\n\"a\nb\",\"train\"\r\n\"c\"",
          "file,split\na,\"b\"\r", "file,split\na,b\r", "path,split\na\xFF,b\n", "file,split\na\n",
          "file,,\na,b,c\n", "Image-Path 2,spl_it\na,train\n", "img,who,split\na,7,train\nb,,b\n", "img,WHO,normal,split\na,7,,a\n",
          "file,split\na/./b,\n/c,d|\n", "file,split\na/b,\na/./b,\n", "\"file\"", "\"file\"\n\"a\"",
          "\"file\"\r\n\"a\"\r\n", "\"file\"\r", "file,\"a\nb\"\n\"c\"\"d\",\"e\"", "file,\"", "file,split\r\na,b\r\n",
          "file,split\r", "file", "file\ra,b\n",
          "\"fi\"\"le\",\"x\"y\na,b\n", "file,a\r\n\"b\"\rc,d\n", "file\n\"a\"\"", "file\na,\"b\"\"c\"\r\n",
          "file,split,normal\na,,1\nb,,1\n",
          "file,", "file,x\na,", "\"file\",\"a\"\r\n\"b\",\"c\"\r\n\"d\",\"e\"", "file,\"a\"\rb\nc,d\n", "file,a\rb\nc,d\re\n",
          "a\r,file\r,b\nx\r,y\r,z\n"})
      to.put(table);
    std::string many = "other";
    for (int i = 0; i < 45; ++i) many += ",column " + std::to_string(i);
    to.put(many + ",\n" + std::string(46, ',') + "\n");
  } else if (target == "config") {
    to.put(write_json(cli::settings_json({}), {.pretty = true}));
    to.put(R"({"model": "small", "batch": 7, "lr": 5e-4, "faithful": true, "films": "caf\u00e9 \ud83e\ude7b.csv"})");
    to.put(R"([null, true, -0, 1.5e300, "", {}, [[]]])");
    for (auto const* json :
         {"{} x", "", "[", "[1", "[1 2]", "{", "{1:2}", "{\"a\"}", "{\"a\":1,\"a\":2}", "{\"a\":1 \"b\":2}", "{\"a\":1}", "[-]", "[-a]",
          "[01]", "[1.]", "[1.a]",
          "[1e]", "[1E+2, 1e-2, 99999999999999999999, -99999999999999999999, -0.0]", "[1e999]", "[tru]", "[\"", "[\"\x01\"]",
          "[\"\xFF\"]", "[\"\\",
          "[\"\\q\"]", "[\"\\b\\f\\n\\r\\t\\/\\\\\\\"\"]", "[\"\\u00\"]", "[\"\\u00", "[\"\\u00zz\"]",
          "[\"\\u0041\\u00e9\\u20AC\\uD83E\\uDE7B\\u0007\"]",
          "[\"\\uD83E\"]", "[\"\\uD83E\\u0041\"]", "[\"\\uD83E\\uE000\"]", "[\"\\uDE7B\"]", "\t\r\n[ ]", "[\n \xC3\xA9]",
          "[null,null,null,null,null,null,null,null,[],{}]",
          "[false, nul]", R"({"batch": "seven"})", R"({"batchs": 7})", R"({"batch": -1})", R"({"zzzzzzzzz": 1})", R"({"model": "smal"})",
          R"({"lr": true})",
          R"({"lr": 1, "scale-lr": 7})", R"({"afire": "0", "variant": "x", "backend": "", "out": 3})",
          R"({"faithful": false, "lr": 2, "out": "é"})",
          R"({"films": "a string that is so long that a sentence about it would be cut off somewhere near its end,
          which is éééééééééééééééé", "lr": {}})",
          R"({"lr": "a string that is so long that a sentence about it would be cut off near its end: ééééééééééééééééééééééééééééé"})"})
      to.put(json);
    for (auto const* json :
         {"[-,1]", "[1e,2]", "[\"é\" 1]", "[\"\xE0\x80\x80\"]", "[\"\xED\xA0\x80\"]", "[\"\xF4\x90\x80\x80\"]",
          "[\"\xF0\x80\x80\x80\"]",
          "[\"\xF5\x80\x80\x80\"]", "[\"\xC2\"]", "[\"\xE2\x82\xAC\xF0\x9F\xA9\xBB\xED\x9F\xBF\xF4\x8F\xBF\xBF\"]", "[\"\\u12\"]",
          "[\"\x7F\"]",
          "[\"\x80\"]", "[\"\xE2", "[\"\xE0\xA4\x84\xF0\x90\x80\x80\"]",
          R"({"model": "base"})", R"({"model": "small"})", R"({"lr": "1e-3", "batch": "7", "faithful": "true", "clip": "none"})",
          R"({"lr": "nan"})", R"({"lr": "1e"})", R"({"lr": "1x"})", R"({"batch": "7x"})", R"({"faithful": "false", "epochs": "0"})",
          R"({"phantom": "5", "films": "x", "validation": "y"})", R"({"films": "x", "phantom": "5", "validation-phantom": "3"})",
          R"({"backend": "", "clip": ""})", R"({"clip": "zzzzzzzzzz"})", R"({"seed": 99999999999})", R"({"lr": 1e999})",
          R"({"where": "\u007f\u0001"})"})
      to.put(json);
    to.put(std::string(200, '[')), to.put("[" + std::string(40000, ',') + "]");
    std::string many = "[0";
    for (int i = 0; i < 8000; ++i) many += ",0";
    to.put(many + "]");
  } else {
    films(to, target);
  }
  return 0;
}
