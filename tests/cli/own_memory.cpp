// The program on a backend whose memory the host cannot touch (tests/support/guarded.hpp): what it asks of a GPU, on the CPU.
#include <afire/train/fit.hpp>
#include <doctest/doctest.h>
#include <examples/cli/commands.hpp>
#include <examples/cli/features.hpp>
#include <examples/cli/fixture_trajectory.hpp>
#include <examples/cli/gpu.hpp>
#include <examples/cli/train.hpp>

#include "tests/support/fixtures.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/temporary.hpp"

using namespace afire;
using namespace afire::cli;
using namespace afire_test;

namespace {

template <class B>
Composition small_composition(char const* backend) {
  Composition c = composition<B, float>(backend, "f32");
  c.variant = "own memory";
  return c;
}

Settings small(std::string const& out) {
  Settings s;
  s.phantom = 24, s.validation_phantom = 8, s.image = 32, s.patch = 8, s.width = 24, s.depth = 2, s.heads = 2;
  s.decoder_width = 24, s.decoder_depth = 1, s.decoder_heads = 2, s.head_hidden = 32, s.head_out = 16, s.prototypes = 8;
  s.batch = 8, s.epochs = 2, s.monitor_films = 8, s.threads = 1, s.cache_mib = 16;
  s.out = out;
  return s;
}

}  // namespace

TEST_CASE("on memory of its own: checkpoints, judgement and embedding are the host's, and either goes on with the other's run") {
  TemporaryFolder const folder;
  Composition const host = small_composition<Reference>("reference"), own = small_composition<Guarded>("guarded");
  Outcome const a = train(small(folder / "host"), 0, &host), b = train(small(folder / "own"), 0, &own);
  REQUIRE(a.finished);
  std::string const last = checkpoint_name("", 6);
  CHECK(read_file(folder / "own" + last) == read_file(folder / "host" + last));
  CHECK(read_file(folder / "own" + "/best.safetensors") == read_file(folder / "host" + "/best.safetensors"));
  CHECK(read_file(folder / "own" + "/judgement.json") == read_file(folder / "host" + "/judgement.json"));
  CHECK(read_file(folder / "own" + "/judgement.safetensors") == read_file(folder / "host" + "/judgement.safetensors"));
  CHECK(b.summary == a.summary);

  Settings painted = small(folder / "painted");
  painted.lesions = "device";
  CHECK(train(painted, 0, &own).summary == a.summary);
  CHECK(read_file(folder / "painted" + last) == read_file(folder / "host" + last));

  Settings turns = small(folder / "turns");
  turns.steps = 2;
  train(turns, 0, &host);
  turns.resume = "auto", turns.steps = 5;
  train(turns, 0, &own);
  turns.steps = 0;
  train(turns, 0, &host);
  CHECK(read_file(folder / "turns" + last) == read_file(folder / "host" + last));

  Settings from = small(folder / "from");
  from.init = folder / "host" + last, from.steps = 1;
  Settings again = from;
  again.out = folder / "from2";
  train(from, 0, &host), train(again, 0, &own);
  CHECK(read_file(folder / "from" + checkpoint_name("", 1)) == read_file(folder / "from2" + checkpoint_name("", 1)));

  SafetensorsFile const file(folder / "host" + last);
  Weights const weights = [&](std::string const& name, View<float, 1> to) { file.read("teacher.encoder." + name, to); };
  Tensor<unsigned char, 3> films(8, 32, 32);
  for (Index i = 0; i < films.size(); ++i) films.data()[i] = static_cast<unsigned char>(i * i % 251);
  Tensor<float, 3> want(8, 17, 24), got(8, 17, 24);
  for (auto const& w : {weights, Weights{}}) {
    host.encoder(small(""), w)(films.view(), want.view());
    own.encoder(small(""), w)(films.view(), got.view());
    CHECK(std::equal(got.begin(), got.end(), want.begin()));
  }
}

TEST_CASE("on memory of its own: the probes and neighbours that evaluate asks for are the host's") {
  Index const N = 60;
  Tensor<float, 2> x(N, 5);
  std::vector<double> label;
  std::vector<std::string> patient;
  std::vector<Index> rows;
  Draws draw(Random(1, Purpose::test));
  for (float& v : x) v = static_cast<float>(draw.normal());
  for (Index n = 0; n < N; ++n) label.push_back(x(n, 2) > 0), patient.push_back(std::to_string(n)), rows.push_back(n);
  CHECK(!small_composition<Reference>("reference").few_labels);
  Random const random(5, Purpose::probe);
  LabelledFeatures const train{x, label, patient};
  auto const got = small_composition<Guarded>("guarded").few_labels(small(""), train, rows, x, random, 7);
  auto const want = few_labels(train, rows, x, random, 7);
  CHECK(got.C == want.C);
  CHECK(got.neighbours == want.neighbours);
  for (std::size_t m = 0; m < want.linear.size(); ++m) CHECK(got.linear[m] == doctest::Approx(want.linear[m]).epsilon(1e-8));
}

TEST_CASE("verify on memory of its own gives the host's numbers") {
  for (auto const& name : {"afire_step_mini.safetensors", "afire_trajectory_sgd.safetensors"}) {
    auto const path = fixture(name);
    if (!path) return;
    SafetensorsFile const file(*path);
    auto const want = compare_fixture<Reference, float>(file, {}), got = compare_fixture<Guarded, float>(file, {});
    REQUIRE(got.size() == want.size());
    for (std::size_t i = 0; i < want.size(); ++i) {
      CHECK(got[i].d.name == want[i].d.name);
      CHECK_MESSAGE(got[i].d.got == want[i].d.got, want[i].d.name);
      CHECK_MESSAGE(got[i].d.worst == want[i].d.worst, want[i].d.name);
    }
  }
}

TEST_CASE("a plan that a GPU has no room for is refused with what is needed for what, and the batch that would fit") {
  Settings s = small("");
  s.batch = 64, s.dtype = "f32";
  CHECK_NOTHROW(expect_room(s, {.name = "a large one", .memory_mib = 80000, .free_mib = 79000}));
  std::string said;
  try {
    expect_room(s, {.name = "a small one", .memory_mib = 12, .free_mib = 8});
  } catch (error const& e) { said = e.what(); }
  CHECK(said.starts_with("not enough memory on device 0, a small one: 8 of 12 MiB are free, "));
  CHECK(said.find(" for weights and optimizer, ") != said.npos);
  auto const at = said.find("--batch ");
  REQUIRE(at != said.npos);
  Settings fits = s;
  fits.batch = std::stol(said.substr(at + 8));
  CHECK(fits.batch < 64);
  CHECK_NOTHROW(expect_room(fits, {.name = "a small one", .memory_mib = 12, .free_mib = 8}));
  ++fits.batch;
  CHECK_THROWS_AS(expect_room(fits, {.name = "a small one", .memory_mib = 12, .free_mib = 8}), error);
  CHECK_THROWS_WITH(expect_room(s, {.name = "none", .memory_mib = 1, .free_mib = 0}), doctest::Contains("use a smaller model"));
}
