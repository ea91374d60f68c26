// The one file that sees CLI11. Settings are bound to words: their types, bounds and defaults are in settings.hpp.
#include <examples/cli/options.hpp>

#include <CLI/CLI.hpp>
#include <deque>

namespace afire::cli {
namespace {

constexpr char const* group_titles[] = {"Films", "Model", "Training", "Method (faithful to the released code, or corrected)", "Run"};

constexpr char const* exit_codes =
    "Exit codes:\n"
    "  0 done    1 failed (the sentence says why)    2 wrong usage    3 stopped by a loss or gradient that is no number\n"
    "  4 demo: lesions were not restored better than by the baselines    5 verify: a number is further away than it may be\n"
    "  130 stopped by Ctrl-C, state saved (143: SIGTERM)\n";

constexpr char const* pretrain_examples =
    "Examples:\n"
    "  afire pretrain --phantom 500 --epochs 20 --out run            procedural films, nothing else needed\n"
    "  afire pretrain --films manifest.csv --where normal=1,split=train --validation manifest.csv --validation-where split=val\n"
    "  afire pretrain --films my/films --model small --batch 64 --dry-run        parameters, memory, time; nothing is trained\n"
    "  afire pretrain --out run --resume auto                        goes on where run stopped, with the same bits\n"
    "  afire pretrain --config run/config.json --lr 1e-3 --out run2  the same with another learning rate\n"
    "\n"
    "The folder of a run holds config.json, build.json, data.json, log.jsonl, log.csv, step-*.safetensors, best.safetensors, "
    "report.html.\n";

// Options that hold settings; which of them were given is asked afterwards.
class Bound {
 public:
  void add(CLI::App& app, Field const& field, std::string const& default_value) {
    auto& word = words_.emplace_back(Word{field.name, {}, nullptr, nullptr});
    std::string const name = std::string("--") + field.name;
    word.option = app.add_option(name, word.value, field.help)->type_name(field.kind);
    word.option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);      // so that a script can append what differs
    if (!default_value.empty()) word.option->default_str(default_value);
    word.option->group(group_titles[static_cast<int>(field.group)]);
  }
  // --name and --no-name; help shows the one that changes something.
  void add_flag(CLI::App& app, Field const& field, bool default_value) {
    auto& word = words_.emplace_back(Word{field.name, {}, nullptr, nullptr});
    std::string const on = field.help, off = "do not: " + on;
    char const* const title = group_titles[static_cast<int>(field.group)];
    word.option = app.add_flag(std::string("--") + field.name, on)->group(default_value ? "" : title);
    word.off = app.add_flag(std::string("--no-") + field.name, off)->group(default_value ? title : "");
  }
  Given given() const {
    Given all;
    for (auto const& word : words_) {
      demands(!word.off || word.off->count() == 0 || word.option->count() == 0, "afire: both --", word.name, " and --no-", word.name,
              " are given");
      if (word.option->count() > 0) all.push_back({word.name, word.off ? "true" : word.value});
      if (word.off && word.off->count() > 0) all.push_back({word.name, "false"});
    }
    return all;
  }

 private:
  struct Word {
    std::string name, value;
    CLI::Option *option, *off;             // off: --no-name, of a flag
  };
  std::deque<Word> words_;
};

std::string words(Index n) { return std::to_string(n); }
std::string words(double x) {
  std::string s;
  append_shortest(s, x);
  return s;
}
std::string words(std::string const& s) { return s; }

template <class Wanted>
void add_settings(CLI::App& app, Bound& bound, Wanted wanted, Settings const& defaults = {}) {
  for_each_setting(defaults, [&](Field const& field, auto const& value) {
    if (!wanted(field)) return;
    if constexpr (std::is_same_v<decltype(value), bool const&>) bound.add_flag(app, field, value);
    else bound.add(app, field, words(value));
  });
}

bool among(Field const& field, std::initializer_list<std::string_view> names) {
  for (auto const name : names)
    if (name == field.name) return true;
  return false;
}

// Whether a word is among those that can be meant; what was most likely meant where it is not.
void one_of(char const* option, std::string const& word, std::vector<std::string> const& names) {
  if (std::find(names.begin(), names.end(), word) != names.end()) return;
  std::string all;
  for (auto const& name : names) all += (all.empty() ? "" : ", ") + name;
  std::string const close = word.empty() ? "" : nearest(word, names);
  throw Failure(ExitCode::usage, text(option, " is ", word.empty() ? "missing" : afire::quoted(word),
                                      close.empty() ? "" : "; did you mean " + close + "?", " (one of ", all, ")"));
}

void add_training(CLI::App& app, Request& r) {
  app.add_option("--config", r.config, "read settings from a file that a run has written; flags win")->type_name("FILE")->group("Run");
  app.add_flag("--dry-run", r.dry_run, "print parameters, memory, operations and the time to expect, and train nothing")->group("Run");
  app.add_flag("--json", r.json, "print the result as JSON on standard output")->group("Run");
  app.add_option("--crash-at-byte", r.crash_at_byte)->group("");
}

// What was most likely meant by the first word that nobody takes.
[[noreturn]] void unknown(CLI::App const& app, std::string const& word) {
  std::vector<std::string> names;
  bool const option = word.starts_with("-");
  std::string const bare = word.substr(0, word.find('='));
  if (option)
    for (auto const* o : app.get_options())
      for (auto const& name : o->get_lnames()) names.push_back("--" + name);
  else
    for (auto const* s : app.get_subcommands({})) names.push_back(s->get_name());
  std::string const close = nearest(bare, names), page = app.get_parent() ? "afire " + app.get_name() : app.get_name();
  throw Failure(ExitCode::usage,
                text(page, ": there is no ",
                     option                              ? "option "
                     : app.get_parent() || names.empty() ? "place for "
                                                         : "command ",
                     afire::quoted(bare), close.empty() ? "" : "; did you mean " + close + "?", " (", page, " --help lists all)"));
}

}  // namespace

Request read_command_line(int argc, char** argv) {
  Request r;
  CLI::App app("afire -- self-supervised pre-training on radiographs: AFiRe, on the CPU or a GPU", "afire");
  app.set_version_flag("--version", "afire " AFIRE_VERSION);
  app.set_help_flag("-h,--help", "this page; afire COMMAND --help explains a command");
  app.require_subcommand(0, 1);
  app.footer(
      std::string(
          "Examples:\n  afire demo                                  train on procedural films for some minutes and look at the report\n"
          "  afire pretrain --films my/films --out run   pre-train on your own films\n\n") +
      exit_codes);
  app.get_formatter()->column_width(34);
  Bound settings;

  auto* pretrain = app.add_subcommand("pretrain", "pre-train a vision transformer on films, without labels");
  add_settings(*pretrain, settings, [](Field const&) { return true; });
  add_training(*pretrain, r);
  pretrain->footer(std::string(pretrain_examples) + "\n" + exit_codes);

  auto* phantom = app.add_subcommand("phantom", "write procedural chest films with their region labels and findings");
  phantom->add_option("--out", r.out, "folder: films/, regions/, ribs/, masks/, manifest.csv")->type_name("DIR")->default_str("phantoms");
  phantom->add_option("--count", r.count, "films")->type_name("N")->default_str("100");
  phantom->add_option("--abnormal", r.abnormal, "share of films with one or two findings, each with its mask")
      ->type_name("X")
      ->default_str("0.5");
  Bound phantom_settings;
  add_settings(*phantom, phantom_settings, [](Field const& f) { return among(f, {"image", "seed"}); });
  phantom->footer("Example:\n  afire phantom --count 200 --image 256 --out phantoms && afire pretrain --films phantoms/manifest.csv "
                  "--where normal=1\n");

  auto* lesions = app.add_subcommand("lesions", "draw synthetic lesions into films: a contact sheet to look at");
  lesions->add_option("--out", r.out, "PNG file")->type_name("FILE")->default_str("lesions.png");
  lesions->add_option("--rows", r.film_rows, "films")->type_name("N")->default_str("4");
  lesions->add_option("--columns", r.columns, "draws of each film")->type_name("N")->default_str("3");
  Bound lesion_settings;
  add_settings(*lesions, lesion_settings, [](Field const& f) {
    std::string_view const name = f.name;
    return f.group == Group::films ? name.find("validation") == name.npos && name != "allow-shared"
                                   : among(f, {"image", "patch", "seed", "faithful", "clean-share"}) || name.starts_with("lesion");
  });
  lesions->footer("Example:\n  afire lesions --phantom 4 --faithful --out released.png\n");

  auto* embed = app.add_subcommand("embed", "tokens and image features of films, from a checkpoint, as safetensors");
  embed->add_option("checkpoint", r.input, "a checkpoint of afire pretrain")->type_name("CHECKPOINT");
  embed->add_option("--out", r.out, "file")->type_name("FILE")->default_str("features.safetensors");
  embed->add_flag("--student", r.student, "the student's encoder instead of the teacher's");
  embed->add_flag("!--no-tokens", r.tokens, "leave out the patch tokens: image features only");
  Bound embed_settings;
  add_settings(*embed, embed_settings, [](Field const& f) {
    std::string_view const name = f.name;
    return f.group == Group::films ? name.find("validation") == name.npos && name != "allow-shared"
                                   : among(f, {"batch", "backend", "dtype", "device", "threads", "loader-threads"});
  });
  embed->footer("The file holds patch_tokens (N, L, C), mean_token (N, C): the mean of the patch tokens, and class_token (N, C).\n"
                "Its metadata names the films in order.\n\nExample:\n"
                "  afire embed run/best.safetensors --films manifest.csv --where split=test --out test.safetensors\n");

  auto* evaluate = app.add_subcommand("evaluate",
                                      "how much of a label lies in the features: linear probe and nearest neighbours on other patients");
  evaluate->add_option("checkpoint", r.input, "a checkpoint of afire pretrain")->type_name("CHECKPOINT");
  evaluate->add_option("--positive", r.positive, "what makes a film positive; where a cell asked for is empty the label is unknown")
      ->type_name("K=V,...");
  evaluate->add_option("--train-where", r.train_where, "films that the probe learns from")->type_name("K=V,...");
  evaluate->add_option("--test-where", r.test_where, "films that it is judged on, of other patients")->type_name("K=V,...");
  evaluate->add_option("--by", r.by, "judge also for each value of this column apart, e.g. view")->type_name("COLUMN");
  evaluate->add_option("--shares", r.shares, "shares of the training patients whose labels may be used")
      ->type_name("X,...")
      ->delimiter(',')
      ->default_str("1");
  evaluate->add_option("--seeds", r.seeds, "times that patients are drawn and put into folds")->type_name("N")->default_str("3");
  evaluate->add_option("--neighbours", r.neighbours, "that vote")->type_name("N")->default_str("20");
  evaluate->add_option("--draws", r.draws, "of patients, for the 95 % intervals")->type_name("N")->default_str("2000");
  evaluate->add_option("--restore-where", r.restore_where,
                       "films into which synthetic lesions are drawn, to be restored; default: those to judge on")
      ->type_name("K=V,...");
  evaluate->add_flag("--student", r.student, "the student's encoder instead of the teacher's");
  evaluate->add_option("--out", r.out, "write the figures as JSON here too")->type_name("FILE");
  evaluate->add_flag("--json", r.json, "print the figures as JSON on standard output");
  Bound evaluate_settings;
  add_settings(*evaluate, evaluate_settings, [](Field const& f) {
    return among(f,
                 {"films", "allow-shared", "skip-broken", "range", "cache-mib", "batch", "backend", "dtype", "device", "threads",
                  "pool"});
  });
  evaluate->footer(
      "Features are the mean of the patch tokens of the trained encoder (--pool token: its class token), the same of the encoder before\n"
      "training, and the mean grey of each patch. --pool auto: as the training was told, the mean where it was told nothing.\n"
      "AUROC with 95 % intervals by drawing patients; differences are taken on the same draws.\n\nExample:\n"
      "  afire evaluate run/best.safetensors --films manifest.csv --train-where split=train --test-where split=test --positive normal=0 "
      "--by view --shares 1,0.1,0.01\n");

  auto* inspect = app.add_subcommand("inspect", "what is in a .safetensors or .pth file: names, shapes, types, totals, metadata");
  inspect->add_option("file", r.input, "a .safetensors or .pth file; nothing in it is executed")->type_name("FILE");
  inspect->add_option("--match", r.match, "only names that fit, e.g. 'teacher.encoder.blocks.0.*'")->type_name("PATTERN");
  inspect->add_flag("--values", r.values, "also least, mean, largest value and norm of each tensor");
  inspect->add_flag("--json", r.json, "as JSON");

  auto* convert = app.add_subcommand("convert", "give the weights of a file the names that timm, afire or the released AFiRe have");
  convert->add_option("in", r.input, "a .safetensors or .pth file with a vision transformer")->type_name("IN");
  convert->add_option("out", r.out, "the safetensors file to write")->type_name("OUT");
  convert->add_option("--to", r.to, "timm: the encoder alone; afire: for --init; released: as the published code names them")
      ->type_name("timm|afire|released");
  convert->add_option("--from", r.from, "whose names IN has, where they are not found by themselves")
      ->type_name("timm|dino|ibot|dinov2|mae|mrm|hf|released|afire");
  convert->add_option("--part", r.part, "one of both; else the teacher for timm, both for afire and released")
      ->type_name("teacher|student");
  convert->add_option("--allow", r.allow, "names that may be missing, of another shape, or left over: these are left out")
      ->type_name("PATTERN,...");
  convert->footer(
      "Read are the names of timm, DINO (backbone and checkpoint), iBOT, DINOv2, MAE, MRM, Hugging Face's ViTModel and Dinov2Model,\n"
      "AFiRe as released and as afire writes it. Nothing in a .pth is executed. No number is changed: there and back gives the same\n"
      "bits (but for DINOv2 with registers, whose class token takes its position, as in timm).\n\nExamples:\n"
      "  afire convert run/best.safetensors vit.safetensors --to timm            timm.create_model(..., checkpoint_path=...)\n"
      "  afire convert checkpoint.pth weights.safetensors --to afire             both student and teacher\n"
      "  afire convert vit_base.safetensors encoder.safetensors --to afire --allow 'head.*'      without its classifier\n");

  auto* verify = app.add_subcommand("verify", "compute a step or a trajectory that another program has stored, and compare every number");
  verify->add_option("file", r.input, "a safetensors file with inputs, parameters and what came out")->type_name("FILE");
  verify->add_option("--backend", r.backend, "reference, eigen, onednn or cuda; reference where nothing is said")->type_name("NAME");
  verify->add_option("--dtype", r.dtype, "double, f32 or bf16; double where nothing is said")->type_name("TYPE");
  Bound verify_settings;
  add_settings(*verify, verify_settings, [](Field const& f) { return among(f, {"threads", "device"}); });
  verify->add_flag("--json", r.json, "as JSON");
  verify->footer("The table has the worst difference of each tensor, as a share of its largest value, what is allowed, and the cosine.\n"
                 "docs/fixtures.md says what such a file holds. Exit code 5: something is outside what is allowed.\n\nExample:\n"
                 "  afire verify afire_step_mini.safetensors --backend onednn --dtype bf16\n");

  auto* report = app.add_subcommand("report", "write the report of a run again");
  report->add_option("run", r.input, "folder of a run")->type_name("DIR");

  auto* doctor = app.add_subcommand("doctor",
                                    "what was found on this machine, how fast it is, and what is lost where something is missing");
  doctor->add_flag("--json", r.json, "as JSON");

  auto* demo = app.add_subcommand("demo", "pre-train on procedural films for about 3 minutes, judge on unseen ones, write a report");
  demo->add_option("--out", r.out, "folder of the run")->type_name("DIR")->default_str("demo_report");
  demo->add_option("--minutes", r.minutes, "of training")->type_name("X")->default_str("3");
  Bound demo_settings;
  add_settings(*demo, demo_settings, [](Field const& f) { return among(f, {"backend", "dtype", "device", "threads", "seed"}); });
  demo->add_flag("--json", r.json, "print the figures as JSON on standard output");

  for (auto* sub : app.get_subcommands({}))
    sub->get_formatter()->column_width(34), sub->allow_extras(), sub->set_help_flag("-h,--help", "this page");
  app.allow_extras();
  try {
    app.parse(argc, argv);
  } catch (CLI::Success const& e) {                    // help and version
    app.exit(e);
    return {};
  } catch (CLI::ParseError const& e) { throw Failure(ExitCode::usage, text("afire: ", e.what())); }

  for (auto* sub : app.get_subcommands()) {
    if (auto const extra = sub->remaining(); !extra.empty()) unknown(*sub, extra.front());
    r.command = sub->get_name();
  }
  if (auto const extra = app.remaining(); !extra.empty()) unknown(app, extra.front());
  if (r.command.empty()) {
    std::printf("%s", app.help().c_str());
    return {};
  }
  auto const or_else = [](auto& value, auto const& otherwise) {
    if (value == std::remove_cvref_t<decltype(value)>{}) value = otherwise;
  };
  if (r.command == "pretrain") r.flags = settings.given();
  if (r.command == "phantom") {
    if (phantom->get_option("--abnormal")->count() == 0) r.abnormal = 0.5;
    r.flags = phantom_settings.given(), or_else(r.out, "phantoms");
    if (phantom->get_option("--count")->count() == 0) r.count = 100;
    demands(r.count >= 1, "afire phantom: --count is ", r.count, "; at least 1 is needed");
    demands(0 <= r.abnormal && r.abnormal <= 1, "afire phantom: --abnormal is ", r.abnormal, "; a share of 0 to 1 is needed");
  }
  if (r.command == "lesions") {
    r.flags = lesion_settings.given(), or_else(r.out, "lesions.png"), or_else(r.film_rows, 4), or_else(r.columns, 3);
    demands(1 <= r.film_rows && 1 <= r.columns && r.film_rows * r.columns <= 10000, "afire lesions: ", r.film_rows, " x ", r.columns,
            " pictures");
  }
  if (r.command == "embed") r.flags = embed_settings.given(), or_else(r.out, "features.safetensors");
  if (r.command == "evaluate") {
    r.flags = evaluate_settings.given();
    demands(!r.positive.empty(), "afire evaluate: say what makes a film positive, e.g. --positive normal=0");
    demands(!r.train_where.empty() && !r.test_where.empty(),
            "afire evaluate: say which films to learn from and which to judge on, e.g. --train-where split=train --test-where split=test");
    for (double const share : r.shares)
      demands(0 < share && share <= 1, "afire evaluate: --shares holds ", share, "; more than 0 and at most 1 is needed");
    for (auto const& [name, n] : {std::pair{"--seeds", r.seeds}, {"--neighbours", r.neighbours}, {"--draws", r.draws}})
      demands(n >= 1, "afire evaluate: ", name, " is ", n, "; at least 1 is needed");
  }
  if (r.command == "verify") r.flags = verify_settings.given();
  if (r.command == "demo") {
    r.flags = demo_settings.given(), or_else(r.out, "demo_report"), or_else(r.minutes, 3.0);
    demands(r.minutes > 0, "afire demo: --minutes is ", r.minutes, "; more than 0 is needed");
  }
  for (auto const& [command, what] :
       {std::pair{"embed", "a checkpoint"}, {"evaluate", "a checkpoint"}, {"inspect", "a file"}, {"convert", "a file"},
        {"verify", "a file"}, {"report", "the folder of a run"}})
    demands(r.command != command || !r.input.empty(), "afire ", r.command, ": give ", what, " (afire ", r.command, " --help)");
  if (r.command == "convert") {
    demands(!r.out.empty(), "afire convert: give the file to write too (afire convert --help)");
    one_of("afire convert: --to", r.to, {"timm", "afire", "released"});
    if (!r.from.empty())
      one_of("afire convert: --from", r.from, {"timm", "dino", "ibot", "dinov2", "mae", "mrm", "hf", "released", "afire"});
    if (!r.part.empty()) one_of("afire convert: --part", r.part, {"teacher", "student"});
  }
  return r;
}

Request read_variant_line(int argc, char** argv, std::string const& name, std::string const& what, Settings const& defaults) {
  Request r;
  CLI::App app(name + " -- " + what, name);
  app.set_help_flag("-h,--help", "this page");
  app.get_formatter()->column_width(34);
  app.allow_extras();
  Bound settings;
  add_settings(app, settings, [](Field const&) { return true; }, defaults);
  add_training(app, r);
  app.add_flag("--check", r.check, "train a few steps: does the loss begin where theory says, does it fall, do features stay apart?")
      ->group("Run");
  app.footer("Options of parts that this composition does not have are refused.\n\n" + std::string(exit_codes));
  try {
    app.parse(argc, argv);
  } catch (CLI::Success const& e) {
    app.exit(e);
    return {};
  } catch (CLI::ParseError const& e) { throw Failure(ExitCode::usage, text(name, ": ", e.what())); }
  if (auto const extra = app.remaining(); !extra.empty()) unknown(app, extra.front());
  r.command = name, r.flags = settings.given();
  return r;
}

}  // namespace afire::cli
