#include "watch/watch_state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/units.h"
#include "watch/metrics.h"
#include "watch/status_page.h"

namespace outro {
namespace {

namespace json = boost::json;

watch_state some_state() {
  watch_state s;
  s.service = "xiami";
  s.live.run = 2;
  s.live.started_ms = s.live.beat_ms = s.live.moved_ms = 1'000'000;
  s.live.in_flight = {{{2, 1, 7}, "d/</script><script>alert(1)</script>", 5}};
  s.progress.seconds = 10;
  s.progress.total_input = 400;
  s.progress.counts.input_bytes = 100;
  s.progress.counts.documents = 7;
  s.progress.counts.dead_letters = 2;
  s.progress.counts.written = 5;
  s.progress.counts.dead_by_reason[static_cast<std::size_t>(reason::malformed)] = 2;
  return s;
}

TEST(rate_history, stays_small_and_keeps_first_and_last_however_long_a_run_is) {
  rate_history h;
  for (int second = 0; second < 1'000'000; ++second)
    h.add({static_cast<double>(second), static_cast<std::uint64_t>(second), 0});
  const auto& points = h.points();
  ASSERT_LE(points.size(), rate_history::most);
  ASSERT_GE(points.size(), rate_history::most / 2 - 1);
  EXPECT_EQ(points.front().seconds, 0);
  EXPECT_GT(points.back().seconds, 980'000);
  EXPECT_TRUE(std::is_sorted(points.begin(), points.end(),
                             [](const auto& a, const auto& b) { return a.seconds < b.seconds; }));
}

TEST(slowest_shards, keeps_the_slowest_and_none_that_is_too_small_to_tell) {
  slowest_shards s;
  s.add({"tiny", 1000, 100});
  for (int i = 1; i <= 100; ++i) s.add({std::to_string(i), 1U << 20, static_cast<double>(i)});
  ASSERT_EQ(s.slowest_first().size(), slowest_shards::most);
  EXPECT_EQ(s.slowest_first().front().shard, "100");
  EXPECT_EQ(s.slowest_first().back().shard, "93");
}

TEST(size_tally, counts_every_size_in_the_first_bucket_that_holds_it) {
  for (const std::uint64_t bytes : {0ULL, 1ULL, 1024ULL, 1025ULL, 2048ULL, 4097ULL, 1ULL << 30, 1ULL << 40}) {
    size_tally t;
    t.add(bytes);
    std::size_t bucket = 0;
    while (bucket + 1 < size_buckets && bytes > size_limit(bucket)) ++bucket;
    EXPECT_EQ(t.buckets[bucket], 1U) << bytes;
    EXPECT_EQ(t.sum, bytes);
  }
}

TEST(status_json, of_a_run_has_its_projected_finish_and_its_health) {
  const auto s = some_state();
  auto o = status_object(s, 1'010'000);
  EXPECT_EQ(o.at("health"), "running");
  EXPECT_EQ(o.at("finishMs").to_number<std::int64_t>(), 1'040'000);
  EXPECT_EQ(json::serialize(o.at("deadLettersByReason")), R"({"MALFORMED":2})");
  EXPECT_EQ(status_object(s, 1'000'000 + still_ms + 1).at("health"), "hung");
  auto planned = s;
  planned.progress.deadline_ms = 2'000'000;
  planned.progress.finish_ms = 1'500'000;
  planned.progress.headroom = 2.5;
  planned.progress.threads = 2;
  planned.progress.counts.blocks_waiting = 3;
  planned.busy[static_cast<std::size_t>(stage::read)] = 0.75;
  o = status_object(planned, 1'010'000);
  EXPECT_EQ(o.at("finishMs"), 1'500'000);
  EXPECT_EQ(o.at("headroom"), 2.5);
  EXPECT_EQ(json::serialize(o.at("stages").at(2)), R"({"name":"read","busy":7.5E-1,"queue":3})");
}

TEST(status_json, of_the_end_holds_the_books_and_names_no_account) {
  run_summary summary;
  summary.run = 3;
  summary.roster =
      roster_books{.accounts = 2, .archived = 1, .dead = 0, .missing = 1, .some_missing = {"4711"}};
  const auto o = final_object(some_state(), summary, 1);
  EXPECT_EQ(o.at("run"), 3);
  EXPECT_EQ(o.at("summary").at("roster").at("missing"), 1);
  EXPECT_EQ(json::serialize(o).find("4711"), std::string::npos);
}

TEST(status_page, keeps_data_from_becoming_markup) {
  const auto page = status_page(json::serialize(status_object(some_state(), 1)));
  EXPECT_EQ(page.find("{{"), page.npos);
  EXPECT_EQ(page.find("alert(1)</script>"), page.npos);
  const auto begin = page.find("id=\"data\">") + 10;
  const auto data = page.substr(begin, page.find("</script>", begin) - begin);
  EXPECT_EQ(json::parse(data).at("inFlight").at(0).at("shard"),
            json::value(some_state().live.in_flight[0].shard));
}

TEST(status_page, allows_nothing_but_its_own_style_and_script) {
  const auto policy = status_page_policy();
  EXPECT_NE(policy.find("default-src 'none'"), policy.npos);
  EXPECT_EQ(policy.find("unsafe"), policy.npos);
  auto page = status_page("{}");
  const std::string_view name_of_svg = "http://www.w3.org/2000/svg";  // a name, which nobody fetches
  page.erase(page.find(name_of_svg), name_of_svg.size());
  for (const char* elsewhere : {"http:", "https:", "//cdn", "@import", "url("})
    EXPECT_EQ(page.find(elsewhere), page.npos) << elsewhere;
}

TEST(metrics, name_every_figure_and_count_sizes_cumulatively) {
  auto s = some_state();
  s.progress.counts.document_sizes.buckets[0] = 3;
  s.progress.counts.document_sizes.buckets[2] = 4;
  s.progress.counts.document_sizes.sum = 9000;
  s.progress.counts.stage_ns[static_cast<std::size_t>(stage::compress)] = 1'500'000'000;
  s.progress.counts.blocks_unwritten = 4;
  const auto text = metrics_text(s, 12.5, 1'010'000);
  for (const char* line :
       {"outro_documents_total{outcome=\"written\"} 5\n",
        "outro_documents_total{outcome=\"dead_letter\"} 2\n",
        "outro_dead_letters_total{reason=\"MALFORMED\"} 2\n",
        "outro_dead_letters_total{reason=\"CRASHED\"} 0\n", "outro_document_bytes_bucket{le=\"1024\"} 3\n",
        "outro_document_bytes_bucket{le=\"2048\"} 3\n", "outro_document_bytes_bucket{le=\"4096\"} 7\n",
        "outro_document_bytes_bucket{le=\"+Inf\"} 7\n", "outro_document_bytes_count 7\n",
        "outro_document_bytes_sum 9000\n", "outro_healthy 1\n", "outro_cpu_seconds_total 12.5\n",
        "outro_stage_cpu_seconds_total{stage=\"compress\"} 1.5\n", "outro_queue_blocks{before=\"write\"} 4\n",
        "outro_finish_timestamp_seconds 1040\n"})
    EXPECT_NE(text.find(line), text.npos) << line << "\n" << text;
  EXPECT_EQ(text.find("outro_deadline"), text.npos) << "no deadline was given";
}

}  // namespace
}  // namespace outro
