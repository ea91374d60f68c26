#include <signal.h>

#include <afire/dist/launched.hpp>
#include <examples/cli/commands.hpp>

namespace afire::cli {

Settings settings_of(Request const& r, Settings const& defaults) {
  Settings const flags = resolve(r.flags, nullptr, {}, defaults);
  std::string config = r.config;
  // A run that goes on without being told with what goes on as it was.
  if (config.empty() && flags.resume == "auto" && flags.films.empty() && flags.phantom == 0 && file_exists(flags.out + "/config.json"))
    config = flags.out + "/config.json";
  if (config.empty()) return flags;
  Json const read = parse_json(read_file(config), config);
  Settings s = resolve(r.flags, &read, config, defaults);
  for (auto const* name : {"out", "resume"}) {             // where to write and whether to go on is said by this command, not by that file
    bool given = false;
    for (auto const& [flag, word] : r.flags) given = given || flag == name;
    if (!given) (std::string_view(name) == "out" ? s.out : s.resume) = std::string_view(name) == "out" ? flags.out : flags.resume;
  }
  return s;
}

namespace {

Json result_json(Settings const& s, Outcome const& o) {
  auto const errors = [](Judged const& e) {
    return json_object({{"restored", e.restored}, {"copied", e.copied}, {"mean_film", e.mean_film}});
  };
  return json_object({{"run", s.out}, {"step", o.step}, {"steps", o.total}, {"finished", o.finished}, {"checkpoint", o.checkpoint},
                      {"seconds", o.seconds}, {"films_per_second", o.films_per_second},
                      {"waiting_share", o.seconds > 0 ? o.waiting / o.seconds : 0}, {"inside_lesions", errors(o.inside)},
                      {"whole_film", errors(o.whole)}});
}

// Options that this training would not look at are refused, so that none is taken in vain.
void refuse_in_vain(Given const& flags, Settings const& s) {
  struct Rule {
    std::initializer_list<std::string_view> names;
    bool read;
    char const* with;
  };
  Rule const rules[] = {
      {{"beta1", "beta2", "eps"}, s.optimizer == "adamw", "--optimizer adamw"},
      {{"momentum"}, s.optimizer != "adamw", "--optimizer sgd or lars"},
      {{"eta"}, s.optimizer == "lars", "--optimizer lars"},
      {{"clip-norm"}, s.clip != "none", "--clip tensor or global"},
      {{"where", "disk-cache"}, !s.films.empty(), "--films"},
      {{"range", "skip-broken"}, !s.films.empty() || !s.validation.empty(), "--films or --validation"},
      {{"validation-where", "allow-shared"}, !s.validation.empty(), "--validation"},
      {{"init-allow", "init-part", "init-from"}, !s.init.empty(), "--init"},
      {{"lesion-dark"}, s.lesion_texture == "varied", "--lesion-texture varied"},
      {{"device"}, s.backend == "cuda", "--backend cuda"},
  };
  for (auto const& [flag, word] : flags)
    for (auto const& rule : rules)
      for (auto const name : rule.names)
        demands(rule.read || name != flag || word == "false", "--", name, " is read with ", rule.with, " only; leave it out");
  demands(s.lesions != "device" || s.backend == "cuda",
          "--lesions device is for --backend cuda, whose device draws them; on the CPU give --lesions loader: the films are the same");
}

}  // namespace

int pretrain(Request const& r) { return pretrain(r, settings_of(r, {}), nullptr); }

int pretrain(Request const& r, Settings const& s, Composition const* composition) {
  refuse_in_vain(r.flags, s);
  Rank const rank = usage_of([] { return launched().rank; });
  for (auto const& [flag, word] : r.flags)
    demands(rank.count == 1 || flag != "device", "--device: each of the ", rank.count, " ranks takes the GPU of its number; leave it out");
  demands(rank.count == 1 || !r.dry_run, "--dry-run is for one process; plan for the share of one rank, --batch ", s.batch / rank.count);
  if (r.dry_run) {
    Json const plan = composition ? dry_run(s, *composition) : dry_run(s);
    if (r.json) std::printf("%s", write_json(plan, {.pretty = true}).c_str());
    else print_plan(plan);
    return 0;
  }
  Outcome const o = train(s, r.crash_at_byte, composition);
  if (!rank.first()) return o.signal != 0 ? 128 + o.signal : 0;        // the first rank tells
  if (r.json) std::printf("%s", write_json(result_json(s, o), {.pretty = true}).c_str());
  if (o.signal != 0) {
    say("stopped by ", o.signal == SIGINT ? "Ctrl-C" : "SIGTERM", " after step ", o.step, " of ", o.total, "; ",
        o.checkpoint.empty() ? "no step was made" : o.checkpoint + " is saved", "; the same command with --resume auto goes on");
    return 128 + o.signal;
  }
  say(o.finished ? "finished" : "stopped as --steps says", " after step ", o.step, " of ", o.total, ", ", o.films_per_second, " films/s, ",
      o.seconds > 0 ? 100 * o.waiting / o.seconds : 0, " % of the time waiting for films");
  for (auto const& line : o.summary) say(line);
  say(s.out, "/report.html");
  return 0;
}

}  // namespace afire::cli
