/// Verify against the dumps: every document of the source comes back byte for byte, or is named.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "testing/verify_testing.h"

namespace outro {
namespace {

using testing::day_one;
using testing::dump;
using testing::read_bytes;
using testing::verify;
using testing::zstd_frame;
namespace fs = std::filesystem;

TEST_F(verify, calls_a_delta_safe_against_both_its_sources) {
  const auto visited = [](int n) {
    return dump("same", day_one, R"("profile":{"visits":)" + std::to_string(n) + "}");
  };
  const auto first =
      write("1.ndjson", accounts(0, 10) + visited(1) + "\n" + dump("older", day_one + 9) + "\n");
  ASSERT_EQ(run(options({first})), 0);
  const auto second =
      write("2.ndjson", visited(2) + "\n" + visited(1) + "\n" + dump("older", day_one, R"("comments":[1])") +
                            "\n" + accounts(10, 12));
  ASSERT_EQ(run(options({second})), 0);
  const auto r = verify_out({first, second});
  expect_safe(r);
  // The same bytes came in both runs: the last row decides what they are called.
  EXPECT_EQ(r->against->by_outcome, (std::array<std::uint64_t, 3>{14, 3, 0}));
  EXPECT_EQ(r->against->volatile_only, 1U);
  EXPECT_NE(text_of(r).find("1 document differs from its archive in volatile values only"), std::string::npos)
      << text_of(r);
  EXPECT_EQ(r->against->unmatched, 0U);
  // What an unchanged document rests on must be there.
  change_ledger_and_reseal("UPDATE documents SET content = zeroblob(16) WHERE run = 1 AND account = 'same'");
  expect_damaged(verify_out(), "no earlier run has such an archive");
}

TEST_F(verify, counts_the_documents_of_all_runs_that_the_dumps_do_not_hold) {
  ASSERT_EQ(run(options({write("1.ndjson", accounts(0, 10))})), 0);
  const auto second = write("2.ndjson", accounts(10, 12));
  ASSERT_EQ(run(options({second})), 0);
  const auto r = verify_out({second});
  expect_safe(r);
  EXPECT_EQ(r->against->unmatched, 10U);
}

TEST_F(verify, compares_the_dumps_byte_for_byte_whatever_their_form) {
  const auto input = make_export();
  const auto r = verify_out({input});
  expect_safe(r);
  EXPECT_EQ(r->against->by_outcome[0], 40U);
  EXPECT_EQ(r->against->unmatched, 0U);
  const auto text = read_bytes(input);
  write("dir/a.zst", zstd_frame(text));
  write("dir/b.ndjson", text.substr(0, text.find('\n') + 1));  // a document twice is fine
  const auto again = verify_out({(folder / "dir").string()});
  expect_safe(again);
  EXPECT_EQ(again->against->documents, 41U);
}

TEST_F(verify, finds_a_dump_that_is_not_in_the_ledger) {
  const auto input = make_export();
  const auto more = write("more.ndjson", "\n" + dump("stranger", day_one) + "\n");
  const auto r = verify_out({input, more});
  ASSERT_TRUE(r) << text_of(r);
  EXPECT_EQ(r->exit_code, 3) << text_of(r);
  EXPECT_EQ(r->against->lost, 1U);
  EXPECT_NE(text_of(r).find("more.ndjson, line 2, account stranger: the ledger has no such document"),
            std::string::npos)
      << text_of(r);
}

TEST_F(verify, finds_a_dump_that_changed) {
  const auto input = make_export();
  auto text = read_bytes(input);
  text[text.find("Track 3") + 6] = '9';
  testing::write_bytes(input, text);
  const auto r = verify_out({input});
  ASSERT_TRUE(r) << text_of(r);
  EXPECT_EQ(r->exit_code, 3) << text_of(r);
  EXPECT_EQ(r->against->lost, 1U);
  EXPECT_EQ(r->against->by_outcome[0], 39U);
  EXPECT_NE(text_of(r).find("1 document of all runs is not in these dumps"), std::string::npos) << text_of(r);
}

TEST_F(verify, finds_a_dump_without_its_dead_letter) {
  const auto input = make_export(true);
  const auto r = verify_out({input}, true);
  expect_safe(r);
  EXPECT_EQ(r->against->by_outcome[2], 1U);
  const auto other = verify_out({write("other.ndjson", "{\"userId\":3,}\n")}, true);
  ASSERT_TRUE(other) << text_of(other);
  EXPECT_EQ(other->against->lost, 1U) << text_of(other);
}

TEST_F(verify, compares_redacted_and_too_long_documents) {
  const auto secret = dump("secret", day_one, R"("profile":{"nickName":"n","password":"p","token":"t"})");
  const std::string huge = R"({"userId":"h","x":")" + std::string(20U << 20, 'x') + "\"}";
  const auto input = write("in.ndjson", secret + "\n" + huge + "\n" + accounts(0, 3));
  auto o = options({input});
  o.max_document = 1U << 20;
  ASSERT_EQ(run(o), 3);
  const auto r = verify_out({input}, true);
  expect_safe(r);
  EXPECT_EQ(r->against->by_outcome, (std::array<std::uint64_t, 3>{4, 0, 1}));
  EXPECT_EQ(r->against->unmatched, 0U);
}

/// Two texts of one XXH3-128, as long as asked for, of which no layout can make a dump (cf.
/// tests/account/content_digest_test.cpp).
std::pair<std::string, std::string> of_one_xxh3(std::size_t length) {
  const auto text = [&](const char* first, const char* second) {
    std::string message(length, 'x');
    message.replace(1020, 5, first).replace(1084, 5, second);
    return R"({"userId":7,"comments":[{"message":")" + message + R"("}],})";
  };
  return {text(" @@@a", "icvsc"), text(" @@@c", "icvsa")};
}

TEST_F(verify, tells_dead_letters_of_one_digest_apart) {
  const auto [a, b] = of_one_xxh3(2048);
  ASSERT_EQ(digest_of(a), digest_of(b)) << "they are no longer what they were made for";
  const auto both = write("in.ndjson", a + "\n" + b + "\n" + a + "\n");
  ASSERT_EQ(run(options({both})), 3);
  const auto r = verify_out({both}, true);
  expect_safe(r);
  EXPECT_EQ(r->against->by_outcome, (std::array<std::uint64_t, 3>{0, 0, 3}));
  // Every letter was found, the equal ones too.
  EXPECT_EQ(r->against->unmatched, 0U);
  const auto one = verify_out({write("a.ndjson", a + "\n")}, true);
  expect_safe(one);
  EXPECT_EQ(one->against->unmatched, 1U);
}

TEST_F(verify, does_not_take_a_too_long_document_for_another_of_its_digest) {
  constexpr std::size_t too_long = 2U << 20;
  const auto [a, b] = of_one_xxh3(too_long);
  ASSERT_EQ(digest_of(a), digest_of(b)) << "they are no longer what they were made for";
  const auto kept = write("a.ndjson", a + "\n");
  auto o = options({kept});
  o.max_document = 1U << 20;
  ASSERT_EQ(run(o), 3);
  expect_safe(verify_out({kept}, true));
  const auto other = verify_out({write("b.ndjson", b + "\n")}, true);
  ASSERT_TRUE(other) << text_of(other);
  EXPECT_EQ(other->exit_code, 3) << text_of(other);
  EXPECT_EQ(other->against->lost, 1U) << text_of(other);
}

TEST_F(verify, leaves_out_what_an_export_leaves_out_and_says_so) {
  write("in/a.ndjson", accounts(0, 3));
  write("in/.b.ndjson", accounts(3, 6));
  write("in/_part/c.ndjson", accounts(6, 9));
  const auto in = (folder / "in").string();
  ASSERT_EQ(run(options({in})), 0) << last.failure.message;
  EXPECT_NE(summary.find("left out      2 files or folders"), std::string::npos) << summary;
  const auto r = verify_out({in});
  expect_safe(r);
  EXPECT_EQ(r->against->documents, 3U);
  EXPECT_EQ(r->against->hidden.count, 2U);
  EXPECT_NE(text_of(r).find("Note: not compared, as an export leaves them out: 2 files or folders"),
            std::string::npos)
      << text_of(r);
  EXPECT_NE(text_of(r).find("in/.b.ndjson, "), std::string::npos) << text_of(r);
  // Named itself, it is read by both.
  const auto hidden = (folder / "in/.b.ndjson").string();
  EXPECT_EQ(verify_out({hidden})->against->lost, 3U);
  ASSERT_EQ(run(options({hidden})), 0) << last.failure.message;
  expect_safe(verify_out({in, hidden}));
}

TEST_F(verify, calls_damaged_what_an_export_calls_damaged) {
  write("in/a.ndjson", accounts(0, 3));
  const auto in = (folder / "in").string();
  ASSERT_EQ(run(options({in})), 0) << last.failure.message;
  for (const char* name : {"in/b.ndjson.zst", "in/b.ndjson.gz"}) {
    const auto empty = write(name, "");
    const auto r = verify_out({in});
    ASSERT_TRUE(r) << text_of(r);
    EXPECT_EQ(r->exit_code, 3) << text_of(r);
    EXPECT_NE(text_of(r).find("not such a file from its first byte on"), std::string::npos) << text_of(r);
    fs::remove(empty);
  }
  expect_safe(verify_out({in}));
}

TEST_F(verify, finds_a_dump_that_is_cut_at_a_lines_end_while_it_is_compared) {
  const auto text = accounts(0, 3);
  const auto in = write("in.ndjson", text);
  const auto piped = dump("piped", day_one) + "\n";
  ASSERT_EQ(run(options({in, write("piped.ndjson", piped)})), 0) << last.failure.message;
  // The pipe keeps verify from reading the other shard until that is cut.
  const auto pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread cutter([&] {
    std::ofstream into(pipe, std::ios::binary);
    fs::resize_file(in, text.find('\n') + 1);
    into << piped;
  });
  verify_options o;
  o.out = out();
  o.against = {pipe.string(), in};
  o.threads = 1;
  o.quiet = true;
  const auto r = run_verify(o);
  cutter.join();
  ASSERT_TRUE(r) << text_of(r);
  EXPECT_EQ(r->exit_code, 3) << text_of(r);
  EXPECT_EQ(r->against->lost, 0U);
  EXPECT_NE(text_of(r).find("CHANGED: "), std::string::npos) << text_of(r);
}

TEST_F(verify, refuses_dumps_that_hold_the_output) {
  make_export();
  const auto r = verify_out({folder.string()});
  ASSERT_FALSE(r);
  EXPECT_NE(r.error().message.find("lies inside the dumps"), std::string::npos) << r.error().message;
}

TEST_F(verify, compares_with_little_memory) {
  const auto input =
      write("in.ndjson", accounts(0, 50) + dump("huge", day_one, {}, 200'000) + "\n" + accounts(50, 2000));
  ASSERT_EQ(run(options({input})), 0);
  verify_options o;
  o.out = out();
  o.against = {input};
  o.threads = 3;
  o.memory = 90U << 20;
  o.quiet = true;
  expect_safe(run_verify(o));
}

TEST_F(verify, refuses_a_layout_that_the_export_did_not_use) {
  const auto input = make_export();
  verify_options o;
  o.out = out();
  o.against = {input};
  o.layout =
      write("other.toml",
            "format = \"outro-layout/1\"\nservice = \"xiami\"\n[account]\nid = \"userId\"\n[track]\npaths = "
            "[\"playLog[].song\"]\nid = \"songId\"\ntitle = \"songName\"\n");
  o.quiet = true;
  const auto r = run_verify(o);
  ASSERT_FALSE(r);
  EXPECT_EQ(exit_code_of(r.error()), 2) << r.error().message;
  EXPECT_NE(r.error().message.find("no run in"), std::string::npos) << r.error().message;
}

}  // namespace
}  // namespace outro
