// Writes the files that fuzzing starts from: one of each kind that the readers know.      seeds TARGET FOLDER
#include <array>
#include <filesystem>

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

void safetensors(Folder& to) {
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
  for (auto const& value : values) {
    to.put("\x80\x02" + value + ".");
    to.put(pth(value, {{"0", data}}));
  }
  to.put(pth(values[1], {{"0", data}}, true));
  auto const old = tuple({word("storage"), global("torch", "FloatStorage"), word("0"), word("cpu"), whole(24), "N"}) + "Q";
  auto const rebuilt = global("torch._utils", "_rebuild_tensor") + tuple({old, whole(0), sizes({24}), sizes({1})}) + "R";
  to.put(legacy_pth(dict({{"w", rebuilt}}), {{"0", data}}, {24}));
  to.put(zip_of({{"x/data.pkl", "\x80\x02}.", 8}}));
}

void films([[maybe_unused]] Folder& to, [[maybe_unused]] std::string const& target) {
#ifdef AFIRE_HAVE_PNG
  if (target == "png")
    for (int const interlace : {PNG_INTERLACE_NONE, PNG_INTERLACE_ADAM7})
      for (auto const& [colour, channels, depth] :
           {std::array{PNG_COLOR_TYPE_GRAY, 1, 1}, {PNG_COLOR_TYPE_GRAY, 1, 8}, {PNG_COLOR_TYPE_GRAY, 1, 16}, {PNG_COLOR_TYPE_GA, 2, 8},
            {PNG_COLOR_TYPE_RGB, 3, 8}, {PNG_COLOR_TYPE_RGB, 3, 16}, {PNG_COLOR_TYPE_RGBA, 4, 8}, {PNG_COLOR_TYPE_PALETTE, 1, 4}})
        to.put(png_files::written({colour, channels, depth, interlace}, 3, 5, interlace == PNG_INTERLACE_NONE));
#endif
#ifdef AFIRE_HAVE_JPEG
  if (target == "jpeg")
    for (auto const& kind : {jpeg_files::Kind{}, jpeg_files::Kind{JCS_GRAYSCALE, 1, true}, jpeg_files::Kind{JCS_RGB, 3},
                             jpeg_files::Kind{JCS_RGB, 3, false, true}})
      to.put(jpeg_files::written(kind, 9, 11));
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
  } else if (target == "config") {
    to.put(write_json(cli::settings_json({}), {.pretty = true}));
    to.put(R"({"model": "small", "batch": 7, "lr": 5e-4, "faithful": true, "films": "caf\u00e9 \ud83e\ude7b.csv"})");
    to.put(R"([null, true, -0, 1.5e300, "", {}, [[]]])");
  } else {
    films(to, target);
  }
  return 0;
}
