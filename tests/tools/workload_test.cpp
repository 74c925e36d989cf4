/// Its sizes and counts are distributed as is documented.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "testing/generate_testing.h"

namespace outro::generate {
namespace {

TEST(standard_workload, has_its_statistics) {
  const scratch dir;
  options wanted = small_job(dir / "out");
  wanted.accounts = 2'000;
  wanted.tracks = 3'000'000;
  wanted.shard_size = 64 << 20;
  run_well(wanted);
  std::vector<std::size_t> sizes;
  std::vector<std::size_t> listens;
  std::vector<std::size_t> favourites;
  std::size_t playlists = 0;
  std::size_t entries = 0;
  std::size_t notes = 0;
  std::size_t track_bytes = 0;
  std::size_t tracks = 0;
  std::size_t distinct_tracks = 0;
  std::uint64_t strings = 0;
  for (const auto& [name, bytes] : shards_of(wanted.out)) {
    for (const std::string_view document : lines_of(bytes)) {
      sizes.push_back(document.size());
      listens.push_back(count(document, "{\"playedAt\":"));
      const std::string_view favoured = document.substr(0, document.find("],\"albums\":["));
      favourites.push_back(count(favoured, "\"song\":{"));
      playlists += count(document, "{\"listId\":") - count(document, "\"collect\":{\"listId\":");
      strings += document.find("\"userId\":\"") != std::string_view::npos ? 1 : 0;
      std::set<std::string_view> seen;
      for (const std::string_view track : tracks_in(document)) {
        ++tracks;
        track_bytes += track.size();
        seen.insert(track);
      }
      distinct_tracks += seen.size();
    }
  }
  const std::string truth = read_file(wanted.out / "truth.json");
  entries = truth_number(truth, "totals", "entries");
  notes = truth_number(truth, "totals", "notes");
  const auto mean = [](const std::vector<std::size_t>& v) {
    return static_cast<double>(std::accumulate(v.begin(), v.end(), std::size_t{0})) /
           static_cast<double>(v.size());
  };
  const auto median = [](std::vector<std::size_t> v) {
    std::nth_element(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2), v.end());
    return static_cast<double>(v[v.size() / 2]);
  };
  ASSERT_EQ(sizes.size(), wanted.accounts);
  // Within 10 %, and what chance adds to a sample: sizes have a standard deviation of about 175 KB, so that
  // the mean of 2,000 is uncertain by 4 KB, and their median by about 2.5 KB; two of these are allowed.
  EXPECT_NEAR(mean(sizes), 130'000, 13'000 + 2 * 4'000);
  EXPECT_NEAR(median(sizes), 89'000, 8'900 + 2 * 2'500);
  EXPECT_NEAR(median(listens), std::exp(4.2) - 0.5, 6);
  EXPECT_NEAR(mean(listens), std::exp(4.2 + 1.3 * 1.3 / 2) - 0.5, 25);
  EXPECT_NEAR(median(favourites), std::exp(3.2) - 0.5, 3);
  EXPECT_NEAR(mean(favourites), std::exp(3.2 + 1.3 * 1.3 / 2) - 0.5, 9);
  EXPECT_EQ(playlists, truth_number(truth, "totals", "playlists"));
  EXPECT_NEAR(static_cast<double>(playlists) / 2'000, std::exp(0.9 + 0.9 * 0.9 / 2) - 0.5, 0.3);
  EXPECT_NEAR(static_cast<double>(entries) / static_cast<double>(playlists), std::exp(2.8 + 0.5) - 0.5, 2);
  EXPECT_NEAR(static_cast<double>(notes) / static_cast<double>(entries), 0.03, 0.003);
  EXPECT_NEAR(static_cast<double>(track_bytes) / static_cast<double>(tracks), 430, 43);
  EXPECT_NEAR(static_cast<double>(strings) / 2'000, 0.2, 0.03);
  // Favourites are all new, 0.6 of the entries, 0.2 of the listens; popular ones come twice by chance.
  const double rendered =
      mean(favourites) * 2'000 + 0.6 * static_cast<double>(entries) + 0.2 * mean(listens) * 2'000;
  EXPECT_NEAR(static_cast<double>(distinct_tracks) / rendered, 1.0, 0.05);
}

}  // namespace
}  // namespace outro::generate
