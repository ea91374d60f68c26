#include <afire/io/safetensors_writer.hpp>
#include <examples/cli/features.hpp>

namespace afire::cli {
namespace {

void write_features(AnyFilms const& films, Settings const& s, Encoder const& encode, Metadata about, bool with_tokens,
                    std::string const& path) {
  Index const N = films.size(), L = (s.image / s.patch) * (s.image / s.patch), C = s.width;
  Json names{Json::Array{}};
  for (Index i = 0; i < N; ++i) names.push_back(films.name(i));
  about["films"] = write_json(names);
  SafetensorsWriter file(path, std::move(about));
  if (with_tokens) file.declare("patch_tokens", Dtype::f32, {N, L, C});
  file.declare("mean_token", Dtype::f32, {N, C});
  file.declare("class_token", Dtype::f32, {N, C});
  Tensor<float, 2> mean(N, C), first(N, C);
  each_tokens(films, s, encode, [&](Index row, View<const float, 2> tokens) {
    auto const patches = patches_of(tokens, s);
    if (with_tokens) file.write("patch_tokens", patches.flat());
    mean_of_rows(patches, mean.view().row(row));
    std::copy_n(tokens.data, C, &first(row, 0));
  });
  file.write("mean_token", mean.view().flat());
  file.write("class_token", first.view().flat());
  file.commit();
}

}  // namespace

int embed(Request const& r) {
  std::string why;
  FromCheckpoint from = from_checkpoint(r, why);
  Settings& s = from.settings;
  FilmSet const films = open_films(s);
  s.batch = std::min(s.batch, films.source.size());
  say(films.source.size(), " films; ", why);
  write_features(films.source, s, stored_encoder(from, r.input, r.student),
                 {{"checkpoint", r.input}, {"encoder", r.student ? "student" : "teacher"}}, r.tokens, r.out);
  for (auto const& film : films.broken()) say("left out: ", film, "; its row shows the film that stands in for it");
  std::printf("%s\n", r.out.c_str());
  return 0;
}

}  // namespace afire::cli
