/// The catalogue covers all runs of a directory, or there is none.
#include <gtest/gtest.h>

#include <string>

#include "testing/export_testing.h"

namespace outro {
namespace {

using testing::accounts;
using testing::day_one;
using testing::dump;
using testing::read_bytes;
namespace fs = std::filesystem;

using catalogue_of_an_export = testing::exporting;

TEST_F(catalogue_of_an_export, is_kept_from_the_first_run_on_or_not_at_all) {
  const auto tracks_of = [&](const char* out) {
    return read_bytes(folder / out / "catalogue/tracks.ndjson.zst");
  };
  ASSERT_EQ(run(options({write("a.ndjson", accounts(0, 20))})), 0) << last.failure.message;
  const auto tracks = tracks_of("out");
  auto later = options({write("b.ndjson", dump("x", day_one, {}, 40) + "\n")});
  later.catalogue = false;
  EXPECT_EQ(run(later), 2);
  EXPECT_NE(last.failure.message.find("leave --no-catalogue out"), std::string::npos) << last.failure.message;
  later.catalogue = {};
  ASSERT_EQ(run(later), 0) << last.failure.message;
  EXPECT_NE(tracks_of("out"), tracks);

  auto without = options({write("a.ndjson", accounts(0, 20))}, "other");
  without.catalogue = false;
  ASSERT_EQ(run(without), 0);
  EXPECT_FALSE(fs::exists(folder / "other/catalogue"));
  without.dumps = {write("c.ndjson", accounts(0, 30))};
  without.catalogue = true;
  EXPECT_EQ(run(without), 2);
  EXPECT_NE(last.failure.message.find("begun with --no-catalogue"), std::string::npos)
      << last.failure.message;
  without.catalogue = {};
  EXPECT_EQ(run(without), 0) << last.failure.message;
  EXPECT_FALSE(fs::exists(folder / "other/catalogue"));
}

}  // namespace
}  // namespace outro
