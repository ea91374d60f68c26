// Files of torch.save: what they hold is read, nothing of them is executed, and every way in which one can be wrong has its sentence.
#include <afire/core/rng.hpp>
#include <afire/io/pth.hpp>
#include <doctest/doctest.h>

#include "tests/support/message.hpp"
#include "tests/support/pth.hpp"
#include "tests/support/temporary.hpp"

using namespace afire;
using namespace afire_test;

namespace {

// Float storages: count elements 0, 1, 2 ...
std::string counted(int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += raw(static_cast<float>(i));
  return all;
}
std::string vector_of(std::string const& key, int count) { return tensor(key, "Float", count, 0, {count}, {1}); }

// Quicker than replace_file: a new file, not synced.
void write_new(std::string const& path, std::string const& bytes) {
  ::unlink(path.c_str());
  write_all(open_file("write", path, O_WRONLY | O_CREAT), bytes.data(), bytes.size());
}

struct Files {
  TemporaryFolder folder;
  PthFile open(std::string const& bytes) const {
    write_new(folder / "x", bytes);
    return PthFile(folder / "x");
  }
  // The sentence for a file of these bytes, without its folder.
  std::string said(std::string const& bytes) const {
    std::string words = message([&] { open(bytes); });
    while (words.find(folder.path() + "/") != words.npos) words.erase(words.find(folder.path()), folder.path().size() + 1);
    return words;
  }
  std::string said_of(std::string const& value) const { return said(pth(value, {{"0", counted(6)}})); }
};

bool has(std::string const& words, std::string const& part) { return words.find(part) != words.npos; }

}  // namespace

TEST_CASE("nested dictionaries become dotted names, numbers and words become metadata") {
  Files const files;
  auto const bytes = pth(dict({{"student", ordered({{"module.a", vector_of("0", 3)}, {"b", parameter(vector_of("1", 2))}})},
                               {"list", list({vector_of("0", 3), dict({{"deep", vector_of("1", 2)}})})},
                               {"epoch", whole(7)},
                               {"note", word("caf\xC3\xA9")},
                               {"betas", tuple({real(0.9), real(0.999)})},
                               {"none", "N"},
                               {"amp", "\x88"},
                               {"large", whole(-5'000'000'000)},
                               {"device", global("torch", "device") + tuple({word("cuda")}) + "R"},
                               {"args", global("argparse", "Namespace") + ")\x81" + dict({{"lr", real(0.5)}, {"out", word("x")}}) + "b"}}),
                         {{"0", counted(3)}, {"1", counted(2)}});
  for (bool const zip64 : {false, true}) {
    CAPTURE(zip64);
    auto const file = files.open(pth(dict({{"student", ordered({{"module.a", vector_of("0", 3)}})}}), {{"0", counted(3)}}, zip64));
    CHECK(file.read<int>("student.module.a") == std::vector<int>{0, 1, 2});
  }
  auto const file = files.open(bytes);
  CHECK(file.names() == std::vector<std::string>{"student.module.a", "student.b", "list.0", "list.1.deep"});
  CHECK(file.read<int>("list.1.deep") == std::vector<int>{0, 1});
  Metadata const want{{"epoch", "7"},  {"note", "caf\xC3\xA9"},   {"betas", "[0.9, 0.999]"}, {"none", "null"},
                      {"amp", "true"}, {"large", "-5000000000"},
                      {"device", "torch.device"}, {"args.lr", "0.5"}, {"args.out", "x"}};
  CHECK(file.metadata() == want);
  CHECK(files.open(pth(vector_of("0", 3), {{"0", counted(3)}})).names() == std::vector<std::string>{"tensor"});
  CHECK(files.open(pth(dict({}))).count() == 0);
}

TEST_CASE("every element type; tensors that are parts of a storage, turned, empty or a single number") {
  Files const files;
  struct Kind {
    char const* name;
    Dtype dtype;
  };
  for (auto const& [name, dtype] : {Kind{"Double", Dtype::f64}, {"Float", Dtype::f32}, {"Half", Dtype::f16}, {"BFloat16", Dtype::bf16},
                                    {"Long", Dtype::i64}, {"Int", Dtype::i32}, {"Short", Dtype::i16}, {"Char", Dtype::i8},
                                    {"Byte", Dtype::u8}, {"Bool", Dtype::boolean}}) {
    std::string data;
    for (Index i = 0; i < 3 * dtype_bytes(dtype); ++i) data += static_cast<char>(i + 1);
    auto const file = files.open(pth(dict({{"w", tensor("0", name, 3, 0, {3}, {1})}}), {{"0", data}}));
    CHECK(file.at("w").dtype == dtype);
    auto const bytes = file.at("w").bytes();
    CHECK(std::string(reinterpret_cast<char const*>(bytes.data), static_cast<std::size_t>(bytes.size())) == data);
  }
  auto const file = files.open(pth(dict({{"all", tensor("0", "Float", 24, 0, {2, 3, 4}, {12, 4, 1})},
                                         {"row", tensor("0", "Float", 24, 12, {3, 4}, {4, 1})},
                                         {"turned", tensor("0", "Float", 24, 0, {4, 2}, {1, 12})},
                                         {"step", tensor("0", "Float", 24, 1, {3}, {10})},
                                         {"one", tensor("0", "Float", 24, 5, {}, {})},
                                         {"ones", tensor("0", "Float", 24, 23, {1, 1}, {99, 77})},
                                         {"none", tensor("0", "Float", 24, 24, {0, 4}, {4, 1})}}),
                                   {{"0", counted(24)}}));
  CHECK(file.read<int>("row").front() == 12);
  CHECK(file.read<int>("turned") == std::vector<int>{0, 12, 1, 13, 2, 14, 3, 15});
  CHECK(file.read<int>("step") == std::vector<int>{1, 11, 21});
  CHECK(file.read<int>("one") == std::vector<int>{5});
  CHECK(file.read<int>("ones") == std::vector<int>{23});
  CHECK(file.read<int>("none").empty());
  CHECK(file.at("one").shape.empty());
  CHECK(file.at("none").shape == std::vector<Index>{0, 4});
}

TEST_CASE("types without a storage of their own: uint16, uint32, uint64") {
  Files const files;
  std::string const data = raw(std::uint64_t{0xFFFFFFFFFFFFFFFF}) + raw(std::uint64_t{5}), sixteen = data + data.substr(0, 8);
  auto const file = files.open(pth(dict({{"a", untyped_tensor("0", "uint16", 16, {2}, {1}, 3)},
                                         {"b", untyped_tensor("1", "uint32", 24, {3, 2}, {1, 3})},
                                         {"c", untyped_tensor("0", "uint64", 16, {2}, {1})}}), {{"0", data}, {"1", sixteen}}));
  CHECK(file.at("a").dtype == Dtype::u16);
  CHECK(file.read<int>("a") == std::vector<int>{65535, 5});
  CHECK(file.at("b").dtype == Dtype::u32);
  CHECK(file.read<std::int64_t>("b") == std::vector<std::int64_t>{4294967295, 0, 4294967295, 4294967295, 5, 4294967295});
  CHECK(file.read<std::uint64_t>("c") == std::vector<std::uint64_t>{0xFFFFFFFFFFFFFFFF, 5});
  auto const said = [&](std::string const& tensor) { return files.said(pth(dict({{"w", tensor}}), {{"0", data}})); };
  CHECK(has(said(untyped_tensor("0", "int64", 16, {2}, {1})), "a type other than uint16, uint32 and uint64"));
  CHECK(has(said(untyped_tensor("0", "uint16", 15, {2}, {1})), "not described as torch.save does"));
  CHECK(has(said(untyped_tensor("0", "uint64", 16, {3}, {1})), "reach beyond its storage of 2"));
  CHECK(has(said(untyped_tensor("0", "uint32", 24, {2}, {1})), "has 16 bytes in the file"));
  CHECK(has(said(untyped_tensor("0", "float8_e4m3fn", 16, {2}, {1})), "torch.float8_e4m3fn"));
}

TEST_CASE("the file may be moved about in memory, and tensors stay readable") {
  Files const files;
  auto first = files.open(pth(dict({{"a", vector_of("0", 6)}, {"t", tensor("0", "Float", 6, 0, {3, 2}, {1, 3})}}), {{"0", counted(6)}}));
  TensorFile const second = std::move(first);
  CHECK(second.read<int>("a") == std::vector<int>{0, 1, 2, 3, 4, 5});
  CHECK(second.read<int>("t") == std::vector<int>{0, 3, 1, 4, 2, 5});
}

TEST_CASE("the older form without zip") {
  Files const files;
  auto const model = [](std::string const& view) {
    auto const kept = tuple({word("storage"), global("torch", "FloatStorage"), word("k"), word("cpu"), whole(4), view}) + "Q";
    auto const w = global("torch._utils", "_rebuild_tensor") + tuple({kept, whole(0), sizes({2, 2}), sizes({2, 1})}) + "R";
    return dict({{"model", dict({{"w", w}})}});
  };
  auto const good = legacy_pth(model("N"), {{"k", counted(4)}}, {4});
  CHECK(files.open(good).read<int>("model.w") == std::vector<int>{0, 1, 2, 3});
  CHECK(open_tensors(files.folder / "x").count() == 1);
  for (std::size_t n = 15; n < good.size(); ++n) CHECK(has(files.said(good.substr(0, n)), "x: "));
  CHECK(has(files.said(good + "y"), "1 bytes after its last storage"));
  CHECK(has(files.said(legacy_pth(model("N"), {{"k", counted(4)}}, {std::int64_t{1} << 62})), "ends after the file"));
  CHECK(has(files.said(legacy_pth(model("N"), {{"other", counted(4)}}, {4})), "belongs to no tensor"));
  CHECK(has(files.said(legacy_pth(model(tuple({word("v"), whole(0), whole(4)})), {{"k", counted(4)}}, {4})), "before 0.4"));
}

TEST_CASE("whatever is no object of weights is refused by its name, before anything could be called") {
  Files const files;
  for (auto const& [module, name] : {std::pair{"posix", "system"}, {"builtins", "eval"}, {"os", "system"}, {"torch", "load"},
                                     {"torch._utils", "_rebuild_evil"}, {"torch", "QuantizedStorage"}}) {
    std::string const call = global(module, name) + tuple({word("touch here")}) + "R";
    std::string const said = files.said_of(dict({{"w", call}}));
    CHECK(has(said, "\"" + std::string(module) + "." + name + "\""));
    CHECK(has(said, "nothing of it is executed"));
    CHECK(files.said_of(dict({{"w", global(module, name)}})) == said);
    CHECK(has(files.said_of(dict({{"w", word(module) + word(name) + "\x93"}})), "\"" + std::string(module) + "." + name + "\""));
  }
  CHECK_FALSE(file_exists("here"));
}

TEST_CASE("pickles that make no sense") {
  Files const files;
  CHECK(has(files.said_of("0"), "takes a value where there is none"));
  CHECK(has(files.said_of("t"), "since a mark where there is none"));
  CHECK(has(files.said_of("(0"), "takes a value where there is none"));
  CHECK(has(files.said_of("h\x05"), "asks for value 5"));
  CHECK(has(files.said_of("i"), "opcode 0x69"));
  CHECK(has(files.said_of("NN"), "values left over"));
  CHECK(has(files.said_of("X\xFF\xFF\xFF\xFF"), "goes on after its end"));
  CHECK(has(files.said_of(std::string("\x8D\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 9)), "goes on after its end"));
  CHECK(has(files.said_of("ctorch"), "goes on after its end"));
  CHECK(has(files.said_of(word("\xFF\xFE")), "not UTF-8"));
  CHECK(has(files.said_of("NNR"), "calls what is no Python object"));
  CHECK(has(files.said_of("NNb"), "gives a state to what has none"));
  CHECK(has(files.said_of("NNa"), "adds items to what is no list"));
  CHECK(has(files.said_of("NNNs"), "adds members to what is no dictionary"));
  CHECK(has(files.said_of("}(Nu"), "a name without a value"));
  CHECK(has(files.said_of("NN\x93"), "by what is no text"));
  CHECK(has(files.said_of("}(NNu"), "named neither by a text"));
  CHECK(has(files.said(zip_of({{"x/data.pkl", "\x80\x02}.more"}})), "4 bytes after its pickle"));
  CHECK(files.open(pth("}(" + whole(3) + whole(4) + "u")).metadata("3") == "4");
}

TEST_CASE("tensors that make no sense") {
  Files const files;
  auto const said = [&](std::string const& t) { return files.said_of(dict({{"w", t}})); };
  CHECK(has(said(tensor("0", "Float", 6, 0, {7}, {1})), "reach beyond its storage of 6"));
  CHECK(has(said(tensor("0", "Float", 6, 1, {6}, {1})), "reach beyond"));
  CHECK(has(said(tensor("0", "Float", 6, -1, {6}, {1})), "reach beyond"));
  CHECK(has(said(tensor("0", "Float", 6, std::int64_t{1} << 62, {2}, {std::int64_t{1} << 62})), "reach beyond"));
  CHECK(has(said(tensor("0", "Float", 6, 0, {2, 2}, {std::int64_t{1} << 62, std::int64_t{1} << 62})), "reach beyond"));
  CHECK(has(said(tensor("0", "Float", 6, 0, {std::int64_t{1} << 40, std::int64_t{1} << 40}, {0, 0})), "more elements than any memory"));
  CHECK(has(said(tensor("0", "Float", 6, 0, {std::int64_t{1} << 40}, {0})), "it was expanded"));
  CHECK(has(said(tensor("0", "Float", 6, 0, {-1}, {1})), "none of them negative"));
  CHECK(has(said(tensor("0", "Float", 6, 0, {3}, {-1})), "none of them negative"));
  CHECK(has(said(tensor("0", "Float", 6, 0, {3, 2}, {1})), "2 sizes and 1 strides"));
  CHECK(has(said(tensor("0", "Float", 6, 0, std::vector<std::int64_t>(40, 1), std::vector<std::int64_t>(40, 1))), "at most 32"));
  CHECK(has(said(tensor("0", "Float", 5, 0, {5}, {1})), "5 F32 has 24 bytes in the file"));
  CHECK(has(said(tensor("0", "Float", std::int64_t{1} << 62, 0, {5}, {1})), "24 bytes in the file"));
  CHECK(has(said(tensor("0", "Double", 3, 1, {3}, {1})), "reach beyond its storage of 3"));
  CHECK(has(said(tensor("9", "Float", 6, 0, {6}, {1})), "\"9\" is not in the file"));
  CHECK(has(said(parameter("N")), "a parameter without a tensor"));
  CHECK(has(said(global("torch._utils", "_rebuild_tensor_v2") + ")R"), "not described as torch.save does"));
  CHECK(has(said(global("torch._utils", "_rebuild_tensor_v2") + tuple({"N", whole(0), sizes({1}), sizes({1})}) + "R"), "not described"));
  CHECK(has(files.said_of(dict({{"w", vector_of("0", 6)}, {"w", vector_of("0", 6)}})), "two tensors are called \"w\""));
  // Views that have to be copied may not make more bytes than the file has.
  std::vector<std::pair<std::string, std::string>> many;
  for (int i = 0; i < 100; ++i) many.push_back({std::to_string(i), tensor("0", "Float", 6000, 0, {3000, 2}, {1, 3000})});
  CHECK(has(files.said(pth(dict(many), {{"0", counted(6000)}})), "more bytes than the file has"));
}

TEST_CASE("values that contain themselves, once or exponentially often, end") {
  Files const files;
  CHECK(has(files.said_of("}q" + std::string(1, '\0') + "(" + word("me") + "h" + std::string(1, '\0') + "u"), "contains itself"));
  CHECK(has(files.said_of("]q" + std::string(1, '\0') + "h" + std::string(1, '\0') + "a"), "contains itself"));
  std::string deep = "N";
  for (int i = 0; i < 1000; ++i) deep = "](" + deep + "]e";
  CHECK(has(files.said_of(deep), "nested deeper than 64 levels"));
  std::string laughs = "]q" + std::string(1, '\0');                    // a list of two lists of two lists ...
  for (char i = 1; i < 60; ++i) {
    std::string const before = "h" + std::string(1, static_cast<char>(i - 1));
    laughs += "](" + before + before + "eq" + std::string(1, i);
  }
  laughs = "(" + laughs + "t";
  CHECK(has(files.said_of(laughs), "no list of names can be made"));
  std::string wraps = tensor("0", "Float", 6, 0, {6}, {1});
  for (int i = 0; i < 100; ++i) wraps = parameter(wraps);
  CHECK(has(files.said_of(dict({{"w", wraps}})), "a parameter without a tensor"));
}

TEST_CASE("zip archives that make no sense") {
  Files const files;
  auto const good = pth(dict({{"w", vector_of("0", 6)}}), {{"0", counted(6)}});
  CHECK(files.open(good + "").count() == 1);
  CHECK(has(files.said(""), "neither a zip archive nor"));
  CHECK(has(files.said("garbage"), "neither a zip archive nor"));
  for (std::size_t n = 4; n < good.size(); ++n) CHECK(has(files.said(good.substr(0, n)), "cut short"));
  CHECK(has(files.said(zip_of({{"a/data.pkl", "\x80\x02}."}, {"b/data.pkl", "\x80\x02}."}})), "2 entries data.pkl"));
  CHECK(has(files.said(zip_of({{"a/other", "x"}})), "0 entries data.pkl"));
  CHECK(has(files.said(zip_of({{"a", "x"}, {"a", "y"}})), "two zip entries are called \"a\""));
  CHECK(has(files.said(zip_of({{"x/data.pkl", "\x80\x02}.", 8}})), "\"x/data.pkl\" is compressed"));
  CHECK(has(files.said(zip_of({{"x/data.pkl", "\x80\x02}.", 0, 1}})), "is encrypted"));
  CHECK(has(files.said(zip_of({{"x/data.pkl", "\x80\x02}."}, {"x/byteorder", "big"}})), "not little-endian"));
  auto const changed = [&](std::size_t from_end, std::string const& to) {
    std::string bad = good;
    return bad.replace(bad.size() - from_end, to.size(), to);
  };
  CHECK(has(files.said(changed(12, "\xFF\xFF")), "too few for"));                      // how many entries
  CHECK(has(files.said(changed(10, "\xFF\xFF\xFF\x7F")), "the zip directory lies outside"));
  CHECK(has(files.said(changed(6, "\x01")), "zip directory"));
  CHECK(has(files.said(changed(18, "\x01")), "in several parts"));
  std::size_t const directory = good.find("PK\x01\x02");
  auto const in_directory = [&](std::size_t at, std::string const& to) {
    std::string bad = good;
    return bad.replace(directory + at, to.size(), to);
  };
  CHECK(has(files.said(in_directory(20, "\x7F")), "its two sizes differ"));
  CHECK(has(files.said(in_directory(28, "\xFF\xFF")), "ends outside of it"));
  CHECK(has(files.said(in_directory(42, "\x01")), "does not begin where"));
  CHECK(has(files.said(in_directory(46, "y")), "is called"));
  // One entry inside the data of another.
  std::string const inner = zip_of({{"b", "x"}}).substr(0, 32);
  std::string nested = zip_of({{"a", inner}, {"b", "x"}});
  nested.replace(nested.rfind("PK\x01\x02") + 42, 1, 1, static_cast<char>(31));
  CHECK(has(files.said(nested), "the zip entries \"a\" and \"b\" overlap"));
  std::string wide = zip_of({{"x/data.pkl", "\x80\x02}."}}, true);
  CHECK(files.open(wide).count() == 0);
  CHECK(has(files.said(std::string(wide).replace(wide.find("PK\x01\x02") + 46 + 10 + 2, 1, 1, '\x30')), "broken extra field"));
  CHECK(has(files.said(std::string(wide).replace(wide.find("PK\x06\x06"), 4, "PKxx")), "zip64 end record is broken"));
}

TEST_CASE("no bytes crash the reader, and what it opens can be read to the last byte") {
  TemporaryFolder const folder;
  auto const turned = tensor("0", "Float", 6, 0, {3, 2}, {1, 3});
  auto const value = dict({{"m", ordered({{"w", vector_of("0", 6)}, {"t", turned}})}, {"epoch", whole(7)}});
  std::string const files_of[] = {pth(value, {{"0", counted(6)}}), pth(value, {{"0", counted(6)}}, true),
                                  legacy_pth(value, {{"0", counted(6)}}, {6})};
  Draws draws(Random(4, Purpose::test));
  int refused = 0, read = 0;
  for (int round = 0; round < 1500; ++round) {
    std::string bad = files_of[round % 3];
    for (std::uint32_t n = 1 + draws.below(2); n > 0; --n) {
      auto const at = draws.below(static_cast<std::uint32_t>(bad.size()));
      bad[at] = draws.below(2) == 0 ? static_cast<char>(draws.below(256)) : "NRbQtu(.cXK}])\x85\x88\xFF"[draws.below(17)];
    }
    if (draws.below(5) == 0) bad.resize(draws.below(static_cast<std::uint32_t>(bad.size())));
    write_new(folder / "x", bad);
    try {
      TensorFile const file = open_tensors(folder / "x");
      for (auto const& name : file.names()) file.read<double>(name);
      ++read;
    } catch (error const&) { ++refused; }
  }
  CHECK(read + refused == 1500);
  CHECK(read > 50);
  CHECK(refused > 500);
}
