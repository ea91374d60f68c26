// Several ranks, threads and processes of this machine: the losses and weights of one rank with the whole batch, to rounding in double, the
// same bits on each rank, and all of them stop where one is stopped or fails.
#include <afire/backend/reference.hpp>
#include <afire/ssl/position_objective.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/fit.hpp>
#include <doctest/doctest.h>

#include <functional>

#include "tests/support/discs.hpp"
#include "tests/support/ranks.hpp"
#include "tests/support/small_afire.hpp"

using namespace afire;
using namespace afire_test;

namespace {

// Four steps of six films, and two films that are left over.
Discs discs(Index bad = -1) { return {.count = 26, .bad = bad, .brightness = 100}; }

// Sums of memory, which are prototypes and pieces of gradients, are counted. They are made as early as they may be, or as late: what does
// not await them is seen, and so is a gradient that was not final.
struct Sums {
  bool late = false;
  Index count = 0;
  std::vector<std::function<void()>> waiting = {};
};
struct Watched : OneMachine {
  Sums* sums;
  template <class B, class S>
  void sum(B& be, View<S, 1> x) {
    ++sums->count;
    sums->waiting.push_back([this, &be, x] { OneMachine::sum(be, x); });
    if (!sums->late) await(be);
  }
  void sum(std::span<double> x) { OneMachine::sum(x); }
  template <class B>
  void await(B&) {
    for (auto& add : sums->waiting) add();
    sums->waiting.clear();
  }
  template <class B>
  void complete(B& be) { await(be); }
};

// One thread each: what is compared does not depend on it.
Ranked<Reference, Watched> ranked(OneMachine ranks, Sums* sums) { return {Reference{.threads = 1}, Watched{ranks, sums}}; }

struct Choice {
  bool faithful = false;
  Index accumulate = 1;
  Clip clip = Clip::per_tensor;
  double drop_path = 0;
};

template <class B, class Objective>
auto trainer_of(B& be, Choice how, Objective objective) {
  ViTConfig vit = small_vit;
  vit.drop_path = how.drop_path;
  SyntheticLesion const lesions = how.faithful ? faithful_lesions() : SyntheticLesion{};
  return Trainer{be, Compute<double>{}, vit, small_head, small_decoder, lesions, Teacher<Ema>{{.momentum = 0.9}}, objective,
                 AdamW{.lr = 1e-3},
                 TrainOptions{.batch = 6, .accumulate = how.accumulate, .seed = 5, .scale_lr = false,
                              .update = {.clip = how.clip, .clip_norm = 0.2,
                                         .decay = how.faithful ? DecayRule::released : DecayRule::corrected}}};
}

struct Trained {
  std::vector<double> terms;               // of all steps, one after the other
  std::vector<double> weights;             // of student, teacher and objective at the end
  bool operator==(Trained const&) const = default;
};

// Two epochs: order, lesions, targets, clipping, warm-up and the freezing of the first epoch take part.
template <class B, class Objective>
Trained trained(B& be, Choice how, Objective objective) {
  auto t = trainer_of(be, how, objective);
  Rank const rank = ranks_of(be).rank();
  Discs const films = discs();
  auto const& options = t.options();
  Loader loader(films, t.masking(),
                LoaderOptions{.batch = t.films_per_step() / rank.count, .side = small_vit.image, .patch = small_vit.patch, .seed = 5,
                              .micro = options.batch / rank.count, .rank = rank});
  t.schedule(loader.steps_per_epoch(), 2);
  std::vector<Micro<GreyPixels>> micros(static_cast<std::size_t>(options.accumulate));
  Trained all;
  while (t.step_count() < t.total_steps()) {
    set_micros(micros, loader.next(), options.normalisation);
    for (auto& term : t.step(std::span(micros))) all.terms.push_back(term.value);
  }
  for_each_saved(t, [&](std::string const&, std::vector<Index> const&, View<double, 1> x) {
    all.weights.insert(all.weights.end(), x.begin(), x.end());
  });
  return all;
}

double furthest(std::vector<double> const& a, std::vector<double> const& b) {
  REQUIRE(a.size() == b.size());
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]) / std::max(1.0, std::abs(b[i])));
  return worst;
}

// `means`: of the teacher's scores, which the objective keeps.
template <class Objective>
void expect_as_one(Choice how, Objective objective, Index means = 1) {
  Reference one{.threads = 1};
  Trained const want = trained(one, how, objective);
  REQUIRE(want.terms.size() > 20);
  for (Index const count : {2, 3})
    for (auto const& [piece, late] : {std::pair{Index{25} << 20, false}, {Index{0}, false}, {Index{0}, true}}) {
      std::vector<Trained> got(static_cast<std::size_t>(count));
      std::vector<Sums> sums(got.size(), Sums{.late = late});
      auto const said = in_threads(count, [&, bytes = piece](OneMachine ranks) {
        auto const r = static_cast<std::size_t>(ranks.rank().number);
        auto be = ranked(ranks, &sums[r]);
        be.piece_bytes = bytes;
        got[r] = trained(be, how, objective);
      });
      CHECK(said == std::vector<std::string>(said.size(), "(no error)"));
      CHECK(furthest(got[0].terms, want.terms) < 1e-10);
      CHECK(furthest(got[0].weights, want.weights) < 1e-10);
      for (auto const& other : got) CHECK(other == got[0]);
      // Means, then gradients: at once, or after each block and once more for what lies before the blocks.
      Index const steps = 2 * (26 / (6 * how.accumulate));
      CHECK(sums[0].count == steps * (means + (piece > 0 ? 1 : 1 + small_vit.depth)));
    }
}

std::string const folder_of(TemporaryFolder const& f) { return f / "run"; }

// One process of a run. It ends with what fit throws, or with the step at which it was stopped.
void run(Rank rank, std::string const& folder, Discs const& films, Index epochs, bool resume = false) {
  Sums sums;
  auto be = ranked(OneMachine::join(rank, meeting_of_parent(), 60), &sums);
  auto t = trainer_of(be, {}, afire_objective());
  FitResult const r = fit(t, films, FitOptions{.epochs = epochs, .out = folder, .resume = resume, .checkpoint_steps = 3,
                                               .monitor_films = 6, .quiet = true});
  expects(r.finished, "stopped by ", r.signal, " at step ", r.step);
}

// A backend that says that it has memory of its own, so that it paints lesions, and what adds it up.
struct apart_tag : reference_tag {};
constexpr bool reads_host_memory(apart_tag) { return false; }
struct Apart : Reference {
  using tag = apart_tag;
};
struct AddingApart : OneMachine {
  template <class B>
  void sum(B&, View<double, 1> x) { OneMachine::sum(std::span(x.data, static_cast<std::size_t>(x.size()))); }
  void sum(std::span<double> x) { OneMachine::sum(x); }
};

// The checkpoint of an epoch by two ranks.
std::string painted_by(DrawnBy lesions) {
  TemporaryFolder const folder;
  Processes ranks(2, [&](Rank rank) {
    Ranked<Apart, AddingApart> be{Apart{{.threads = 1}}, AddingApart{OneMachine::join(rank, meeting_of_parent(), 60)}};
    auto t = trainer_of(be, {.accumulate = 2}, afire_objective());
    FitOptions o{.epochs = 2, .out = folder / "run", .monitor_films = 6, .quiet = true};
    o.lesions = lesions;
    fit(t, discs(), o);
  });
  for (auto const& words : ranks.said()) CHECK(words == "(no error)");
  return read_file(checkpoint_name(folder / "run", 4));
}

std::vector<std::string> files_of(std::string const& folder) {
  std::vector<std::string> names;
  for (auto const& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

// Numbers of a checkpoint's tensors.
std::vector<double> numbers_of(std::string const& path) {
  SafetensorsFile const file(path);
  std::vector<double> all;
  for (auto const& tensor : file)
    if (tensor.dtype == Dtype::f64) {
      auto const x = file.read<double>(tensor.name);
      all.insert(all.end(), x.begin(), x.end());
    }
  return all;
}

}  // namespace

TEST_CASE("ranks that paint their lesions take the steps of ranks whose loaders do") {
  CHECK(painted_by(DrawnBy::device) == painted_by(DrawnBy::loader));
}

TEST_CASE("several ranks learn what one learns: AFiRe corrected and released") {
  auto const corrected = afire_objective();
  auto const released = TokenContrast<>{.prototypes = {.rule = PrototypeRule::released}} + 1.0 * Restoration<Everywhere>{};
  expect_as_one({}, corrected);
  expect_as_one({.faithful = true}, released);
}

TEST_CASE("several ranks learn what one learns: accumulated, clipped together, with branches left out, other tokens and pixels") {
  expect_as_one({.accumulate = 2, .clip = Clip::global, .drop_path = 0.4}, afire_objective());
  expect_as_one({}, TokenContrast<>{.tokens = Tokens::lesion} + 0.5 * Restoration<Lesions>{} + PositionInfoNce{}, 2);
}

TEST_CASE("a batch that ranks cannot share is refused") {
  auto const said = in_threads(4, [&](OneMachine ranks) {
    Sums sums;
    auto be = ranked(ranks, &sums);
    trainer_of(be, {}, afire_objective());
  });
  CHECK(said[3] == "training: 4 ranks cannot share a batch of 6 equally; use a multiple of 4");
}

TEST_CASE("a loss that is no number on one rank stops all, and no weight has changed") {
  auto const said = in_threads(2, [&](OneMachine ranks) {
    Sums sums;
    auto be = ranked(ranks, &sums);
    auto t = trainer_of(be, {}, afire_objective());
    t.schedule(10, 1);
    SmallBatch batch(small_vit, 3, 7);
    if (ranks.rank().number == 1) batch.seen(0, 0, 0, 0) = std::numeric_limits<float>::quiet_NaN();
    std::vector<double> before(t.method().student_store().values().begin(), t.method().student_store().values().end());
    Micro<ImagePixels<float>> micro = batch.micro();
    std::string const words = message([&] { t.step(std::span(&micro, 1)); });
    expects(std::equal(before.begin(), before.end(), t.method().student_store().values().begin()), "the weights have changed");
    throw error(words);
  });
  for (auto const& words : said) CHECK(words.find("step 0: the loss is nan; the weights are those that it began with") == 0);
}

TEST_CASE("a run of processes: one log, one set of checkpoints, those of one process; resumed with another number of them") {
  TemporaryFolder const one, two;
  for (auto const& words : Processes(1, [&](Rank rank) { run(rank, folder_of(one), discs(), 3); }).said()) CHECK(words == "(no error)");
  for (auto const& words : Processes(2, [&](Rank rank) { run(rank, folder_of(two), discs(), 3); }).said()) CHECK(words == "(no error)");
  CHECK(files_of(folder_of(one)) == files_of(folder_of(two)));
  LogTable const log = read_log(folder_of(one)), other = read_log(folder_of(two));
  REQUIRE(log.rows.size() == 12);
  CHECK(log.columns == other.columns);
  auto const timed = [&](std::string_view name) { return name == "waiting" || name == "films_per_second"; };
  for (std::size_t i = 0; i < log.rows.size(); ++i)
    for (std::size_t k = 0; k < log.columns.size(); ++k)
      if (!timed(log.columns[k]) && !(std::isnan(log.rows[i][k]) && std::isnan(other.rows[i][k])))
        CHECK_MESSAGE(std::abs(log.rows[i][k] - other.rows[i][k]) <= 1e-6 * std::max(1.0, std::abs(log.rows[i][k])), log.columns[k]);
  CHECK(furthest(numbers_of(checkpoint_name(folder_of(two), 12)), numbers_of(checkpoint_name(folder_of(one), 12))) < 1e-10);

  for (auto const& words : Processes(3, [&](Rank rank) { run(rank, folder_of(two), discs(), 3, true); }).said())
    CHECK(words == "(no error)");
  CHECK(read_log(folder_of(two)).rows.size() == 12);
}

TEST_CASE("a film that one rank cannot read stops all of them with its sentence") {
  TemporaryFolder const folder;
  auto said = Processes(3, [&](Rank rank) { run(rank, folder_of(folder), discs(11), 3); }).said();
  Index names = 0, others = 0;
  for (auto const& words : said) {
    names += words == "disc 11 is broken";
    others += words.find("has stopped: disc 11 is broken") != words.npos;
  }
  CHECK(names >= 1);
  CHECK(names + others == 3);
}

TEST_CASE("a signal to one rank stops all at the same step, with a checkpoint there") {
  TemporaryFolder const folder;
  Processes two(2, [&](Rank rank) { run(rank, folder_of(folder), discs(), 100000); });
  for (int i = 0; i < 12000 && !file_exists(checkpoint_name(folder_of(folder), 3)); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ::kill(two.ids[1], SIGTERM);
  auto const said = two.said();
  CHECK(said[0].find("stopped by 15 at step ") == 0);
  CHECK(said[0] == said[1]);
  LogTable const log = read_log(folder_of(folder));
  CHECK(file_exists(checkpoint_name(folder_of(folder), static_cast<Index>(log.rows.back()[0]))));
}
