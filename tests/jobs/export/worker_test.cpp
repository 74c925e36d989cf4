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
  return w.archive(input, walked, std::vector<earlier_document>(walked.size()), t.clock);
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
  const std::vector<earlier_document> nothing(walked.size());
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

TEST(worker, archives_all_but_what_a_proven_archive_holds) {
  const auto input = block_of(std::vector<std::string>(4, dump("a", day_one)));
  auto w = a_worker();
  timed t;
  const auto walked = w.walk(input, t.clock);
  const auto current = [](std::optional<std::int64_t> at) {
    document_row row;
    row.record.exported_at = at;
    row.record.counts = {4, 0, 12, 0};
    return row;
  };
  auto same = current(day_one);
  same.record.digest = walked.front().view.digest;
  same.record.counts.suspects = 3;
  auto other_volatiles = same;
  other_volatiles.record.digest = digest_of("x");
  const std::vector<earlier_document> earlier = {
      {},                                       // not there
      {same, current(day_one)},                 // the same
      {other_volatiles, current(day_one + 1)},  // the same but for volatile values, and older
      {std::nullopt, current(day_one + 1)},     // older: it is archived all the same
  };
  const auto result = w.archive(input, walked, earlier, t.clock);
  std::vector<outcome> outcomes;
  std::vector<bool> older, volatile_only;
  for (const auto& d : result.documents) {
    outcomes.push_back(d.outcome);
    older.push_back(d.is_older);
    volatile_only.push_back(d.volatile_only);
    EXPECT_EQ(d.stored_bytes > 0, d.outcome == outcome::written);
  }
  EXPECT_EQ(outcomes,
            (std::vector{outcome::written, outcome::unchanged, outcome::unchanged, outcome::written}));
  EXPECT_EQ(older, (std::vector{false, false, true, true}));
  EXPECT_EQ(volatile_only, (std::vector{false, false, true, false}));
  EXPECT_EQ(result.known, 3U);
  ASSERT_TRUE(result.older);
  EXPECT_EQ(result.older->offered, day_one);
  EXPECT_EQ(result.older->current, day_one + 1);
  // Twelve listens were there, and fewer than five entries, of which nothing is said.
  EXPECT_EQ(result.documents[0].kept_percent, document_record::not_compared);
  EXPECT_EQ(result.documents[3].counts.listens, 3U);
  EXPECT_EQ(result.documents[3].kept_percent, 25);
  EXPECT_EQ(result.documents[1].counts.suspects, 3U);
}

}  // namespace
}  // namespace outro
