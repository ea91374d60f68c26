// examples/cli/commands.hpp -- one function a command; each gives the program's exit code
#pragma once
#include <afire/io/file.hpp>
#include <afire/train/fit_weights.hpp>
#include <examples/cli/composition.hpp>
#include <examples/cli/films.hpp>
#include <examples/cli/options.hpp>

namespace afire::cli {

int pretrain(Request const& r);
int pretrain(Request const& r, Settings const& s, Composition const* composition);       // null: AFiRe, on the best backend
Settings settings_of(Request const& r, Settings const& defaults);                        // flags, the config file, defaults
int phantom(Request const& r);
int lesions(Request const& r);
int embed(Request const& r);
int evaluate(Request const& r);
int inspect(Request const& r);
int convert(Request const& r);
int verify(Request const& r);
int report(Request const& r);
int doctor(Request const& r);
int demo(Request const& r);

struct Judged {                            // mean squared errors in grey levels of 0 ... 255
  double restored = 0, copied = 0, mean_film = 0;
};

struct Outcome {
  Index step = 0, total = 0;
  bool finished = false;
  int signal = 0;                          // that asked it to stop
  std::string checkpoint = {};             // the last one written
  double seconds = 0, waiting = 0, films_per_second = 0;
  Judged inside = {}, whole = {};          // lesions and whole films, on the films to judge on where there are some
  std::vector<std::string> summary = {};   // of the judgement, to print
};

// A whole run into settings.out: folder, training, report.
Outcome train(Settings s, Index crash_at_byte = 0, Composition const* composition = nullptr);

// The trainer of a composition; parts that cannot be meant are a Failure of usage.
AnyTrainer made_trainer(Composition const& c, Settings const& s);

// Fills in backend and type of the one composition there is; a Failure where others were asked for.
void use_only(Settings& s, Composition const& c);

// The speed of a few steps; nothing is written.
double films_per_second(Settings s, Index steps);

// --dry-run: what a run would need.
Json dry_run(Settings s);
Json dry_run(Settings s, Composition const& composition);              // its trainer is made, but nothing is trained
void print_plan(Json const& plan);

// An error where the plan does not fit into what is free on the GPU: what is needed for what, and the batch that would fit.
struct Gpu;
void expect_room(Settings const& s, Gpu const& gpu);

// Operations a second of a large product on this machine, and bytes a second of a = b + s c on arrays too large for any cache.
double gemm_rate(Composition const& c, Settings const& s);
double triad_rate();
inline constexpr double step_share = 0.6;                // of that rate which a step of training reaches, about

inline int exit_of(ExitCode code) { return static_cast<int>(code); }

// One line on standard error.
template <class... Words>
void say(Words const&... words) {
  std::fprintf(stderr, "%s\n", text(words...).c_str());
}

// The values of --init for each parameter of the model, empty where the file says nothing of it. What was found and adapted is said; an
// error lists what is missing, left over or misshapen.
std::vector<std::vector<float>> read_weights(Settings const& s, std::vector<Wanted> const& wanted);

}  // namespace afire::cli
