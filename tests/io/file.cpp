// Files: replaced whole or not at all, whatever happens on the way, and a sentence with the path for every failure.
#include <afire/io/file.hpp>
#include <afire/io/mapped.hpp>
#include <doctest/doctest.h>

#include <sys/resource.h>

#include <filesystem>

#include "tests/support/child.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary.hpp"

using namespace afire;
using afire_test::message;
using afire_test::TemporaryFolder;

namespace {

std::string words(MappedFile const& file) {
  auto const all = file.bytes();
  return std::string(reinterpret_cast<char const*>(all.data), static_cast<std::size_t>(all.size()));
}

std::vector<std::string> names(std::string const& folder) {
  std::vector<std::string> all;
  for (auto const& entry : std::filesystem::directory_iterator(folder)) all.push_back(entry.path().filename().string());
  std::sort(all.begin(), all.end());
  return all;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("what is written is read, whole and mapped") {
  TemporaryFolder const folder;
  std::string large(3'000'001, 'x');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 7 % 251);
  for (std::string const& content : {std::string(), std::string("a\0b", 3), large}) {
    replace_file(folder / "file", content);
    CHECK(read_file(folder / "file") == content);
    CHECK(words(MappedFile(folder / "file")) == content);
    CHECK(names(folder.path()) == Names{"file"});
  }
}

TEST_CASE("a mapping moves") {
  TemporaryFolder const folder;
  replace_file(folder / "a", "one");
  replace_file(folder / "b", "two");
  MappedFile a(folder / "a");
  MappedFile b(std::move(a));
  CHECK(words(b) == "one");
  b = MappedFile(folder / "b");
  CHECK(words(b) == "two");
  CHECK(words(a).empty());
}

TEST_CASE("a mapped file that is replaced keeps its old bytes") {
  TemporaryFolder const folder;
  replace_file(folder / "a", "old");
  MappedFile const before(folder / "a");
  replace_file(folder / "a", "new words");
  CHECK(words(before) == "old");
  CHECK(read_file(folder / "a") == "new words");
}

TEST_CASE("a file that is not committed never was") {
  TemporaryFolder const folder;
  replace_file(folder / "a", "before");
  {
    AtomicFile file(folder / "a");
    file.write("after", 5);
    CHECK(file.written() == 5);
    CHECK(names(folder.path()) == Names{"a", "a.partial"});
  }
  CHECK(read_file(folder / "a") == "before");
  CHECK(names(folder.path()) == Names{"a"});
}

TEST_CASE("permissions stay as they were") {
  TemporaryFolder const folder;
  replace_file(folder / "a", "1");
  std::filesystem::permissions(folder / "a", std::filesystem::perms(0640));
  replace_file(folder / "a", "2");
  CHECK(std::filesystem::status(folder / "a").permissions() == std::filesystem::perms(0640));
}

TEST_CASE("kill -9 at any moment of writing leaves the old file or the new one") {
  TemporaryFolder const folder;
  std::string const before(2'000'000, 'a'), after(4'500'000, 'b');
  auto const killed_when = [&](SaveStage stage, Index bytes) {
    replace_file(folder / "a", before);
    int const signal = afire_test::signal_of_child([&] {
      replace_file(folder / "a", after, [&](SaveStage s, Index n) { if (s == stage && n >= bytes) raise(SIGKILL); });
    });
    CHECK(signal == SIGKILL);
    return read_file(folder / "a");
  };
  for (Index const bytes : {Index{1}, Index{1'500'000}, Index{3'000'000}, Index{4'500'000}}) {
    CHECK(killed_when(SaveStage::writing, bytes) == before);
    CHECK(names(folder.path()) == Names{"a", "a.partial"});
  }
  CHECK(killed_when(SaveStage::synced, 0) == before);
  CHECK(killed_when(SaveStage::renamed, 0) == after);
  replace_file(folder / "a", "short");                           // over what the killed ones left behind
  CHECK(read_file(folder / "a") == "short");
  CHECK(names(folder.path()) == Names{"a"});
}

TEST_CASE("an error in the middle leaves the old file") {
  TemporaryFolder const folder;
  replace_file(folder / "a", "before");
  CHECK(message([&] {
          replace_file(folder / "a", "after", [](SaveStage stage, Index) { if (stage == SaveStage::synced) throw error("no more"); });
        }) == "no more");
  CHECK(read_file(folder / "a") == "before");
  CHECK(names(folder.path()) == Names{"a"});
}

TEST_CASE("a disk that is full leaves the old file and says how far it came") {
  TemporaryFolder const folder;
  replace_file(folder / "a", "before");
  std::string const note = folder / "note", large(3 << 20, 'x');
  int const signal = afire_test::signal_of_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);                                  // then a write beyond the limit fails, as on a full disk
    rlimit const limit{1536 << 10, 1536 << 10};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::string const said = message([&] { replace_file(folder / "a", large); });
    replace_file(note, said);
  });
  CHECK(signal == 0);
  CHECK(read_file(note) ==
        "cannot write " + folder.path() + "/a: File too large (after 1048576 bytes); what was there before is untouched");
  CHECK(read_file(folder / "a") == "before");
  CHECK(names(folder.path()) == Names{"a", "note"});
}

TEST_CASE("what cannot be written is said before anything is") {
  TemporaryFolder const folder;
  replace_file(folder / "a", "before");
  ensure_folder(folder / "there");
  std::string const at = folder.path();
  CHECK(message([&] { AtomicFile(at + "/no/b"); }) == "cannot write " + at + "/no/b.partial: No such file or directory");
  CHECK(message([&] { AtomicFile(at + "/a/b"); }) == "cannot write " + at + "/a/b.partial: Not a directory");
  CHECK(message([&] { AtomicFile(at + "/there"); }) == "cannot write " + at + "/there: it is not an ordinary file");
  CHECK(message([&] { AtomicFile("/dev/null"); }) == "cannot write /dev/null: it is not an ordinary file");
  if (::geteuid() != 0) {                                        // root may write everywhere
    std::filesystem::permissions(at + "/there", std::filesystem::perms(0555));
    CHECK(message([&] { AtomicFile(at + "/there/b"); }) == "cannot write " + at + "/there/b.partial: Permission denied");
  }
}

TEST_CASE("two writers of one path do not mix") {
  TemporaryFolder const folder;
  {
    AtomicFile first(folder / "a");
    first.write("first", 5);
    CHECK(message([&] { AtomicFile second(folder / "a"); }) ==
          "cannot write " + folder.path() + "/a: another program is writing " + folder.path() + "/a.partial");
    first.commit();
  }
  CHECK(read_file(folder / "a") == "first");
}

TEST_CASE("what cannot be read is said") {
  TemporaryFolder const folder;
  std::string const at = folder.path();
  CHECK(message([&] { read_file(at + "/no"); }) == "cannot read " + at + "/no: No such file or directory");
  CHECK(message([&] { read_file(at); }) == "cannot read " + at + ": Is a directory");
  CHECK(message([&] { read_file("/dev/zero", 1000); }) == "cannot read /dev/zero: it has more than 1000 bytes");
  CHECK(message([&] { MappedFile(at + "/no"); }) == "cannot read " + at + "/no: No such file or directory");
  CHECK(message([&] { MappedFile file(at); }) == "cannot read " + at + ": it is a folder");
  CHECK(message([&] { MappedFile("/dev/zero"); }) == "cannot read /dev/zero: it is not an ordinary file");
}

TEST_CASE("folders are made with those above them") {
  TemporaryFolder const folder;
  for (int again = 0; again < 2; ++again) ensure_folder(folder / "a/b//c/");
  CHECK(std::filesystem::is_directory(folder / "a/b/c"));
  CHECK_NOTHROW(ensure_folder("."));
  CHECK_NOTHROW(ensure_folder("/"));
  replace_file(folder / "file", "");
  CHECK(message([&] { ensure_folder(folder / "file/x"); }) == "cannot make the folder " + folder.path() + "/file: File exists");
  CHECK(folder_of("a") == ".");
  CHECK(folder_of("/a") == "/");
  CHECK(folder_of("a/b/c") == "a/b");
}

TEST_CASE("one program at a time in a folder, and none is shut out by one that has died") {
  TemporaryFolder const folder;
  {
    FolderLock const alone(folder.path());
    CHECK(message([&] { FolderLock second(folder.path()); }) ==
          folder.path() + ": another program is working in this folder; wait until it ends, or choose another folder");
    CHECK(names(folder.path()).empty());
  }
  CHECK(afire_test::signal_of_child([&] {
          FolderLock const alone(folder.path());
          ::raise(SIGKILL);
        }) == SIGKILL);
  CHECK_NOTHROW(FolderLock(folder.path()));
  CHECK(message([&] { FolderLock nowhere(folder / "no"); }) ==
        "cannot lock the folder " + folder.path() + "/no: No such file or directory");
}

TEST_CASE("the last few files are kept, by number and not by letters") {
  TemporaryFolder const folder;
  for (auto const* name : {"step-9.x", "step-10.x", "step-0011.x", "step-100.x", "step-100.x.partial", "step-.x", "step-1a.x", "other-1.x",
                           "step-99999999999999999999999.x"})
    replace_file(folder / name, "");
  auto const at = [&](char const* name) { return folder / name; };
  CHECK(numbered_files(folder.path(), "step-", ".x") ==
        Names{at("step-9.x"), at("step-10.x"), at("step-0011.x"), at("step-100.x"), at("step-99999999999999999999999.x")});
  keep_last(folder.path(), "step-", ".x", 2);
  CHECK(names(folder.path()) ==
        Names{"other-1.x", "step-.x", "step-100.x", "step-100.x.partial", "step-1a.x", "step-99999999999999999999999.x"});
  keep_last(folder.path(), "step-", ".x", 7);
  CHECK(numbered_files(folder.path(), "step-", ".x").size() == 2);
  CHECK(message([&] { keep_last(folder.path(), "step-", ".x", 0); }) ==
        "cannot keep the last 0 files of " + folder.path() + ": keep at least one");
  CHECK(message([&] { numbered_files(folder / "no", "", ""); }) ==
        "cannot list the folder " + folder.path() + "/no: No such file or directory");
}
