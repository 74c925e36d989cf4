/// What a worker makes of documents: in one step, or walked first and archived once the ledger was asked.
#include "jobs/export/worker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "frame/framer.h"
#include "testing/export_testing.h"
#include "testing/reading.h"

namespace outro {
namespace {

using testing::day_one;
using testing::dump;
using testing::xiami;

/// The documents, a line each, as one block.
block block_of(const std::vector<std::string>& documents) {
  std::string lines;
  for (const auto& d : documents) lines += d + "\n";
  framer f({.slice_bytes = 1U << 30, .block_bytes = 1U << 30});
  std::memcpy(f.room(lines.size()).data(), lines.data(), lines.size());
  f.filled(lines.size());
  f.end_shard({}, lines.size());
  f.end_unit();
  auto blocks = f.take();
  EXPECT_EQ(blocks.size(), 1U);
  return std::move(blocks.front());
}

/// Some of everything: tracks that repeat, secrets in several places, and what cannot be exported.
std::vector<std::string> some_documents() {
  return {
      dump("a", day_one, {}, 30),
      dump("b", day_one + 1, R"("password":"secret","profile":{"accessToken":{"x":[1]},"nickName":"n"})", 30),
      R"({"userId":"c","collects":[{"collectName":"mix","refreshToken":"t","songs":[)"
      R"({"song":{"songId":1,"songName":"One","password":2}},{"song":{"songId":1,"songName":"One","password":2}}]}]})",
      "{\"userId\":1,}",
      "[1]",
      dump("d", 1),  // a date before all services
      R"({"nobody":1})",
      dump("e", day_one, R"("comments":[{"message":"\ud800 and =1+1"}])", 3),
      std::string("{\"userId\":\"f\",\"x\":\"\xff\"}"),
      dump("g", day_one, R"("password":")" + std::string(100'000, 's') + R"(")", 200),
      "{}",
  };
}

worker a_worker() {
  worker_settings settings;
  settings.limits.latest_ms = testing::some_time;
  settings.recipe_id = "0123";
  settings.catalogue = true;
  return {xiami(), settings, std::make_shared<track_memory>(track_memory_sizes{})};
}

struct timed {
  stage_times times{};
  stage_clock clock{times};
};

block_result in_one_step(worker& w, const block& input, const std::vector<bool>& crashing = {}) {
  timed t;
  return w.archive(input, t.clock, crashing);
}

block_result in_two_steps(worker& w, const block& input, const std::vector<bool>& crashing = {}) {
  timed t;
  const auto walked = w.walk(input, t.clock, crashing);
  return w.archive(input, walked, std::vector<std::optional<known_archive>>(walked.size()), t.clock);
}

void expect_same(const block_result& a, const block_result& b) {
  EXPECT_TRUE(a.archives.view() == b.archives.view());
  EXPECT_TRUE(a.letters.view() == b.letters.view());
  EXPECT_EQ(a.documents, b.documents);
  EXPECT_EQ(a.frames, b.frames);
  EXPECT_EQ(a.totals, b.totals);
  EXPECT_EQ(a.catalogue.documents, b.catalogue.documents);
  EXPECT_EQ(a.catalogue.uses, b.catalogue.uses);
  EXPECT_EQ(a.catalogue.lists, b.catalogue.lists);
  EXPECT_EQ(a.catalogue.text, b.catalogue.text);
  EXPECT_EQ(a.catalogue.described.size(), b.catalogue.described.size());
}

TEST(worker, makes_the_same_of_documents_in_two_steps_as_in_one) {
  const auto input = block_of(some_documents());
  auto once = a_worker(), twice = a_worker();
  const auto expected = in_one_step(once, input);
  ASSERT_EQ(expected.documents.size(), some_documents().size());
  EXPECT_EQ(expected.frames.size(), 5U);
  EXPECT_GT(expected.catalogue.uses, 0U);
  expect_same(in_two_steps(twice, input), expected);
}

TEST(worker, takes_secrets_out_in_two_steps_as_in_one) {
  const std::string secret =
      R"({"userId":"a","password":"hunter2","playLog":[{"song":{"songId":1,"password":"hunter3"}}]})";
  const std::string redacted =
      R"({"userId":"a","password":"[redacted]","playLog":[{"song":{"songId":1,"password":"[redacted]"}}]})";
  auto w = a_worker();
  timed t;
  const auto input = block_of({secret});
  const auto walked = w.walk(input, t.clock);
  ASSERT_EQ(walked.size(), 1U);
  EXPECT_EQ(walked[0].view.document, redacted);
  EXPECT_EQ(walked[0].view.document.data(), walked[0].redacted.data()) << "its own copy, not the reader's";
  EXPECT_EQ(walked[0].view.digest, digest_of(redacted));
}

TEST(worker, keeps_views_right_while_it_reads_other_documents) {
  const auto input = block_of(some_documents());
  std::vector<std::string> others;
  for (int i = 0; i < 50; ++i)
    others.push_back(
        dump("other", day_one + i, R"("password":")" + std::string(2000U * i, 'x') + '"', 5 * i));
  const auto other = block_of(others);
  auto undisturbed = a_worker(), disturbed = a_worker();
  const auto expected = in_one_step(undisturbed, input);

  timed t;
  const auto walked = disturbed.walk(input, t.clock);
  const std::vector<std::optional<known_archive>> nothing(walked.size());
  (void)disturbed.walk(other, t.clock);
  auto found = disturbed.archive(input, walked, nothing, t.clock);
  expect_same(found, expected);

  // Of the same views once more, after archiving others: nothing of a view was used up. The catalogue has
  // described these tracks before.
  (void)in_one_step(disturbed, other);
  found = disturbed.archive(input, walked, nothing, t.clock);
  EXPECT_TRUE(found.archives.view() == expected.archives.view());
  EXPECT_EQ(found.documents, expected.documents);
}

TEST(worker, leaves_documents_that_crash_unread_in_both_ways) {
  const auto input = block_of({dump("a", day_one), dump("b", day_one), dump("c", day_one)});
  const std::vector<bool> crashing = {false, true, false};
  auto once = a_worker(), twice = a_worker();
  const auto expected = in_one_step(once, input, crashing);
  EXPECT_EQ(expected.documents.at(1).reason, reason::crashed);
  EXPECT_EQ(expected.documents.at(1).account, "") << "nobody read it";
  EXPECT_EQ(expected.documents.at(2).account, "c");
  expect_same(in_two_steps(twice, input, crashing), expected);
}

TEST(worker, archives_only_what_the_ledger_does_not_have_as_good) {
  const auto input = block_of(std::vector<std::string>(7, dump("a", day_one)));
  auto w = a_worker();
  timed t;
  const auto walked = w.walk(input, t.clock);
  const auto same = walked.front().view.content_digest;
  const std::vector<std::optional<known_archive>> known = {
      {},                                                      // not there
      known_archive{day_one, same, true, true},                // the same
      known_archive{day_one + 1, digest_of("x"), true, true},  // newer, and another
      known_archive{day_one - 1, digest_of("x"), true, true},  // older, and another
      known_archive{day_one + 1, same, false, true},           // from a damaged source
      known_archive{day_one, same, true, false},               // made in another way
      known_archive{day_one + 1, same, true, false},           // likewise, and newer
  };
  const auto result = w.archive(input, walked, known, t.clock);
  std::vector<outcome> outcomes;
  for (const auto& d : result.documents) outcomes.push_back(d.outcome);
  EXPECT_EQ(outcomes, (std::vector{outcome::written, outcome::unchanged, outcome::older, outcome::written,
                                   outcome::written, outcome::written, outcome::older}));
  EXPECT_EQ(result.frames.size(), 4U);
  for (const auto& d : result.documents) EXPECT_EQ(d.stored_bytes > 0, d.outcome == outcome::written);
}

}  // namespace
}  // namespace outro
