// Which films there are: CSV of any shape, conditions, folders, and everything that can be wrong with them in one sentence.
#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include <afire/core/rng.hpp>
#include <afire/data/manifest.hpp>

#include "tests/support/fixtures.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary.hpp"

using namespace afire;

namespace {

struct Csv {
  afire_test::TemporaryFolder folder;
  std::string path = folder / "films.csv";

  explicit Csv(std::string const& words) { replace_file(path, words); }

  std::vector<std::string> names(ManifestOptions const& options = {}) const {
    Manifest const manifest(path, options);
    std::vector<std::string> all;
    for (Index row = 0; row < manifest.size(); ++row) all.push_back(manifest.name(row));
    return all;
  }
  // The error without the folder.
  std::string refusal(ManifestOptions const& options = {}) const {
    auto words = afire_test::message([&] { Manifest(path, options); });
    for (auto at = words.find(folder.path() + "/"); at != words.npos; at = words.find(folder.path() + "/"))
      words.erase(at, folder.path().size() + 1);
    return words;
  }
};

using Names = std::vector<std::string>;

char const* const four = "file,patient_id,view,normal,labels\n"
                         "a.png,p1,PA,1,No Finding\n"
                         "b.png,p1,AP,0,Effusion|Mass\n"
                         "c.png,p2,AP,1,\n"
                         "d.png,p3,LL,,Mass\n";

}  // namespace

TEST_CASE("rows, columns by name, places in the file") {
  Csv const csv(four);
  Manifest const films(csv.path);
  REQUIRE(films.size() == 4);
  CHECK(films.name(1) == "b.png");
  CHECK(films.path(1) == csv.folder / "b.png");
  CHECK(films.place(1) == csv.path + ", line 3");
  CHECK(films.value(1, "labels") == "Effusion|Mass");
  CHECK(films.value(3, "normal") == "");
  CHECK(films.value(0, "Patient ID") == "p1");
  CHECK(films.patient(2) == "p2");
  CHECK(films.has("view"));
  CHECK_FALSE(films.has("age"));
  CHECK(afire_test::message([&] { films.value(0, "age"); }) ==
        csv.path + ": no column 'age'; it has file, patient_id, view, normal, labels");
}

TEST_CASE("conditions") {
  Csv const csv(four);
  CHECK(csv.names({.where = "normal=1"}) == Names{"a.png", "c.png"});
  CHECK(csv.names({.where = "normal=1,view=AP"}) == Names{"c.png"});
  CHECK(csv.names({.where = "view=PA|AP"}) == Names{"a.png", "b.png", "c.png"});
  CHECK(csv.names({.where = "view!=PA|AP"}) == Names{"d.png"});
  CHECK(csv.names({.where = "normal="}) == Names{"d.png"});
  CHECK(csv.names({.where = "normal!="}) == Names{"a.png", "b.png", "c.png"});
  CHECK(csv.names({.where = "labels=Mass"}) == Names{"b.png", "d.png"});
  CHECK(csv.names({.where = "labels!=Mass"}) == Names{"a.png", "c.png"});
  auto const labels = [&](std::string const& condition) {
    std::string all;
    for (double const l : Manifest(csv.path).labels(condition)) all += std::isnan(l) ? '?' : l == 1 ? '1' : '0';
    return all;
  };
  CHECK(labels("normal=1") == "101?");
  CHECK(labels("normal=") == "0001");
  CHECK(labels("labels=Mass,view=PA|AP") == "01?0");
  CHECK(csv.names({.where = "VIEW=LL"}) == Names{"d.png"});
  CHECK(csv.refusal({.where = "normal=2"}) ==
        "films.csv: none of its 4 films fits 'normal=2'; normal is one of (empty), 0, 1");
  CHECK(csv.refusal({.where = "normal=1,age=3"}) ==
        "where 'normal=1,age=3': films.csv has no column 'age'; it has file, patient_id, view, normal, labels");
  CHECK(csv.refusal({.where = "normal"}) == "where 'normal': 'normal' is no condition like split=train or view!=PA|AP");
  CHECK(csv.refusal({.where = "=1"}) == "where '=1': '=1' is no condition like split=train or view!=PA|AP");
  CHECK(csv.refusal({.where = "normal=1,"}) == "where 'normal=1,': '' is no condition like split=train or view!=PA|AP");
}

TEST_CASE("lines are counted as in the file, also where conditions leave some out and cells have line ends") {
  Csv const csv("file,note,x\n\na.png,\"two\nlines\",1\nb.png,,2\n\n\nc.png,,1\n");
  Manifest const films(csv.path, {.where = "x=1"});
  REQUIRE(films.size() == 2);
  CHECK(films.place(0) == csv.path + ", line 3");
  CHECK(films.place(1) == csv.path + ", line 8");
  CHECK(films.value(0, "note") == "two\nlines");
}

TEST_CASE("quotes, CRLF, byte order mark, semicolons, tabs") {
  CHECK(Csv("\xef\xbb\xbf\"file\",\"a \"\"b\"\"\"\r\n\"x,y.png\",1\r\n\"q\"\"q.png\",\"2\"").names() == Names{"x,y.png", "q\"q.png"});
  Csv const quoted("file,\"a \"\"b\"\", c\"\r\nx.png,7\r\n");
  CHECK(Manifest(quoted.path).value(0, "a \"b\", c") == "7");
  CHECK(Csv("\r\n\nfile\r\na.png\r\n\r\nb.png\r\n").names() == Names{"a.png", "b.png"});
  CHECK(Csv("file;x\na,b.png;1\n").names() == Names{"a,b.png"});
  CHECK(Csv("x\tfile\n1\ta b.png\n").names() == Names{"a b.png"});
  CHECK(Csv("file,x\na\"b.png,1\n").names() == Names{"a\"b.png"});
  CHECK(Csv("file,x\na.png,\n").names() == Names{"a.png"});
}

TEST_CASE("the column of files is guessed or given") {
  for (std::string const name : {"file", "Path", "FILENAME", "image_path", "Image Index", "img"})
    CHECK(Csv("age," + name + "\n3,a.png\n").names() == Names{"a.png"});
  CHECK(Csv("where,when\na.png,3\n").names({.file_column = "where"}) == Names{"a.png"});
  CHECK(Csv("where,when\na.png,3\n").refusal() ==
        "films.csv: no column holds the files' names; name one 'file', or say which one does. It has where, when");
  CHECK(Csv("file\na.png\n").refusal({.file_column = "image"}) == "films.csv: no column 'image'; it has file");
  CHECK(Csv("file\na.png\n").refusal({.patient_column = "id"}) == "films.csv: no column 'id'; it has file");
  Csv const own("file,id\na.png,7\n");
  CHECK(Manifest(own.path, {.patient_column = "id"}).patient(0) == "7");
  CHECK_FALSE(Manifest(own.path).has_patients());
  CHECK(Manifest(own.path).patient(0) == "");
}

TEST_CASE("what is wrong with a manifest is said in one sentence") {
  CHECK(Csv("").refusal() == "films.csv: the file is empty; a line of column names is needed");
  CHECK(Csv("\xef\xbb\xbf\n\n").refusal() == "films.csv: the file is empty; a line of column names is needed");
  CHECK(Csv("file,x\n").refusal() == "films.csv: a line of column names and no film");
  CHECK(Csv("file,x\na.png,1\nb.png\n").refusal() == "films.csv, line 3: cells: 1, in the header: 2");
  CHECK(Csv("file,x\na.png,1,2\n").refusal() == "films.csv, line 2: cells: 3, in the header: 2");
  CHECK(Csv("file,x\n\"a.png,1\nb.png,2\n").refusal() == "films.csv, line 2: a quoted cell does not end");
  CHECK(Csv("file,x\n\"a\".png,1\n").refusal() == "films.csv, line 2: something follows the quote that ends a cell");
  CHECK(Csv("file,file\na,b\n").refusal() == "films.csv, line 1: two columns are named 'file'");
  CHECK(Csv("file,x\na.png,1\n,2\n").refusal() == "films.csv, line 3: the column 'file' is empty");
  CHECK(Csv("file,x\na.png,1\nb.png,2\na.png,3\n").refusal() ==
        "films.csv, line 4: a.png is named a second time; the first is films.csv, line 2. Keep one of the two");
  CHECK(Csv("file\nx/a.png\n./x//a.png\n").refusal() ==
        "films.csv, line 3: ./x//a.png is named a second time; the first is films.csv, line 2. Keep one of the two");
  CHECK(Csv("file,x\na.png,1\na.png,3\n").names({.where = "x=3"}) == Names{"a.png"});
  CHECK(Csv(std::string("f\0i\0", 4)).refusal() == "films.csv: it has zero bytes, so it is no CSV text (save it as UTF-8)");
  CHECK(afire_test::message([] { Manifest("/nowhere/films.csv"); }) ==
        "cannot read the films of /nowhere/films.csv: No such file or directory");
}

TEST_CASE("a CSV text of any bytes is read or refused") {
  char const letters[] = {'a', ',', '"', '\n', '\r', ';', '|', '='};
  Csv csv("");
  int read = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    Draws draws(Random(i, Purpose::test));
    std::string words = "file,b\n";
    for (auto n = draws.below(24); n > 0; --n) words += letters[draws.below(sizeof letters)];
    ::unlink(csv.path.c_str());                           // a new file each time: replacing one waits for the disk
    std::ofstream(csv.path) << words;
    try {
      Manifest const films(csv.path);
      for (Index row = 0; row < films.size(); ++row) films.value(row, "b");
      ++read;
    } catch (error const&) { continue; }
  }
  CHECK(read > 20);
}

TEST_CASE("the hash follows the names and their order, and nothing else") {
  auto const hash = [](std::string const& words, std::string const& where = {}) {
    return Manifest(Csv(words).path, {.where = where}).hash();
  };
  auto const films = hash("file,x\na.png,1\nb.png,1\n");
  CHECK(films == 5785868402079252012ull);                // on every machine and in every release: checkpoints hold it
  CHECK(hash("x,path\r\n7,a.png\r\n1,\"b.png\"\r\n") == films);
  CHECK(hash("file,x\na.png,1\nc.png,2\nb.png,1\n", "x=1") == films);
  CHECK(hash("file,x\nb.png,1\na.png,1\n") != films);
  CHECK(hash("file,x\na.png,1\nb.pnh,1\n") != films);
  CHECK(hash("file,x\na.pngb.png,1\n") != films);
  CHECK(hash("file,x\na.png,1\n") != films);
}

TEST_CASE("a folder is a manifest, by name, with the folders inside it") {
  afire_test::TemporaryFolder const folder;
  for (char const* name : {"b", "b/deep", ".hidden", "empty"}) REQUIRE(::mkdir((folder / name).c_str(), 0700) == 0);
  for (char const* name : {"b/2.png", "a.JPG", "b/deep/1.jpeg", "c.png", "notes.txt", ".x.png", ".hidden/y.png", "png"})
    replace_file(folder / name, "");
  REQUIRE(::symlink("..", (folder / "b/up").c_str()) == 0);
  Manifest const films(folder.path());
  REQUIRE(films.size() == 4);
  CHECK(films.name(0) == "a.JPG");
  CHECK(films.name(1) == "b/2.png");
  CHECK(films.name(2) == "b/deep/1.jpeg");
  CHECK(films.name(3) == "c.png");
  CHECK(films.path(1) == folder / "b/2.png");
  CHECK(films.place(1) == folder.path());
  CHECK(films.left_out() == 5);
  CHECK(films.patient(1) == "");
  CHECK(Manifest(folder.path() + "/").hash() == films.hash());
  CHECK(afire_test::message([&] { Manifest(folder / "empty"); }) ==
        folder / "empty" + ": no .png or .jpg file in this folder, nor in those inside it");
  CHECK(afire_test::message([&] { Manifest(folder.path(), {.where = "a=1"}); }) ==
        "where 'a=1': " + folder.path() + " is a folder, which has no columns");
}

TEST_CASE("the manifest of the radiographs for developing works as it is") {
  auto const path = afire_test::film("manifest.csv");
  if (!path) return;
  Manifest const all(*path);
  CHECK(all.size() == 1999);
  CHECK(all.has_patients());
  CHECK(Manifest(*path, {.where = "normal=1,split=train"}).size() == 497);
  CHECK(Manifest(*path, {.where = "split=val"}).size() == 93);
  Index there = 0;
  for (Index row = 0; row < all.size(); ++row) there += file_exists(all.path(row));
  CHECK(there == 1999);
}
