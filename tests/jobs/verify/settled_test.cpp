/// A dead letter is settled once an archive gives its document back, and by nothing less.
#include <gtest/gtest.h>

#include "base/digest.h"
#include "testing/verify_testing.h"

namespace outro::testing {
namespace {

constexpr std::uint64_t too_short = 2048;  // for the documents here, which are longer
const std::string long_text = R"("comments":[{"message":")" + std::string(3000, 'x') + R"("}])";

/// A run that takes no document above `too_short`.
export_options short_run(export_options o) {
  o.max_document = too_short;
  return o;
}

TEST_F(verify, settles_a_dead_letter_once_its_bytes_are_archived) {
  const auto input =
      write("in.ndjson", dump("a", day_one, long_text) + "\n" + dump("b", day_one) + "\n" +
                             dump("c", day_one, long_text + R"(,"profile":{"password":"p"})") + "\n");
  ASSERT_EQ(run(short_run(options({input}))), 3);
  EXPECT_EQ(verify_out()->settled_letters, 0U);
  ASSERT_EQ(run(options({input})), 0) << last.failure.message;
  const auto r = verify_out();
  expect_safe(r);
  EXPECT_EQ(r->settled_letters, 2U);
  EXPECT_NE(text_of(r).find("2 dead letters are settled"), std::string::npos) << text_of(r);
}

TEST_F(verify, settles_none_while_one_is_in_no_archive) {
  const auto a = dump("a", day_one, long_text) + "\n";
  ASSERT_EQ(run(short_run(options({write("in.ndjson", a + dump("b", day_one, long_text) + "\n")}))), 3);
  ASSERT_EQ(run(options({write("a.ndjson", a)})), 0) << last.failure.message;
  const auto r = verify_out();
  ASSERT_TRUE(r) << text_of(r);
  EXPECT_EQ(r->exit_code, 3) << text_of(r);
  EXPECT_EQ(r->settled_letters, 1U);
  EXPECT_NE(text_of(r).find("no (1 document is kept as a dead letter"), std::string::npos) << text_of(r);
}

/// Cf. tests/account/content_digest_test.cpp.
TEST_F(verify, settles_none_by_a_forged_digest) {
  const auto text = [](const char* first, const char* second) {
    std::string message(3000, 'x');
    message.replace(1020, 5, first).replace(1084, 5, second);
    return R"({"userId":7,"comments":[{"message":")" + message + R"("}]})";
  };
  const auto a = text(" @@@a", "icvsc"), b = text(" @@@c", "icvsa");
  ASSERT_EQ(digest_of(a), digest_of(b)) << "they are no longer what they were made for";
  ASSERT_EQ(run(short_run(options({write("a.ndjson", a + "\n")}))), 3);
  ASSERT_EQ(run(options({write("b.ndjson", b + "\n")})), 0) << last.failure.message;
  EXPECT_EQ(verify_out()->settled_letters, 0U);
  ASSERT_EQ(run(options({write("a2.ndjson", a + "\n")})), 0) << last.failure.message;
  EXPECT_EQ(verify_out()->settled_letters, 1U);
}

TEST_F(verify, settles_none_while_a_run_is_open) {
  const auto input = write("in.ndjson", dump("a", day_one, long_text) + "\n");
  ASSERT_EQ(run(short_run(options({input}))), 3);
  ASSERT_EQ(run(options({input})), 0) << last.failure.message;
  change_ledger("UPDATE runs SET state = 'planned', finished_ms = NULL WHERE run = 2");
  fs::remove(out() / "SHA256SUMS");
  const auto r = verify_out();
  ASSERT_TRUE(r) << text_of(r);
  EXPECT_EQ(r->settled_letters, 0U);
  EXPECT_EQ(r->exit_code, 3) << text_of(r);
}

}  // namespace
}  // namespace outro::testing
