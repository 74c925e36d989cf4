/// A directory whose run is finished: the same command again, and what a crash left out.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "jobs/verify/verify.h"
#include "testing/export_testing.h"
#include "watch/status_page.h"

namespace outro {
namespace {

using testing::accounts;
using testing::read_bytes;
using testing::tree;
namespace fs = std::filesystem;

using finished_run = testing::exporting;

TEST_F(finished_run, is_not_done_again) {
  const auto input = write("in.ndjson", accounts(0, 20));
  ASSERT_EQ(run(options({input})), 0);
  const auto before = tree(folder / "out" / "packs");
  ASSERT_EQ(run(options({input})), 0);
  EXPECT_NE(summary.find("nothing to do"), std::string::npos);
  EXPECT_EQ(tree(folder / "out" / "packs"), before);
  EXPECT_EQ(open_ledger().runs().size(), 1U);
}

TEST_F(finished_run, stays_as_it_is_when_there_is_nothing_to_do) {
  const auto input = write("in.ndjson", accounts(0, 20));
  ASSERT_EQ(run(options({input})), 0);
  const auto before = tree(folder / "out");
  ASSERT_EQ(run(options({input})), 0);
  auto after = tree(folder / "out");
  after["lock"] = before.at("lock");  // holds the pid
  EXPECT_EQ(after, before);
}

TEST_F(finished_run, stays_as_it_is_when_the_next_one_is_refused) {
  const auto input = write("in.ndjson", accounts(0, 3));
  ASSERT_EQ(run(options({input})), 0);
  const auto before = tree(folder / "out");
  auto other = options({input});
  other.layout = (fs::path(OUTRO_SOURCE_DIR) / "tools/layouts/mpd.toml").string();
  EXPECT_EQ(run(other), 2);
  EXPECT_NE(last.failure.message.find("holds archives of xiami"), std::string::npos) << last.failure.message;
  EXPECT_EQ(tree(folder / "out"), before);
  verify_options check;
  check.out = folder / "out";
  check.quiet = true;
  const auto verified = run_verify(check);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->exit_code, 0) << verify_text(*verified);
}

TEST_F(finished_run, gets_the_checksums_that_a_crash_left_out) {
  const auto input = write("in.ndjson", accounts(0, 20));
  ASSERT_EQ(run(options({input})), 0);
  fs::remove(folder / "out" / "SHA256SUMS");
  fs::remove(folder / "out" / "summary.json");
  ASSERT_EQ(run(options({input})), 0);
  EXPECT_NE(summary.find("nothing to do"), std::string::npos);
  EXPECT_NE(read_bytes(folder / "out" / "SHA256SUMS").find("summary.json"), std::string::npos);
}

TEST_F(finished_run, gets_new_checksums_when_a_roster_is_given_later) {
  const auto input = write("in.ndjson", accounts(0, 3));
  ASSERT_EQ(run(options({input})), 0);
  auto o = options({input});
  o.roster = write("roster.txt", "0\n1\n2\n3\n");
  EXPECT_EQ(run(o), 3);
  verify_options check;
  check.out = folder / "out";
  check.quiet = true;
  const auto verified = run_verify(check);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->finding_count, 0U);
}

TEST_F(finished_run, keeps_its_figures_when_a_roster_is_given_later) {
  const auto input = write("in.ndjson", accounts(0, 3));
  ASSERT_EQ(run(options({input})), 0);
  const auto figures = [&] {
    const auto page = read_bytes(folder / "out" / "report.html");
    return boost::json::parse(data_of_page(page)).as_object();
  };
  const auto before = figures();
  ASSERT_EQ(before.at("outcomes").at("written"), 3);
  auto o = options({input});
  o.roster = write("roster.txt", "0\n1\n2\nghost\n");
  ASSERT_EQ(run(o), 3);
  auto after = figures();
  EXPECT_EQ(after.at("summary").at("roster").at("missing"), 1);
  EXPECT_NEAR(after.at("summary").at("cpuSeconds").as_double(), open_ledger().runs().at(0).cpu_seconds, 1e-5);
  after["summary"] = before.at("summary");
  EXPECT_EQ(after, before);
}

}  // namespace
}  // namespace outro
