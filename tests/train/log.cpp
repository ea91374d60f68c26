// The log of a run: two files, the same numbers, each step once, whatever happened in between.
#include <afire/train/log.hpp>
#include <doctest/doctest.h>

#include "tests/support/child.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary.hpp"

using namespace afire;
using afire_test::message;
using afire_test::TemporaryFolder;

namespace {

double const none = std::numeric_limits<double>::quiet_NaN();
double const infinite = std::numeric_limits<double>::infinity();
std::vector<std::string> const columns{"step", "loss", "val_loss"};

}  // namespace

TEST_CASE("a row stands in both files as soon as it is written") {
  TemporaryFolder const folder;
  RunLog log = RunLog::start(folder / "run", columns);
  CHECK(read_file(folder / "run/log.csv") == "step,loss,val_loss\n");
  log.row({1, 5.25, none});
  log.row({2, 0.1, 1e-7});
  log.row({1000000, infinite, -0.0});
  CHECK(read_file(folder / "run/log.csv") == "step,loss,val_loss\n1,5.25,\n2,0.1,1e-07\n1000000,inf,-0\n");
  CHECK(read_file(folder / "run/log.jsonl") ==
        "{\"step\": 1, \"loss\": 5.25, \"val_loss\": null}\n{\"step\": 2, \"loss\": 0.1, \"val_loss\": 1e-07}\n"
        "{\"step\": 1000000, \"loss\": null, \"val_loss\": -0}\n");
  log.sync();
}

TEST_CASE("both files hold the same doubles") {
  TemporaryFolder const folder;
  RunLog log = RunLog::start(folder.path(), columns);
  for (int step = 1; step < 50; ++step) log.row({static_cast<double>(step), 1.0 / step, step % 10 == 0 ? std::sqrt(step) : none});
  LogTable const table = read_log(folder.path());
  CHECK(table.columns == columns);
  REQUIRE(table.rows.size() == 49);
  for_each_line(read_file(folder / "log.jsonl"), [&](std::string_view line, Index number, bool) {
    auto const& row = table.rows.at(static_cast<std::size_t>(number - 1));
    Json const json = parse_json(line);
    CHECK(json.at("step").integer() == number);
    CHECK(json.at("loss").number() == 1.0 / static_cast<double>(number));
    CHECK(row[1] == 1.0 / static_cast<double>(number));
    CHECK(json.at("val_loss").is_null() == std::isnan(row[2]));
  });
}

TEST_CASE("a resumed run has each step once") {
  TemporaryFolder const folder;
  {
    RunLog log = RunLog::start(folder.path(), columns);
    for (int step = 1; step <= 7; ++step) log.row({static_cast<double>(step), 0.1 * step, none});
  }
  std::string const whole_csv = read_file(folder / "log.csv"), whole_json = read_file(folder / "log.jsonl");
  for (std::size_t cut = 0; cut <= 30; cut += 5) {                    // the program died while it wrote a row
    replace_file(folder / "log.csv", whole_csv.substr(0, whole_csv.size() - cut));
    replace_file(folder / "log.jsonl", whole_json.substr(0, whole_json.size() - 2 * cut));
    RunLog log = RunLog::resume(folder.path(), columns, 2);
    CHECK(read_log(folder.path()).rows.size() == 2);
    for (int step = 3; step <= 7; ++step) log.row({static_cast<double>(step), 0.1 * step, none});
    CHECK(read_file(folder / "log.csv") == whole_csv);
    CHECK(read_file(folder / "log.jsonl") == whole_json);
  }
}

TEST_CASE("kill -9 between rows loses none") {
  TemporaryFolder const folder;
  int const signal = afire_test::signal_of_child([&] {
    RunLog log = RunLog::start(folder.path(), columns);
    for (int step = 1; step <= 5; ++step) log.row({static_cast<double>(step), 1, none});
    raise(SIGKILL);
  });
  CHECK(signal == SIGKILL);
  CHECK(read_log(folder.path()).rows.size() == 5);
}

TEST_CASE("resuming where nothing was logged begins a log") {
  TemporaryFolder const folder;
  { RunLog log = RunLog::resume(folder.path(), columns, 10); }
  CHECK(read_log(folder.path()).rows.empty());
  { RunLog log = RunLog::resume(folder.path(), {"step", "other"}, -1); }
  CHECK(read_log(folder.path()).columns == std::vector<std::string>{"step", "other"});
}

TEST_CASE("what does not fit is said") {
  TemporaryFolder const folder;
  std::string const csv = folder / "log.csv";
  CHECK(message([&] { RunLog::start(folder.path(), {"loss"}); }) == csv + ": the first column has to be \"step\"");
  CHECK(message([&] { RunLog::start(folder.path(), {"step", "a,b"}); }) == csv + ": \"a,b\" cannot name a column");
  {
    RunLog log = RunLog::start(folder.path(), columns);
    log.row({5, 1, 2});
    CHECK(message([&] { log.row({6, 1}); }) == csv + ": 2 values for 3 columns");
    CHECK(message([&] { log.row({5, 1, 2}); }) == csv + ": step 5 after step 5");
    CHECK(message([&] { log.row({5.5, 1, 2}); }) == csv + ": step 5.5 after step 5");
    CHECK(message([&] { log.row({none, 1, 2}); }) == csv + ": step nan after step 5");
  }
  CHECK(message([&] { RunLog::start(folder.path(), columns); }) == csv + " exists: resume that run, or choose another folder");
  CHECK(message([&] { RunLog::resume(folder.path(), {"step", "loss"}, 5); }) ==
        csv + " has the columns step,loss,val_loss, but this run would write step,loss; resume with the program and options that began it");
  replace_file(csv, "step,loss\n1,2\n2,x\n");
  CHECK(message([&] { read_log(folder.path()); }) == csv + ", line 3: \"x\" is no number");
  replace_file(csv, "step,loss\n1,2,3\n");
  CHECK(message([&] { read_log(folder.path()); }) == csv + ", line 2: 3 values for 2 columns");
  replace_file(csv, "step,loss\n\n");
  CHECK(message([&] { read_log(folder.path()); }) == csv + ", line 2: 1 values for 2 columns");
}
