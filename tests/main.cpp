// The main of every test program, and the count that `./run test` adds up. A case is skipped if it says MESSAGE("skipped: why").
#define DOCTEST_CONFIG_IMPLEMENT
#include <cstdio>
#include <cstring>
#include <doctest/doctest.h>

namespace {

int passed = 0, failed = 0, skipped = 0;

struct Count : doctest::IReporter {
  bool skip = false;

  explicit Count(doctest::ContextOptions const&) {}
  void test_case_start(doctest::TestCaseData const&) override { skip = false; }
  void log_message(doctest::MessageData const& message) override {
    skip = skip || std::strncmp(message.m_string.c_str(), "skipped", 7) == 0;
  }
  void test_case_end(doctest::CurrentTestCaseStats const& now) override { ++(now.testCaseSuccess ? skip ? skipped : passed : failed); }
  void test_run_end(doctest::TestRunStats const&) override {
    std::printf("afire-test: %d passed, %d failed, %d skipped\n", passed, failed, skipped);
  }

  void report_query(doctest::QueryData const&) override {}
  void test_run_start() override {}
  void test_case_reenter(doctest::TestCaseData const&) override {}
  void test_case_exception(doctest::TestCaseException const&) override {}
  void subcase_start(doctest::SubcaseSignature const&) override {}
  void subcase_end() override {}
  void log_assert(doctest::AssertData const&) override {}
  void test_case_skipped(doctest::TestCaseData const&) override {}
};

REGISTER_LISTENER("count", 1, Count);

}  // namespace

int main(int argc, char** argv) {
  doctest::Context context(argc, argv);
  int const code = context.run();
  if (context.shouldExit()) return code;                       // a question such as --list-test-cases
  if (passed + failed + skipped == 0) {
    std::puts("no test case matched");
    return 1;
  }
  return code == 0 && passed == 0 ? 77 : code;                 // 77: ctest's "skipped"
}
