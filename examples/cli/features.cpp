#include <examples/cli/features.hpp>

#include <afire/io/safetensors.hpp>

namespace afire::cli {

void mean_of_rows(View<const float, 2> rows, View<float, 1> mean) {
  for (Index c = 0; c < rows.cols(); ++c) {
    double sum = 0;
    for (Index j = 0; j < rows.rows(); ++j) sum += static_cast<double>(rows(j, c));
    mean(c) = static_cast<float>(sum / static_cast<double>(rows.rows()));
  }
}

View<const float, 2> patches_of(View<const float, 2> tokens, Settings const& s) {
  Index const front = 1 + s.registers;
  return tokens.slice(front, tokens.rows() - front);
}

FromCheckpoint from_checkpoint(Request const& r, std::string& why) {
  std::string config;
  {
    SafetensorsFile const file(r.input);
    auto const found = file.metadata().find("config");
    expects(found != file.metadata().end(), r.input,
            ": it says no sizes of a model (metadata \"config\"), so it is no checkpoint of afire pretrain");
    config = found->second;
  }
  Json const said = parse_json(config, r.input);
  FromCheckpoint from{resolve(r.flags, &said, r.input), nullptr};
  Settings& s = from.settings;
  bool backend = false, dtype = false;                     // those of this call, not of the training
  for (auto const& [flag, word] : r.flags) backend = backend || flag == "backend", dtype = dtype || flag == "dtype";
  if (!backend) s.backend.clear();
  if (!dtype) s.dtype.clear();
  from.composition = &chosen_composition(s, &why);
  return from;
}

Encoder stored_encoder(FromCheckpoint const& from, std::string const& path, bool student) {
  SafetensorsFile const file(path);
  std::string const prefix = student ? "student.encoder." : "teacher.encoder.";
  return from.composition->encoder(from.settings, [&](std::string const& name, View<float, 1> to) { file.read(prefix + name, to); });
}

void each_tokens(AnyFilms const& films, Settings const& s, Encoder const& encode,
                 std::function<void(Index, View<const float, 2>)> const& f) {
  Index const N = films.size(), L = (s.image / s.patch) * (s.image / s.patch);
  Tensor<unsigned char, 3> batch(s.batch, s.image, s.image);
  Tensor<float, 3> tokens(s.batch, 1 + s.registers + L, s.width);
  for (Index at = 0; at < N; at += s.batch) {
    Index const count = std::min(s.batch, N - at);
    for (Index b = 0; b < count; ++b) films.load(at + b, batch.view().row(b));
    encode(batch, tokens);
    for (Index b = 0; b < count; ++b) f(at + b, tokens.view().row(b));
  }
}

Tensor<float, 2> pooled_tokens(AnyFilms const& films, Settings const& s, Encoder const& encode) {
  Tensor<float, 2> pooled(films.size(), s.width);
  each_tokens(films, s, encode, [&](Index row, View<const float, 2> tokens) {
    mean_of_rows(s.pool == "token" ? tokens.slice(0, 1) : patches_of(tokens, s), pooled.view().row(row));
  });
  return pooled;
}

Tensor<float, 2> patch_means(AnyFilms const& films, Settings const& s) {
  Index const grid = s.image / s.patch;
  Tensor<float, 2> mean(films.size(), grid * grid);
  Tensor<unsigned char, 2> film(s.image, s.image);
  for (Index row = 0; row < films.size(); ++row) {
    films.load(row, film);
    for (Index j = 0; j < grid * grid; ++j) {
      Index sum = 0;
      for (Index i = 0; i < s.patch * s.patch; ++i) sum += film(j / grid * s.patch + i / s.patch, j % grid * s.patch + i % s.patch);
      mean(row, j) = static_cast<float>(sum) / static_cast<float>(s.patch * s.patch);
    }
  }
  return mean;
}

}  // namespace afire::cli
