#include <afire/core/tensor.hpp>
#include <afire/io/safetensors_writer.hpp>
#include <examples/cli/commands.hpp>
#include <examples/cli/films.hpp>

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
  Tensor<unsigned char, 3> batch(s.batch, s.image, s.image);
  Tensor<float, 3> tokens(s.batch, 1 + L, C);
  std::vector<float> mean, first;
  for (Index at = 0; at < N; at += s.batch) {
    Index const count = std::min(s.batch, N - at);
    for (Index b = 0; b < count; ++b) films.load(at + b, batch.view().row(b));
    encode(batch, tokens);
    for (Index b = 0; b < count; ++b) {
      auto const patches = tokens.view().row(b).slice(1, L);
      if (with_tokens) file.write("patch_tokens", patches.flat());
      auto const class_token = tokens.view().row(b).row(0);
      first.insert(first.end(), class_token.begin(), class_token.end());
      for (Index c = 0; c < C; ++c) {
        double sum = 0;
        for (Index j = 0; j < L; ++j) sum += static_cast<double>(patches(j, c));
        mean.push_back(static_cast<float>(sum / static_cast<double>(L)));
      }
    }
  }
  file.write("mean_token", mean);
  file.write("class_token", first);
  file.commit();
}

}  // namespace

int embed(Request const& r) {
  std::string config;
  {
    SafetensorsFile const file(r.input);
    auto const found = file.metadata().find("config");
    expects(found != file.metadata().end(), r.input,
            ": it says no sizes of a model (metadata \"config\"), so it is no checkpoint of afire pretrain");
    config = found->second;
  }
  Json const said = parse_json(config, r.input);
  Settings s = resolve(r.flags, &said, r.input);
  bool backend = false, dtype = false;                     // those of this call, not of the training
  for (auto const& [flag, word] : r.flags) backend = backend || flag == "backend", dtype = dtype || flag == "dtype";
  if (!backend) s.backend.clear();
  if (!dtype) s.dtype.clear();
  std::string why;
  Composition const& composition = chosen_composition(s, &why);
  FilmSet const films = open_films(s);
  Index const N = films.source.size();
  s.batch = std::min(s.batch, N);
  say(N, " films; ", why);
  SafetensorsFile const file(r.input);
  std::string const prefix = r.student ? "student.encoder." : "teacher.encoder.";
  Encoder const encode = composition.encoder(s, [&](std::string const& name, View<float, 1> to) { file.read(prefix + name, to); });
  write_features(films.source, s, encode, {{"checkpoint", r.input}, {"encoder", r.student ? "student" : "teacher"}}, r.tokens, r.out);
  for (auto const& film : films.broken()) say("left out: ", film, "; its row shows the film that stands in for it");
  std::printf("%s\n", r.out.c_str());
  return 0;
}

}  // namespace afire::cli
