// Safetensors: what is written is read, and every way in which a file can be wrong has its sentence.
#include <afire/core/rng.hpp>
#include <afire/core/tensor.hpp>
#include <afire/io/safetensors_writer.hpp>
#include <doctest/doctest.h>

#include "tests/support/child.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary.hpp"

using namespace afire;
using afire_test::message;
using afire_test::TemporaryFolder;

namespace {

std::string bytes_of(std::string const& header, std::string const& data) {
  std::uint64_t const length = header.size();
  return std::string(reinterpret_cast<char const*>(&length), 8) + header + data;
}

// The sentence for a file of these bytes, without its folder.
std::string opened(TemporaryFolder const& folder, std::string const& bytes) {
  replace_file(folder / "x", bytes);
  std::string said = message([&] { SafetensorsFile(folder / "x"); });
  while (said.find(folder.path() + "/") != said.npos) said.erase(said.find(folder.path()), folder.path().size() + 1);
  return said;
}

// One tensor "w" of the given entries, 8 bytes of data.
std::string with_entry(TemporaryFolder const& folder, std::string const& entry) {
  return opened(folder, bytes_of("{\"w\":{" + entry + "}}", std::string(8, 'd')));
}

std::string two(std::string const& a, std::string const& b) {
  return R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + a + R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + b + "}}";
}

}  // namespace

TEST_CASE("tensors of all types are written and read") {
  TemporaryFolder const folder;
  std::vector<double> const d{0.1, -2, 1e300};
  std::vector<std::int64_t> const i{-5, 1, 9007199254740993};
  std::vector<std::uint8_t> const u{0, 128, 255};
  Tensor<float, 2> f(2, 3);
  for (Index n = 0; n < 6; ++n) f(n / 3, n % 3) = static_cast<float>(n) + 0.5f;
  {
    SafetensorsWriter file(folder / "x", {{"epoch", "7"}, {"note", "caf\xc3\xa9 \"x\"\n"}});
    file.declare("empty first", Dtype::i32, {0, 4});
    file.declare("d", Dtype::f64, {3});
    file.declare("none", Dtype::f32, {4, 0});
    file.declare("i", Dtype::i64, {3, 1});
    file.declare("f", Dtype::f32, {2, 3});
    file.declare("number", Dtype::bf16, {});
    file.declare("u", Dtype::u8, {3});
    file.declare("half", Dtype::f16, {2});
    file.declare("last", Dtype::boolean, {0});
    file.write("d", d);
    file.write("i", i);
    file.write("f", f.view().row(0));                            // in two pieces
    file.write("f", f.view().row(1));
    file.write("number", std::vector<bf16>{bf16(1.5f)});
    file.write("u", u);
    std::uint16_t const halves[] = {0x3C00, 0xC000};
    file.write_bytes("half", Dtype::f16, View<const std::byte, 1>(reinterpret_cast<std::byte const*>(halves), 4));
    file.commit();
  }
  SafetensorsFile opened_here(folder / "x");
  SafetensorsFile const file(std::move(opened_here));            // the tensors' bytes move with it
  CHECK(file.names() == std::vector<std::string>{"empty first", "d", "none", "i", "f", "number", "u", "half", "last"});
  CHECK(file.count() == 9);
  CHECK(file.metadata() == Metadata{{"epoch", "7"}, {"format", "pt"}, {"note", "caf\xc3\xa9 \"x\"\n"}});
  CHECK(file.metadata("epoch") == "7");
  CHECK(message([&] { file.metadata("step"); }) == folder / "x: its metadata has no \"step\"");
  CHECK(file.read<double>("d") == d);
  CHECK(file.read<std::int64_t>("i") == i);
  CHECK(file.read<float>("f") == std::vector<float>(f.begin(), f.end()));
  CHECK(file.read<double>("f") == std::vector<double>{0.5, 1.5, 2.5, 3.5, 4.5, 5.5});
  CHECK(file.read<int>("u") == std::vector<int>{0, 128, 255});
  CHECK(file.read<float>("half") == std::vector<float>{1, -2});
  CHECK(file.read<float>("number") == std::vector<float>{1.5f});
  CHECK(file.read<float>("none").empty());
  CHECK(file.at("none").shape == std::vector<Index>{4, 0});
  CHECK(file.at("number").shape.empty());
  CHECK(file.at("i").dtype == Dtype::i64);
  CHECK(file.at("f").size() == 6);
  CHECK(file.at("f").bytes().size() == 24);
  CHECK(file.find("g") == nullptr);
  std::vector<float> to(6);
  file.read("f", View<float, 1>(to.data(), 6));
  CHECK(to[5] == 5.5f);
}

TEST_CASE("the data begins at a multiple of 64 bytes, and the header is plain JSON") {
  TemporaryFolder const folder;
  for (int letters = 1; letters < 140; ++letters) {
    SafetensorsWriter file(folder / "x");
    file.declare(std::string(static_cast<std::size_t>(letters), 'n'), Dtype::u8, {1});
    file.write(std::string(static_cast<std::size_t>(letters), 'n'), std::vector<std::uint8_t>{42});
    file.commit();
    std::string const all = read_file(folder / "x");
    CHECK(all.size() % 64 == 1);
    CHECK(all.back() == 42);
    CHECK(SafetensorsFile(folder / "x").count() == 1);
  }
  std::string const all = read_file(folder / "x");
  CHECK(all.substr(8).starts_with("{\"__metadata__\": {\"format\": \"pt\"}, \"nnn"));
}

TEST_CASE("a file without tensors is a file") {
  TemporaryFolder const folder;
  SafetensorsWriter file(folder / "x", {{"format", "own"}});
  file.commit();
  CHECK(SafetensorsFile(folder / "x").count() == 0);
  CHECK(SafetensorsFile(folder / "x").metadata("format") == "own");
}

TEST_CASE("what the writer is told must fit together") {
  TemporaryFolder const folder;
  std::string const at = folder / "x: ";
  std::vector<float> const three(3);
  auto const told = [&](auto what) {
    SafetensorsWriter file(folder / "x");
    file.declare("a", Dtype::f32, {2, 3});
    file.declare("b", Dtype::f32, {3});
    std::string const said = message([&] { what(file); });
    return said.starts_with(at) ? said.substr(at.size()) : said;
  };
  CHECK(told([](auto& f) { f.declare("a", Dtype::u8, {1}); }) == "tensor \"a\" is declared twice");
  CHECK(told([](auto& f) { f.declare("__metadata__", Dtype::u8, {1}); }) == "a tensor cannot be called \"__metadata__\"");
  CHECK(told([](auto& f) { f.declare("c", Dtype::u8, {2, -1}); }) == "tensor \"c\": its shape (2, -1) has a negative size");
  CHECK(told([](auto& f) { f.declare("c", Dtype::f64, {Index{1} << 40, Index{1} << 40}); }) ==
        "tensor \"c\": its shape (1099511627776, 1099511627776) has more elements than any memory");
  CHECK(told([](auto& f) { f.declare("c", Dtype::u8, {std::numeric_limits<Index>::max()}); }) ==
        "tensor \"c\": the file would have more bytes than any disk");
  CHECK(told([&](auto& f) { f.write("b", three); }) == "data for \"b\" while \"a\" still lacks 24 bytes");
  CHECK(told([&](auto& f) { f.write("c", three); }) == "data for \"c\" while \"a\" still lacks 24 bytes");
  CHECK(told([&](auto& f) { f.write("a", std::vector<double>(3)); }) == "\"a\" was declared as F32, its data is F64");
  CHECK(told([&](auto& f) { f.write("a", three), f.write("a", std::vector<float>(4)); }) == "16 bytes for \"a\", which lacks only 12");
  CHECK(told([&](auto& f) { f.write("a", three), f.write("b", three); }) == "data for \"b\" while \"a\" still lacks 12 bytes");
  CHECK(told([&](auto& f) { f.write("a", three), f.write("a", three), f.write("b", three), f.write("a", three); }) ==
        "data for \"a\" after that of the last tensor; is it declared, and in this place?");
  CHECK(told([&](auto& f) { f.write("a", three), f.declare("c", Dtype::u8, {1}); }) ==
        "tensor \"c\" is declared after the first data; declare all of them before");
  CHECK(told([](auto& f) { f.commit(); }) == "\"a\" still lacks 24 bytes");
  CHECK(told([&](auto& f) { f.write("a", three), f.write("a", three), f.commit(); }) == "\"b\" still lacks 12 bytes");
  CHECK(told([](auto& f) { f.write("a", std::vector<float>(6)), f.write("b", std::vector<float>(3)), f.commit(); }) == "(no error)");
  CHECK(message([&] {
          SafetensorsWriter file(folder / "y", {{"note", "\xff"}});
          file.commit();
        }) == "JSON: \"\xff\" is not UTF-8, which JSON is written in");
  CHECK_FALSE(file_exists(folder / "y"));
}

TEST_CASE("kill -9 while tensors are written leaves the old file") {
  TemporaryFolder const folder;
  auto const save = [&](float value, SaveHook hook) {
    SafetensorsWriter file(folder / "x", {}, hook);
    std::vector<float> const data(100'000, value);
    for (auto const* name : {"a", "b", "c"}) file.declare(name, Dtype::f32, {100, 1000});
    for (auto const* name : {"a", "b", "c"}) file.write(name, data);
    file.commit();
  };
  save(1, {});
  for (Index const at : {1, 300, 400'000, 800'000, 1'200'000}) {
    CHECK(afire_test::signal_of_child([&] { save(2, [at](SaveStage, Index bytes) { if (bytes >= at) raise(SIGKILL); }); }) == SIGKILL);
    CHECK(SafetensorsFile(folder / "x").read<float>("c").back() == 1);
  }
  save(3, {});
  CHECK(SafetensorsFile(folder / "x").read<float>("a").front() == 3);
}

TEST_CASE("a missing name and a value that does not fit are errors of the reader") {
  TemporaryFolder const folder;
  SafetensorsWriter writer(folder / "x");
  writer.declare("w", Dtype::f64, {3});
  writer.write("w", std::vector<double>{1, 2.5, 1e300});
  writer.commit();
  SafetensorsFile const file(folder / "x");
  CHECK(message([&] { file.at("v"); }) == folder / "x has no tensor \"v\" among its 1; its first is \"w\"");
  CHECK(message([&] { file.read<int>("w"); }) == folder / "x: element 1 of \"w\" (F64) is 2.5, which I32 cannot hold");
  CHECK(message([&] { file.read<float>("w"); }) == folder / "x: element 2 of \"w\" (F64) is 1e+300, which F32 cannot hold");
  float two_numbers[2];
  CHECK(message([&] { file.read("w", View<float, 1>(two_numbers, 2)); }) ==
        folder / "x: \"w\" has the shape (3), that is 3 elements; 2 are wanted");
}

TEST_CASE("what is no safetensors file") {
  TemporaryFolder const folder;
  CHECK(opened(folder, "") == "x: its 0 bytes are too few for a file of weights");
  CHECK(opened(folder, "1234567") == "x: its 7 bytes are too few for a file of weights");
  CHECK(opened(folder, std::string(8, '\0')) == "x: its header does not begin with '{', so it is no safetensors file");
  CHECK(opened(folder, "PK\3\4 a zip file is something else") ==
        "x: its header would have 8800140462016121680 bytes, but the file has 33; it is no safetensors file or was cut short");
  CHECK(opened(folder, std::string(8, '\xff') + "{}") ==
        "x: its header would have 18446744073709551615 bytes, but the file has 10; it is no safetensors file or was cut short");
  CHECK(opened(folder, bytes_of("[]", "")) == "x: its header does not begin with '{', so it is no safetensors file");
  CHECK(opened(folder, bytes_of(" {}", "")) == "x: its header does not begin with '{', so it is no safetensors file");
  CHECK(opened(folder, bytes_of("{}   ", "")) == "(no error)");
  CHECK(opened(folder, bytes_of("{} x", "")) == "x, header, line 1, column 4: expected the end of the text, found 'x'");
  CHECK(opened(folder, bytes_of("{\"a\":", "")) == "x, header, line 1, column 6: expected a value, found the end of the text");
  CHECK(opened(folder, bytes_of("{\"a\":[[[[[[[[[[", "")) == "x, header, line 1, column 14: nested deeper than 8 levels");
  CHECK(opened(folder, bytes_of(R"({"a":1,"a":1})", "")) == "x, header, line 1, column 8: the name \"a\" stands twice in this object");
}

TEST_CASE("a header longer than the limit is refused before it is read") {
  TemporaryFolder const folder;
  {
    std::uint64_t const length = 100'000'001;
    AtomicFile file(folder / "x");
    file.write(&length, 8);
    file.commit();
  }
  REQUIRE(::truncate((folder / "x").c_str(), 100'000'100) == 0);                    // sparse
  CHECK(message([&] { SafetensorsFile(folder / "x"); }) == folder / "x: a header of 100000001 bytes; at most 100000000 are read");
}

TEST_CASE("entries of a tensor that make no sense") {
  TemporaryFolder const folder;
  std::string const at = "x: tensor \"w\": ";
  CHECK(opened(folder, bytes_of(R"({"w":3})", "")) == at + "line 1: expected an object, found a whole number");
  CHECK(with_entry(folder, R"("shape":[8],"data_offsets":[0,8])") ==
        at + "line 1: there is no \"dtype\"; there is \"shape\", \"data_offsets\"");
  CHECK(with_entry(folder, R"("dtype":"U8","data_offsets":[0,8])") ==
        at + "line 1: there is no \"shape\"; there is \"dtype\", \"data_offsets\"");
  CHECK(with_entry(folder, R"("dtype":"U8","shape":[8])") == at + "line 1: there is no \"data_offsets\"; there is \"dtype\", \"shape\"");
  CHECK(with_entry(folder, R"("dtype":"U8","shape":[8],"data_offsets":[0,8],"x":1)") == at + "unknown entry \"x\"");
  CHECK(with_entry(folder, R"("dtype":"F8","shape":[8],"data_offsets":[0,8])") == at + "unknown dtype \"F8\"");
  CHECK(with_entry(folder, R"("dtype":8,"shape":[8],"data_offsets":[0,8])") == at + "line 1: expected a string, found a whole number");
  CHECK(with_entry(folder, R"("dtype":"U8","shape":8,"data_offsets":[0,8])") == at + "line 1: expected an array, found a whole number");
  CHECK(with_entry(folder, R"("dtype":"U8","shape":[8.0],"data_offsets":[0,8])") == at + "line 1: expected a whole number, found a number");
  CHECK(with_entry(folder, R"("dtype":"U8","shape":[-8],"data_offsets":[0,8])") == at + "its shape (-8) has a negative size");
  CHECK(with_entry(folder, R"("dtype":"U8","shape":[0,-8],"data_offsets":[0,0])") == at + "its shape (0, -8) has a negative size");
  CHECK(with_entry(folder, R"("dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,0])") ==
        at + "its shape (4294967296, 4294967296) has more elements than any memory");
  CHECK(with_entry(folder, R"("dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0])") ==
        at + "its shape (2305843009213693952) has more elements than any memory");
  CHECK(with_entry(folder, R"("dtype":"F32","shape":[3],"data_offsets":[0,8])") ==
        at + "its shape (3) of F32 needs 12 bytes, data_offsets give it 8");
  CHECK(with_entry(folder, R"("dtype":"F32","shape":[2],"data_offsets":[0])") ==
        at + "data_offsets has 1 entries in place of begin and end");
  CHECK(with_entry(folder, R"("dtype":"F32","shape":[2],"data_offsets":[8,0])") == at + "data_offsets [8, 0] are no range");
  CHECK(with_entry(folder, R"("dtype":"F32","shape":[2],"data_offsets":[-8,0])") == at + "data_offsets [-8, 0] are no range");
  CHECK(with_entry(folder, R"("dtype":"F32","shape":[2],"data_offsets":[0,99999999999999999999])") ==
        at + "line 1: expected a whole number, found a number");
  CHECK(with_entry(folder, R"("dtype":"F32","shape":[2],"data_offsets":[0,8])") == "(no error)");
}

TEST_CASE("data that the tensors do not cover exactly") {
  TemporaryFolder const folder;
  std::string const data(8, 'd');
  CHECK(opened(folder, bytes_of(two("[0,4]", "[4,8]"), data)) == "(no error)");
  CHECK(opened(folder, bytes_of(two("[4,8]", "[0,4]"), data)) == "(no error)");
  CHECK(opened(folder, bytes_of(two("[0,4]", "[4,8]"), "ddddddd")) ==
        "x: tensor \"b\" ends at byte 8 of the data, which has 7; the file was cut short");
  CHECK(opened(folder, bytes_of(two("[0,4]", "[9223372036854775803,9223372036854775807]"), data)) ==
        "x: tensor \"b\" ends at byte 9223372036854775807 of the data, which has 8; the file was cut short");
  CHECK(opened(folder, bytes_of(two("[0,4]", "[3,7]"), data)) == "x: tensor \"b\" overlaps tensor \"a\"");
  CHECK(opened(folder, bytes_of(two("[0,4]", "[0,4]"), data)) == "x: tensor \"b\" overlaps tensor \"a\"");
  CHECK(opened(folder, bytes_of(two("[0,4]", "[5,9]"), data + "d")) ==
        "x: 1 bytes between tensor \"a\" and tensor \"b\" belong to nothing");
  CHECK(opened(folder, bytes_of(two("[1,5]", "[5,9]"), data + "d")) == "x: 1 bytes between the header and tensor \"a\" belong to nothing");
  CHECK(opened(folder, bytes_of(two("[0,4]", "[4,8]"), data + "dd")) == "x: 2 bytes after tensor \"b\" belong to nothing");
  CHECK(opened(folder, bytes_of("{}", data)) == "x: 8 bytes after the header belong to nothing");
}

TEST_CASE("metadata holds strings") {
  TemporaryFolder const folder;
  CHECK(opened(folder, bytes_of(R"({"__metadata__":{"epoch":7}})", "")) ==
        "x: \"__metadata__\": line 1: expected a string, found a whole number");
  CHECK(opened(folder, bytes_of(R"({"__metadata__":[]})", "")) == "x: \"__metadata__\": line 1: expected an object, found an array");
}

TEST_CASE("no bytes crash the reader, and what it opens can be read to the last byte") {
  TemporaryFolder const folder;
  std::string const header = two("[0,4]", "[4,8]"), good = bytes_of(header, "dddddddd");
  Draws draws(Random(3, Purpose::test));
  int refused = 0, read = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string bad = good;
    for (std::uint32_t n = 1 + draws.below(2); n > 0; --n) {
      auto const at = draws.below(3) == 0 ? draws.below(8) : draws.below(static_cast<std::uint32_t>(bad.size()));
      bad[at] = draws.below(2) == 0 ? static_cast<char>(draws.below(256)) : "0123456789{}[],:\""[draws.below(17)];
    }
    if (draws.below(5) == 0) bad.resize(draws.below(static_cast<std::uint32_t>(bad.size())));
    write_all(open_file("write", folder / "x", O_WRONLY | O_CREAT | O_TRUNC), bad.data(), bad.size());      // quicker than replace_file
    try {
      SafetensorsFile const file(folder / "x");
      for (auto const& name : file.names()) file.read<double>(name);
      ++read;
    } catch (error const&) { ++refused; }
  }
  CHECK(read + refused == 3000);
  CHECK(read > 50);
  CHECK(refused > 1000);
}
