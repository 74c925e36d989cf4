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

block_result in_one_step(worker& w, const block& input, const std::vector<reason>& crashing = {}) {
  timed t;
  block_progress at;
  block_result out;
  w.archive(input, at, t.clock, out, crashing);
  EXPECT_EQ(at.next, input.documents.size());
  return out;
}

std::vector<walked_document> walk_all(worker& w, const block& input,
                                      const std::vector<reason>& crashing = {}) {
  timed t;
  block_progress at;
  auto walked = w.walk(input, at, t.clock, crashing);
  EXPECT_EQ(walked.size(), input.documents.size());
  return walked;
}

block_result archive_all(worker& w, const block& input, const std::vector<walked_document>& walked,
                         const std::vector<earlier_document>& known) {
  timed t;
  block_progress at;
  block_result out;
  w.archive(input, 0, walked, known, at, t.clock, out);
  EXPECT_EQ(at.next, input.documents.size());
  return out;
}

block_result in_two_steps(worker& w, const block& input, const std::vector<reason>& crashing = {}) {
  const auto walked = walk_all(w, input, crashing);
  return archive_all(w, input, walked, std::vector<earlier_document>(walked.size()));
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
  const auto input = block_of({secret});
  const auto walked = walk_all(w, input);
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

  const auto walked = walk_all(disturbed, input);
  const std::vector<earlier_document> nothing(walked.size());
  (void)walk_all(disturbed, other);
  auto found = archive_all(disturbed, input, walked, nothing);
  expect_same(found, expected);

  // Of the same views once more, after archiving others: nothing of a view was used up. The catalogue has
  // described these tracks before.
  (void)in_one_step(disturbed, other);
  found = archive_all(disturbed, input, walked, nothing);
  EXPECT_TRUE(found.archives.view() == expected.archives.view());
  EXPECT_EQ(found.documents, expected.documents);
}

TEST(worker, leaves_documents_that_crash_unread_in_both_ways) {
  const auto input = block_of({dump("a", day_one), dump("b", day_one), dump("c", day_one)});
  const std::vector<reason> crashing = {reason::none, reason::crashed, reason::none};
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
  const auto walked = walk_all(w, input);
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
  const auto result = archive_all(w, input, walked, earlier);
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

/// Lists of one entry: the tar is some 150 times the document.
std::string lists(std::string_view account, int count) {
  std::string text = R"({"userId":")" + std::string(account) + R"(","collects":[)";
  for (int i = 0; i < count; ++i) text += i > 0 ? R"(,{"songs":[0]})" : R"({"songs":[0]})";
  return text + "]}";
}

TEST(worker, asks_for_the_memory_of_a_tar_and_then_makes_the_same_of_it) {
  const auto input = block_of({dump("a", day_one), lists("b", 4000), dump("c", day_one)});
  auto rich = a_worker(), poor = a_worker();
  timed t;
  block_progress all{.granted = max_tar_bytes}, some;
  block_result expected, found;
  rich.archive(input, all, t.clock, expected);
  ASSERT_EQ(all.next, 3U);

  poor.archive(input, some, t.clock, found);
  EXPECT_EQ(some.next, 1U) << "the second document waits";
  EXPECT_GT(some.wanted, free_work);
  EXPECT_EQ(found.documents.size(), 1U);
  const auto counted = some.wanted;
  some.wanted = 0;
  poor.archive(input, some, t.clock, found);
  EXPECT_EQ(some.wanted, counted) << "it still waits";
  some.granted = counted - free_work;
  some.wanted = 0;
  poor.archive(input, some, t.clock, found);
  EXPECT_EQ(some.next, 3U);
  expect_same(found, expected);
}

TEST(worker, asks_for_the_memory_of_a_tar_in_two_steps_too) {
  const auto input = block_of({dump("a", day_one), lists("b", 4000), dump("c", day_one)});
  auto rich = a_worker(), poor = a_worker();
  timed t;
  block_progress all{.granted = max_tar_bytes}, some;
  block_result expected, found;
  rich.archive(input, all, t.clock, expected);
  const auto walked = walk_all(poor, input);
  const std::vector<earlier_document> nothing(walked.size());
  poor.archive(input, 0, walked, nothing, some, t.clock, found);
  EXPECT_EQ(some.next, 1U);
  some.granted = some.wanted - free_work;
  some.wanted = 0;
  poor.archive(input, 0, walked, nothing, some, t.clock, found);
  EXPECT_EQ(some.next, 3U);
  expect_same(found, expected);
}

TEST(worker, walks_no_more_of_a_delta_than_it_has_memory_for) {
  std::string favourites = R"({"userId":"a","favorites":{"songs":[0)";
  for (int i = 0; i < 200'000; ++i) favourites += ",0";
  favourites += "]}}";
  const auto input = block_of({favourites, favourites, dump("b", day_one)});
  auto w = a_worker();
  timed t;
  block_progress at;
  EXPECT_EQ(w.walk(input, at, t.clock).size(), 1U);
  at.next = 1;
  EXPECT_EQ(w.walk(input, at, t.clock).size(), 1U);
  at.next = 2;
  EXPECT_EQ(w.walk(input, at, t.clock).size(), 1U);
}

TEST(worker, refuses_a_document_by_its_bytes_alone) {
  // 32 MiB of tar are allowed, and more than 6 times the document where that is more.
  const auto input = block_of({lists("a", 40'000), dump("b", day_one)});
  for (const std::uint64_t granted : {std::uint64_t{0}, max_tar_bytes}) {
    auto w = a_worker();
    timed t;
    block_progress at{.granted = granted};
    block_result out;
    w.archive(input, at, t.clock, out);
    ASSERT_EQ(out.documents.size(), 2U);
    EXPECT_EQ(out.documents[0].reason, reason::too_large);
    EXPECT_EQ(out.documents[0].account, "a");
    EXPECT_EQ(out.documents[1].outcome, outcome::written);
  }
}

}  // namespace
}  // namespace outro
