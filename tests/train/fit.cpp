// The training loop: a row a step, the same bits after any interruption, and refusals that say what differs.
#include <afire/backend/reference.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/fit.hpp>
#include <doctest/doctest.h>

#include "tests/support/child.hpp"
#include "tests/support/discs.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary.hpp"

using namespace afire;
using afire_test::Discs;
using afire_test::message;
using afire_test::signal_of_child;
using afire_test::TemporaryFolder;

namespace {

constexpr ViTConfig vit{.image = 24, .patch = 8, .channels = 1, .width = 16, .depth = 1, .heads = 2, .mlp_ratio = 2};

// A trainer made anew, as a program that is started again makes it.
struct Run {
  Reference be{.threads = 1};
  using Objective = Sum<TokenContrast<Sinkhorn>, Scaled<Restoration<Everywhere>>>;
  Trainer<Reference, float, PerPositionHead, TransformerDecoder, SyntheticLesion, Objective, AdamW> trainer;

  explicit Run(double lr = 1e-3, Index accumulate = 1)
      : trainer(be, Compute<float>{}, vit, PerPositionHead{.hidden = 12, .out = 8, .prototypes = 6},
                TransformerDecoder{.width = 16, .depth = 1, .heads = 2, .mlp_ratio = 2}, SyntheticLesion{}, Teacher<Ema>{},
                TokenContrast<Sinkhorn>{} + 1.0 * Restoration<Everywhere>{}, AdamW{.lr = lr},
                TrainOptions{.batch = 4 / accumulate, .accumulate = accumulate, .seed = 5, .scale_lr = false}) {}
};

FitOptions options(std::string const& folder) {
  return {.epochs = 3, .out = folder, .checkpoint_steps = 2, .monitor_films = 6,
          .about = {{"config", R"({"lr": 0.001})"}, {"films", "ten discs"}}, .quiet = true};
}

std::string last_checkpoint(std::string const& folder) { return read_file(checkpoint_name(folder, 6)); }

}  // namespace

TEST_CASE("a run writes a row a step, keeps the last checkpoints and the best one") {
  TemporaryFolder const folder;
  Run run;
  FitResult const r = fit(run.trainer, Discs{}, static_cast<Discs const*>(nullptr), options(folder / "a"));
  CHECK(r.step == 6);                      // ten films, four a step, three epochs
  CHECK(r.finished);
  CHECK(r.checkpoint == checkpoint_name(folder / "a", 6));
  CHECK(r.inside.pixels > 0);
  CHECK(r.inside.copied > 0);
  LogTable const log = read_log(folder / "a");
  REQUIRE(log.rows.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(log.rows[i][0] == static_cast<double>(i + 1));
    CHECK(log.rows[i][1] == static_cast<double>(i / 2));
  }
  auto const column = [&](std::string_view name) {
    return static_cast<std::size_t>(std::find(log.columns.begin(), log.columns.end(), name) - log.columns.begin());
  };
  for (char const* name : {"loss", "kl", "contrast", "restoration", "target_entropy", "gradient_norm", "lesion_share", "waiting", "lr"})
    for (auto const& row : log.rows) CHECK_MESSAGE(std::isfinite(row.at(column(name))), name);
  for (char const* name : {"effective_rank", "between_image_share", "prototypes_used", "perplexity", "error_inside", "error_whole"}) {
    CHECK_MESSAGE(std::isnan(log.rows[0].at(column(name))), name);
    CHECK_MESSAGE(std::isfinite(log.rows[1].at(column(name))), name);        // an epoch ends there
  }
  CHECK(numbered_files(folder / "a", "step-", ".safetensors").size() == 2);
  CHECK_FALSE(file_exists(folder / "a/best.safetensors"));

  Run judged;
  Discs const others{.count = 7};
  fit(judged.trainer, Discs{}, &others, options(folder / "b"));
  CHECK(file_exists(folder / "b/best.safetensors"));
  CHECK(std::isfinite(read_log(folder / "b").rows[1].back()));
}

TEST_CASE("stopped after any step and begun again, a run gives the same bits") {
  TemporaryFolder const folder;
  Discs const films, judges{.count = 5};
  {
    Run whole;
    fit(whole.trainer, films, &judges, options(folder / "whole"));
  }
  for (Index stop = 1; stop < 6; ++stop) {
    std::string const path = folder / std::to_string(stop);
    FitOptions o = options(path);
    // Killed while the checkpoint of this step is being written: what counts is the one before.
    CHECK(signal_of_child([&] {
            Run killed;
            FitOptions dying = o;
            dying.told = [&](SaveStage stage, Index) {
              if (stage == SaveStage::synced && killed.trainer.step_count() >= stop) ::raise(SIGKILL);
            };
            fit(killed.trainer, films, &judges, dying);
          }) == SIGKILL);
    o.resume = true;
    Run again;
    FitResult const r = fit(again.trainer, films, &judges, o);
    CHECK(r.finished);
    CHECK_MESSAGE(last_checkpoint(path) == last_checkpoint(folder / "whole"), "after step ", stop);
    CHECK_MESSAGE(read_file(path + "/best.safetensors") == read_file(folder / "whole/best.safetensors"), "after step ", stop);
    auto const log = read_log(path), wanted = read_log(folder / "whole");
    REQUIRE(log.rows.size() == wanted.rows.size());
    for (std::size_t i = 0; i < log.rows.size(); ++i)
      for (std::size_t c = 0; c < log.columns.size(); ++c) {
        if (log.columns[c] == "waiting" || log.columns[c] == "films_per_second") continue;         // of this day
        double const is = log.rows[i][c], was = wanted.rows[i][c];
        CHECK_MESSAGE((is == was || (std::isnan(is) && std::isnan(was))), log.columns[c], ", row ", i);
      }
  }
}

TEST_CASE("a signal between steps saves and ends; the rest follows later") {
  TemporaryFolder const folder;
  Discs const films;
  {
    Run whole;
    fit(whole.trainer, films, options(folder / "whole"));
  }
  FitOptions o = options(folder / "part");
  o.checkpoint_steps = 3;                  // in the middle of an epoch
  o.told = [](SaveStage stage, Index) {
    if (stage == SaveStage::renamed) ::raise(SIGINT);
  };
  Run first;
  FitResult const r = fit(first.trainer, films, o);
  CHECK(r.signal == SIGINT);
  CHECK_FALSE(r.finished);
  CHECK(r.step == 3);
  o.told = {};
  o.resume = true;
  Run second;
  CHECK(fit(second.trainer, films, o).finished);
  CHECK(last_checkpoint(folder / "part") == last_checkpoint(folder / "whole"));
}

TEST_CASE("a broken checkpoint is named, and the one before it is taken") {
  TemporaryFolder const folder;
  FitOptions o = options(folder / "a");
  {
    Run run;
    fit(run.trainer, Discs{}, o);
  }
  std::string const whole = last_checkpoint(folder / "a");
  replace_file(checkpoint_name(folder / "a", 6), std::string_view(whole).substr(0, whole.size() / 2));
  o.resume = true;
  std::vector<std::string> notes;
  {
    Run run;
    resume_newest(run.trainer, o.out, o.about, notes);
    CHECK(run.trainer.step_count() == 4);
    REQUIRE(notes.size() == 2);
    CHECK(notes[0].find("step-00000006.safetensors") != std::string::npos);
  }
  Run run;
  fit(run.trainer, Discs{}, o);
  CHECK(last_checkpoint(folder / "a") == whole);
}

TEST_CASE("what does not go on from there is refused in a sentence") {
  TemporaryFolder const folder;
  FitOptions o = options(folder / "a");
  Run run;
  fit(run.trainer, Discs{}, o);
  auto const again = [&] {
    Run other;
    return message([&] { fit(other.trainer, Discs{}, o); });
  };
  CHECK(again() == (folder / "a/log.csv") + " exists: resume that run, or choose another folder");
  o.resume = true;
  o.about["films"] = "nine discs";
  CHECK(again().find("it was trained on other films (ten discs, now nine discs)") != std::string::npos);
  o.about["films"] = "ten discs", o.about["config"] = R"({"lr": 0.002})";
  CHECK(again().find("lr was 0.001, now 0.002") != std::string::npos);
  CHECK(message([&] {
          Run other;
          fit(other.trainer, Discs{.count = 3}, options(folder / "b"));
        }).find("3 films are fewer than one step takes (4)") != std::string::npos);
  CHECK(message([&] {
          Run other;
          FitOptions broken = options(folder / "c");
          broken.monitor_films = 1;
          fit(other.trainer, Discs{.bad = 7}, broken);
        }) == "disc 7 is broken");
}

TEST_CASE("a loss that is no number ends the run, names the step and leaves the last checkpoint") {
  TemporaryFolder const folder;
  FitOptions o = options(folder / "a");
  o.checkpoint_steps = 1;
  std::string what;
  try {
    Run run(1e30);
    fit(run.trainer, Discs{}, o);
  } catch (Diverged const& e) { what = e.what(); }
  CHECK(what.find("step ") == 0);
  CHECK(what.find("The last checkpoint is " + folder / "a/step-") != std::string::npos);
  for (auto const& file : numbered_files(folder / "a", "step-", ".safetensors"))
    for (auto const& tensor : SafetensorsFile(file))
      for (double const v : SafetensorsFile(file).read<double>(tensor.name)) REQUIRE(std::isfinite(v));
}

TEST_CASE("accumulated batches see the films of one") {
  TemporaryFolder const folder;
  Run one, two(1e-3, 2);
  FitOptions o = options(folder / "one");
  fit(one.trainer, Discs{}, o);
  o.out = folder / "two";
  fit(two.trainer, Discs{}, o);
  auto const a = read_log(folder / "one"), b = read_log(folder / "two");
  for (std::size_t i = 0; i < a.rows.size(); ++i) CHECK(b.rows[i][2] == doctest::Approx(a.rows[i][2]).epsilon(1e-3));
}
