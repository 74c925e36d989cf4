/// @file
/// The visible state of a run: everything that the status page, status.json and the metrics show. A value
/// that is copied from the job about once a second. It holds no personal data.
#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "output/live_state.h"
#include "report/counters.h"
#include "report/progress.h"
#include "report/summary.h"
#include "watch/health.h"

namespace outro {

/// The run's progress over time, in at most `most` points: when they are full, every other point is dropped
/// and the interval doubles.
class rate_history {
 public:
  struct point {
    double seconds = 0;  ///< since this process began
    std::uint64_t decoded_bytes = 0, documents = 0;
  };
  static constexpr std::size_t most = 240;

  void add(const point& now);
  [[nodiscard]] const std::vector<point>& points() const { return points_; }

 private:
  std::vector<point> points_;
  double interval_ = 1;
};

/// The shards that took the longest for their size. Small ones say nothing and are left out.
class slowest_shards {
 public:
  struct shard_time {
    std::string shard;        ///< path
    std::uint64_t bytes = 0;  ///< on disk
    double seconds = 0;       ///< from its opening to its last byte
  };
  static constexpr std::size_t most = 8;
  static constexpr std::uint64_t least_bytes = 1U << 20;

  void add(shard_time finished);
  [[nodiscard]] const std::vector<shard_time>& slowest_first() const { return shards_; }

 private:
  std::vector<shard_time> shards_;
};

struct watch_state {
  std::string service;
  live_state live;
  progress_state progress;
  std::array<double, stage_count> busy{};  ///< of the last seconds, see busy_shares
  rate_history history;
  slowest_shards shards;
};

/// status.json, and the data of the page. `now_ms`: since 1970.
boost::json::object status_object(const watch_state& state, std::int64_t now_ms);
/// Likewise for a finished run, with its books; names no account.
boost::json::object final_object(const watch_state& state, const run_summary& summary, std::int64_t now_ms);
/// Likewise, from the report `page` that an earlier process of the run wrote: keeps its figures and renews
/// the books. None where the page is not one of ours.
std::optional<boost::json::object> final_object_again(std::string_view page, const run_summary& summary);

}  // namespace outro
