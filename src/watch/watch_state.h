/// @file
/// All that can be seen of a run from outside: what the status page, status.json and the metrics show. A
/// value that is copied once a second from the job to whoever shows it. It holds nothing of any user.
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

/// How the run went over time, in at most `most` points: when they are full, every other one goes and the
/// rest stand twice as far apart.
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
/// The same for the end of a run, with its books; it names no account.
boost::json::object final_object(const watch_state& state, const run_summary& summary, std::int64_t now_ms);
/// The same, where `page` is the report that an earlier process left of this run: its figures stay, and only
/// the books are new. None where the page is not one of ours.
std::optional<boost::json::object> final_object_again(std::string_view page, const run_summary& summary);

}  // namespace outro
