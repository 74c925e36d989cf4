#include "watch/watch_state.h"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "watch/status_page.h"

namespace outro {

namespace json = boost::json;

void rate_history::add(const point& now) {
  if (!points_.empty() && now.seconds - points_.back().seconds < interval_) return;
  points_.push_back(now);
  if (points_.size() < most) return;
  for (std::size_t i = 0; i < points_.size() / 2; ++i) points_[i] = points_[2 * i];
  points_.resize(points_.size() / 2);
  interval_ *= 2;
}

void slowest_shards::add(shard_time finished) {
  if (finished.bytes < least_bytes || finished.seconds <= 0) return;
  const auto rate = [](const shard_time& s) { return static_cast<double>(s.bytes) / s.seconds; };
  const auto at = std::upper_bound(shards_.begin(), shards_.end(), finished,
                                   [&](const auto& a, const auto& b) { return rate(a) < rate(b); });
  shards_.insert(at, std::move(finished));
  if (shards_.size() > most) shards_.pop_back();
}

static json::object sizes_object(const size_counts& sizes) {
  json::array limits, counts;
  for (std::size_t i = 0; i + 1 < size_buckets; ++i) limits.push_back(size_limit(i));
  for (const auto n : sizes.buckets) counts.push_back(n);
  return {{"upTo", std::move(limits)}, {"counts", std::move(counts)}, {"sum", sizes.sum}};
}

static json::object history_object(const rate_history& history) {
  json::array seconds, bytes, documents;
  for (const auto& p : history.points()) {
    seconds.push_back(p.seconds);
    bytes.push_back(p.decoded_bytes);
    documents.push_back(p.documents);
  }
  return {{"seconds", std::move(seconds)},
          {"decodedBytes", std::move(bytes)},
          {"documents", std::move(documents)}};
}

/// A queue is shown at the stage that empties it.
static json::array stages_array(const std::array<double, stage_count>& busy, const progress_state& p) {
  json::array stages;
  if (p.threads == 0) return stages;  // nothing was worked on
  for (std::size_t i = 0; i < stage_count; ++i) {
    json::object one{{"name", stage_names[i]}, {"busy", busy[i]}};
    if (static_cast<stage>(i) == stage::read) one["queue"] = p.counts.blocks_waiting;
    if (static_cast<stage>(i) == stage::hash) one["queue"] = p.counts.blocks_unwritten;
    stages.push_back(std::move(one));
  }
  return stages;
}

json::object status_object(const watch_state& s, std::int64_t now_ms) {
  const auto& counts = s.progress.counts;
  json::object dead;
  for (std::size_t i = 0; i < counts.dead_by_reason.size(); ++i)
    if (counts.dead_by_reason[i] > 0) dead[reason_names[i]] = counts.dead_by_reason[i];
  json::array in_flight, slowest, slow;
  for (const auto& d : s.live.slow) slow.push_back(fields_of(d, now_ms));
  for (const auto& f : s.live.in_flight)
    in_flight.push_back(
        {{"unit", f.id.unit}, {"slice", f.id.number}, {"shard", f.shard}, {"offset", f.offset}});
  for (const auto& t : s.shards.slowest_first())
    slowest.push_back({{"shard", t.shard}, {"bytes", t.bytes}, {"seconds", t.seconds}});
  auto finish_ms = s.progress.finish_ms;
  if (const auto left = seconds_left(s.progress); finish_ms == 0 && left >= 0)
    finish_ms = now_ms + static_cast<std::int64_t>(1000 * left);
  return {{"format", "outro-watch/1"},
          {"version", OUTRO_VERSION},
          {"final", false},
          {"health", name_of(health_of(s.live, true, now_ms))},
          {"phase", name_of(s.live.now)},
          {"error", s.live.error},
          {"service", s.service},
          {"run", s.live.run},
          {"pid", s.live.pid},
          {"nowMs", now_ms},
          {"startedMs", s.live.started_ms},
          {"movedMs", s.live.moved_ms},
          {"lastCommitMs", s.live.last_commit_ms},
          {"slices", s.live.counts.slices},
          {"deadlineMs", s.progress.deadline_ms},
          {"finishMs", finish_ms},
          {"headroom", s.progress.headroom > 0 ? json::value(s.progress.headroom) : json::value(nullptr)},
          {"progress", progress_object(s.progress)},
          {"stages", stages_array(s.busy, s.progress)},
          {"outcomes", json::object{{"written", counts.written},
                                    {"unchanged", counts.unchanged},
                                    {"deadLetters", counts.dead_letters}}},
          {"olderThanCurrent", counts.older},
          {"volatileOnly", counts.volatile_only},
          {"shrunk", counts.shrunk},
          {"deadLettersByReason", std::move(dead)},
          {"documentSizes", sizes_object(counts.document_sizes)},
          {"archiveSizes", sizes_object(counts.archive_sizes)},
          {"history", history_object(s.history)},
          {"inFlight", std::move(in_flight)},
          {"slowestShards", std::move(slowest)},
          {"slowDocuments", std::move(slow)}};
}

static json::object books_object(const run_summary& summary) {
  auto books = json::parse(summary_json(summary, false)).as_object();
  if (auto* roster = books.if_contains("roster")) roster->as_object().erase("someMissing");
  return books;
}

json::object final_object(const watch_state& state, const run_summary& summary, std::int64_t now_ms) {
  auto object = status_object(state, now_ms);
  object["final"] = true;
  object["health"] = name_of(health::finished);
  object["phase"] = name_of(live_state::phase::finished);
  object["run"] = summary.run;
  object["service"] = summary.service;
  object["finishMs"] = now_ms;
  object["headroom"] = headroom_of(summary);
  object["inFlight"] = json::array();
  object["slowDocuments"] = json::array();
  object["stages"] = stages_array(busy_shares({}, state.progress), state.progress);
  object["summary"] = books_object(summary);
  return object;
}

std::optional<json::object> final_object_again(std::string_view page, const run_summary& summary) {
  boost::system::error_code error;
  auto before = json::parse(data_of_page(page), error);
  if (error || !before.is_object()) return std::nullopt;
  auto& object = before.get_object();
  const auto* run = object.if_contains("run");
  if (run == nullptr || *run != json::value(summary.run) || !object.contains("summary")) return std::nullopt;
  object["summary"] = books_object(summary);
  return std::move(object);
}

}  // namespace outro
