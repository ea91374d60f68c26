// afire phantom: films that nobody had to be irradiated for, with the truth about each, as files.
#include <afire/data/phantom.hpp>
#include <examples/cli/commands.hpp>

namespace afire::cli {
namespace {

Film film_of(View<const std::uint8_t, 2> x) {
  Film f(x.rows(), x.cols());
  std::copy(x.begin(), x.end(), f.pixels.begin());
  return f;
}

}  // namespace

int phantom(Request const& r) {
  Settings const s = resolve(r.flags);
  demands(s.image >= 32, "afire phantom: --image is ", s.image, "; at least 32 is needed");
  PhantomFilms const films{.count = r.count, .seed = static_cast<std::uint64_t>(s.seed), .abnormal = static_cast<float>(r.abnormal)};
  expects(!file_exists(r.out + "/manifest.csv"), r.out, "/manifest.csv exists; choose another --out");
  for (char const* folder : {"films", "regions", "ribs", "masks"}) ensure_folder(r.out + "/" + folder);
  std::string manifest = "file,patient_id,split,labels,normal,regions,ribs,masks\n";
  for (Index row = 0; row < films.size(); ++row) {
    Phantom const p = films.phantom(row, s.image);
    char number[24];
    std::snprintf(number, sizeof number, "%06ld.png", static_cast<long>(row));
    auto const write = [&](std::string const& name, View<const std::uint8_t, 2> picture) {
      replace_file(r.out + "/" + name, png_bytes(film_of(picture)));
    };
    write(text("films/", number), p.film);
    write(text("regions/", number), p.regions);
    write(text("ribs/", number), p.ribs);
    std::string labels, masks;
    for (int f = 0; f < findings; ++f) {
      if (!p.labels.present[f]) continue;
      std::string const name = text("masks/", finding_names[f], "-", number);
      write(name, p.masks.view().row(f));
      labels += (labels.empty() ? "" : "|") + std::string(finding_names[f]);
      masks += (masks.empty() ? "" : "|") + name;
    }
    bool const normal = labels.empty();
    Index const tenth = row % 10;
    append(manifest, text("films/", number, ",phantom-", s.seed, "-", row, ",", tenth == 8 ? "val" : tenth == 9 ? "test" : "train", ",",
                          normal ? "No Finding" : labels, ",", normal ? 1 : 0, ",regions/", number, ",ribs/", number, ",", masks, "\n"));
  }
  Json names{Json::Array{}};
  for (auto const* name : afire::phantom::region_names) names.push_back(name);
  replace_file(r.out + "/regions.json", write_json(json_object({{"value_is_position_in", names}}), {.pretty = true}));
  replace_file(r.out + "/manifest.csv", manifest);                        // the last one: where it is, all is
  std::printf("%s/manifest.csv\n", r.out.c_str());
  return 0;
}

}  // namespace afire::cli
