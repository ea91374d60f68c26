// The report of a run: whole, in parts, and of what is no run.
#include <afire/io/file.hpp>
#include <doctest/doctest.h>
#include <examples/cli/judgement.hpp>
#include <examples/cli/report.hpp>
#include <tests/picture/well_formed.hpp>
#include <tests/support/message.hpp>
#include <tests/support/temporary.hpp>

using namespace afire;
using afire_test::count;
using afire_test::TemporaryFolder;

namespace {

constexpr Index S = 16, P = 4, L = 16, films = 3;

template <class T, int Rank>
void draw(Tensor<T, Rank>& x, std::uint64_t seed, std::uint32_t below) {
  Draws draws(Random(seed, Purpose::test));
  for (auto& v : x) v = static_cast<T>(draws.below(below));
}

cli::Judgement some_judgement(bool teacher, bool film) {
  cli::Judgement j{.step = 40, .total_steps = 40, .films = 8, .image = S, .patch = P, .width = 12, .teacher = teacher, .film = film};
  j.losses = {{"loss", 0.5}};
  j.monitors = {{"effective_rank", 3.25}, {"between_image_share", std::numeric_limits<double>::quiet_NaN()}};
  j.names = {"a <b> & \"c\"", "second", "third"};
  for (auto* x : {&j.clean, &j.seen, &j.mask}) *x = Tensor<unsigned char, 3>(films, S, S), draw(*x, 2, x == &j.mask ? 2 : 256);
  j.mean_film = Tensor<unsigned char, 2>(S, S), j.lesion = Tensor<unsigned char, 2>(films, L);
  draw(j.lesion, 3, 2);
  for (auto* x : {&j.components, &j.untrained}) *x = Tensor<unsigned char, 3>(films, L, 3), draw(*x, 4, 256);
  if (film) {
    j.restored = Tensor<unsigned char, 3>(films, S, S), draw(j.restored, 5, 256);
    j.inside = {100, 400, 225, 50}, j.whole = {64, 16, 900, 500};
    j.with_lesions = 7, j.nearer_than_seen = 6, j.nearer_than_mean = 5;
  }
  if (teacher) {
    j.prototypes = 6, j.prototype = Tensor<int, 2>(films, L), draw(j.prototype, 6, 6);
    j.by_prototype = Tensor<unsigned char, 3>(films, L, 3), draw(j.by_prototype, 7, 256);
  }
  j.ratio[0] = 0.5, j.ratio[1] = 0.25, j.ratio[2] = 0.125;
  j.queries = {{0, 5, {{1, 6, 0.9}, {2, 5, 0.8}}}};
  return j;
}

void add_anatomy(cli::Judgement& j) {
  j.region_names = {"lung", "heart"};
  j.regions = Tensor<unsigned char, 3>(films, S, S), draw(j.regions, 8, 2);
  j.anatomy = {.regions = {"lung", "heart"}, .tokens = {60, 30}, .bank_films = 4, .query_films = 4, .bank = 80, .queries = 90,
               .contested = 40};
  for (auto const* name : {"tokens", "tokens before training", "pixels of the patch", "place alone"})
    j.anatomy.features.push_back({name, {0.8, 0.75, 0.85}, {0.7, 0.65, 0.75}, 0.8, 0.7, 0.4, {0.1, 0.05, 0.15}, {0.9, 0.6}});
}

void write_log(TemporaryFolder const& run, Index steps, bool contrast) {
  std::string log = contrast
                        ? "step,epoch,target_entropy,contrast,kl,restoration,loss,lr,gradient_norm,waiting,films_per_second,effective_rank,"
                          "between_image_share,prototypes_used,perplexity,perplexity_here,error_inside,error_inside_copied,"
                          "error_inside_mean_film,error_whole,val_loss\n"
                        : "step,epoch,restoration,loss,lr\n";
  for (Index s = 1; s <= steps; ++s) {
    double const loss = 1.0 / static_cast<double>(s);
    log += contrast ? text(s, ",0,2.5,", 2.5 + loss, ",", loss, ",", loss, ",", 3 * loss, ",0.001,", loss, ",0.01,50,",
                           s % 10 == 0 ? "5,0.5,1,6,3,100,400,225,64,2\n" : ",,,,,,,,,\n")
                    : text(s, ",0,", loss, ",", loss, ",0.001\n");
  }
  replace_file(run / "log.csv", log);
}

std::string report_of(TemporaryFolder const& run) {
  cli::write_report(run.path());
  return read_file(run / "report.html");
}

bool mentions(std::string const& page, char const* words) { return page.find(words) != page.npos; }

}  // namespace

TEST_CASE("the report of a whole run is one well-formed page that needs nothing beside it") {
  TemporaryFolder const run;
  auto j = some_judgement(true, true);
  add_anatomy(j);
  save(j, run.path());
  write_log(run, 40, true);
  replace_file(run / "config.json", R"({"epochs": 4, "batch": 8, "films": "a<b.csv", "scale-lr": true, "lr": 0.001})");
  replace_file(run / "data.json", R"({"training": {"films": 80, "normal": {"1": 80}}})");
  replace_file(run / "build.json", R"({"compiler": "g++", "libraries": {"onednn": null}})");
  std::string const page = report_of(run);
  CHECK(afire_test::problem_with(page) == "");
  for (auto const* from_elsewhere : {"http:", "https:", "<script", "<link", "url(",
                                     "src=\"pictures"}) CHECK_FALSE(mentions(page, from_elsewhere));
  CHECK(mentions(page, "AFiRe on 80 films"));
  CHECK(mentions(page, "a &lt;b&gt; &amp;"));
  CHECK(mentions(page, "better than both answers"));
  CHECK(mentions(page, ">10.0</td>"));                     // root of 100: inside the lesions
  CHECK(mentions(page, "10.0 points (95 % interval 5.0 to 15.0)"));
  CHECK(mentions(page, "libraries / onednn"));
  CHECK(count(page, "<figure id=") == count(page, "<figcaption><b>Figure"));       // a sentence with each picture
  CHECK(count(page, "<figure id=") >= 9);
  for (auto const* drawn : {"restoration_loss.svg", "kl.svg", "effective_rank.svg", "perplexity.svg", "error_inside.svg", "anatomy.svg"})
    CHECK_MESSAGE(file_exists(run / std::string("pictures/") + drawn), drawn);
#ifdef AFIRE_HAVE_PNG
  CHECK(count(page, "data:image/png;base64,") == 3 * 5 + 3 * 5 + 3);              // restoration, tokens, matches
  for (auto const* film : {"restoration.png", "tokens.png", "matches.png"})
    CHECK_MESSAGE(read_file(run / std::string("pictures/") + film).starts_with("\x89PNG"), film);
#else
  CHECK(mentions(page, "without libpng"));
#endif

  write_log(run, 40, true);
  CHECK(report_of(run) == page);                           // made again from the same files it is the same
}

TEST_CASE("the report of a run without a teacher, or without a decoder, says so and shows the rest") {
  TemporaryFolder const alone, contrast;
  save(some_judgement(false, true), alone.path());
  write_log(alone, 40, false);
  std::string const restored = report_of(alone);
  CHECK(afire_test::problem_with(restored) == "");
  CHECK(mentions(restored, "Restoration without a teacher"));
  CHECK_FALSE(mentions(restored, "prototype"));
  CHECK_FALSE(mentions(restored, "above the entropy"));
  CHECK_FALSE(mentions(restored, "n/a"));

  save(some_judgement(true, false), contrast.path());
  std::string const scored = report_of(contrast);
  CHECK(afire_test::problem_with(scored) == "");
  CHECK(mentions(scored, "no decoder"));
  CHECK(mentions(scored, "There is no step in the log yet"));
  CHECK(mentions(scored, "There is no <code>config.json</code>"));
  CHECK_FALSE(mentions(scored, "n/a"));
}

TEST_CASE("the report of a run that was stopped after one step, before anything was judged") {
  TemporaryFolder const run;
  write_log(run, 1, true);
  replace_file(run / "config.json", R"({"epochs": 4, "batch": 8, "accumulate": 1, "width": 128, "patch": 8, "image": 96})");
  replace_file(run / "data.json", R"({"training": {"films": 80}})");
  std::string const page = report_of(run);
  CHECK(afire_test::problem_with(page) == "");
  CHECK(mentions(page, "1 step of 40: the run is not finished"));
  CHECK(mentions(page, "has not been judged"));
  CHECK(mentions(page, "loss of the only step"));
  CHECK_FALSE(mentions(page, "n/a"));
}

TEST_CASE("a judgement comes back from its files as it was") {
  TemporaryFolder const run;
  auto j = some_judgement(true, true);
  add_anatomy(j);
  save(j, run.path());
  auto const back = cli::load_judgement(run.path());
  REQUIRE(back);
  CHECK(back->step == 40);
  CHECK(back->teacher);
  CHECK(back->names == j.names);
  CHECK(back->inside.copied == 400);
  CHECK(back->monitors[0] == j.monitors[0]);
  CHECK(std::isnan(back->monitors[1].second));
  CHECK(back->queries[0].matches[1].place == 5);
  CHECK(back->anatomy.features[3].recall == std::vector<double>{0.9, 0.6});
  CHECK(std::equal(j.by_prototype.begin(), j.by_prototype.end(), back->by_prototype.begin(), back->by_prototype.end()));
  CHECK(std::equal(j.regions.begin(), j.regions.end(), back->regions.begin(), back->regions.end()));
  CHECK_FALSE(cli::load_judgement(run / "elsewhere"));
}

TEST_CASE("files that do not belong together, or to no run, are an error that names them") {
  TemporaryFolder const run;
  std::string const empty = afire_test::message([&] { cli::write_report(run.path()); });
  CHECK(empty.find(run.path()) != empty.npos);
  CHECK(empty.find("holds no run") != empty.npos);

  save(some_judgement(true, true), run.path());
  std::string const numbers = read_file(run / "judgement.json");
  auto const changed = [&](std::string const& from, std::string const& to) {
    std::string words = numbers;
    auto const at = words.find(from);
    REQUIRE(at != words.npos);
    replace_file(run / "judgement.json", words.replace(at, from.size(), to));
    std::string const what = afire_test::message([&] { cli::write_report(run.path()); });
    CHECK(what.find("judgement.json") != what.npos);
    return what;
  };
  CHECK(changed("\"step\": 40", "\"step\": 41").find("step") != std::string::npos);
  CHECK(changed("\"image\": 16", "\"image\": 24").find("shape") != std::string::npos);
  CHECK(changed("\"place\": 6", "\"place\": 16").find("token 16") != std::string::npos);
  CHECK(changed("\"teacher\": true", "\"teacher\": 3").find("true or false") != std::string::npos);
}
