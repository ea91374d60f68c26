// afire demo: a training of some minutes on procedural films, judged on films that it has not seen.
#include <algorithm>
#include <examples/cli/commands.hpp>

namespace afire::cli {

int demo(Request const& r) {
  Settings s;
  s.phantom = 512, s.validation_phantom = 96, s.monitor_films = 96;
  s.image = 128, s.patch = 16, s.width = 128, s.depth = 4, s.heads = 4, s.channels = 1;
  s.decoder_width = 128, s.decoder_depth = 2, s.decoder_heads = 4;
  s.head_hidden = 256, s.head_out = 64, s.prototypes = 64;
  // Many small steps: in minutes their number counts for more than the films in each.
  s.batch = 8, s.lr = 2e-3, s.scale_lr = false, s.warmup_epochs = 1, s.ema = 0.99;
  s.out = r.out;
  for (auto const& [name, word] : r.flags) {
    Settings const given = resolve({{name, word}});
    if (name == "backend") s.backend = given.backend;
    if (name == "dtype") s.dtype = given.dtype;
    if (name == "threads") s.threads = given.threads;
    if (name == "seed") s.seed = given.seed;
  }
  expects(!file_exists(s.out + "/log.csv"), s.out, "/log.csv exists; choose another --out or remove that folder");

  // A few steps tell how many epochs fit into the time.
  Settings few = s;
  few.phantom = 4 * few.batch;
  double const epoch_seconds = static_cast<double>(s.phantom) / films_per_second(few, 4);
  s.epochs = std::max<Index>(1, static_cast<Index>(60 * r.minutes / epoch_seconds));
  say("training for ", s.epochs, " epochs of ", s.phantom, " films, about ", r.minutes, " minutes");

  Outcome const o = train(s);
  if (o.signal != 0) return 128 + o.signal;
  bool const better = o.inside.restored < o.inside.copied && o.inside.restored < o.inside.mean_film;
  if (r.json) {
    Json const figures = json_object({{"inside_restored", o.inside.restored}, {"inside_copied", o.inside.copied},
                                      {"inside_mean_film", o.inside.mean_film}, {"whole_restored", o.whole.restored},
                                      {"whole_mean_film", o.whole.mean_film}, {"better", better}, {"epochs", s.epochs},
                                      {"seconds", o.seconds}, {"films_per_second", o.films_per_second}});
    std::printf("%s", write_json(figures, {.pretty = true}).c_str());
  } else {
    for (auto const& line : o.summary) std::printf("%s\n", line.c_str());
    std::printf("%s\n", better ? "Lesions are restored better than by leaving them and better than by the mean film."
                               : "Lesions are NOT restored better than by both baselines; a longer training may do it: --minutes.");
    std::printf("%s/report.html\n", s.out.c_str());
  }
  return better ? 0 : exit_of(ExitCode::not_better);
}

}  // namespace afire::cli
