// The progress line: what it says, how often, and that a live line is drawn over.
#include <afire/train/progress.hpp>
#include <doctest/doctest.h>

using namespace afire;

namespace {

// What `use` made a Progress write.
template <class F>
std::string written(ProgressPlan plan, bool live, F use) {
  std::FILE* const to = std::tmpfile();
  REQUIRE(to != nullptr);
  {
    Progress progress(plan, to, live);
    use(progress);
  }
  std::string all(static_cast<std::size_t>(std::ftell(to)), ' ');
  std::rewind(to);
  CHECK(std::fread(all.data(), 1, all.size(), to) == all.size());
  std::fclose(to);
  return all;
}

}  // namespace

TEST_CASE("times as people say them") {
  CHECK(time_text(0) == "0:00");
  CHECK(time_text(-3) == "0:00");
  CHECK(time_text(75.4) == "1:15");
  CHECK(time_text(3599.6) == "1:00:00");
  CHECK(time_text(360000) == "100:00:00");
  CHECK(time_text(1e300) == "?");
}

TEST_CASE("plain lines: the first step, then every few seconds, then the last") {
  ProgressPlan const plan{.steps = 100, .steps_per_epoch = 10, .images_per_step = 8, .plain_seconds = 10};
  std::string const all = written(plan, false, [](Progress& progress) {
    for (Index step = 1; step <= 100; ++step) {
      auto const s = static_cast<double>(step);
      progress.step(step, {{"loss", 1 / s}}, s / 2);
    }
    progress.say("saved");
  });
  CHECK(all ==
        "step 1/100  epoch 1/10  16.0 images/s  0:50 left  loss 1\n"
        "step 21/100  epoch 3/10  16.0 images/s  0:40 left  loss 0.04762\n"
        "step 41/100  epoch 5/10  16.0 images/s  0:30 left  loss 0.02439\n"
        "step 61/100  epoch 7/10  16.0 images/s  0:20 left  loss 0.01639\n"
        "step 81/100  epoch 9/10  16.0 images/s  0:10 left  loss 0.01235\n"
        "step 100/100  epoch 10/10  16.0 images/s  0:00 left  loss 0.01\n"
        "saved\n");
}

TEST_CASE("a live line is drawn over, ten times a second at most, and ends with a newline") {
  std::string const all = written({.steps = 10, .steps_per_epoch = 5}, true, [](Progress& progress) {
    progress.step(1, {}, 1.0);
    progress.step(2, {}, 1.05);                        // too soon
    progress.say("saved");
    progress.step(3, {{"loss", 2.5}, {"contrast", 5.25}}, 3.0);
  });
  CHECK(all.starts_with("\r\033[Kstep 1/10  epoch 1/2  1.0 images/s  0:09 left\r\033[Ksaved\n\r\033[Kstep 3/10  epoch 1/2  "));
  CHECK(all.ends_with(" left  loss 2.5  contrast 5.25\n"));
}

TEST_CASE("a live line fits the terminal") {
  std::string const all = written({.steps = 10}, true, [](Progress& progress) {
    progress.step(1, {{"a name that is much longer than what can be seen on any line of an ordinary terminal of whatever width", 1}}, 1);
  });
  CHECK(all.size() == 4 + 119 + 1);                    // the code that clears, the line, the newline
}

TEST_CASE("the rate follows a change within a minute, and a resumed run counts only its own steps") {
  std::string const all = written({.steps = 100000, .images_per_step = 4, .done = 1000}, false, [](Progress& progress) {
    Index step = 1000;
    double now = 0;
    for (int i = 0; i < 600; ++i) progress.step(++step, {}, now += 0.1);
    CHECK(progress.images_per_second() == doctest::Approx(40));
    for (int i = 0; i < 300; ++i) progress.step(++step, {}, now += 0.2);
    CHECK(progress.images_per_second() > 19);
    CHECK(progress.images_per_second() < 24);
  });
  CHECK(all.starts_with("step 1001/100000  epoch 1001/100000  40.0 images/s  "));
}
