/// What stands in the dumps of one account.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>

#include "testing/document_judge.h"
#include "testing/generate_testing.h"

namespace outro::generate {
namespace {

TEST(generated_documents, have_every_section_of_the_layout) {
  const scratch dir;
  options wanted = small_job(dir / "out");
  wanted.accounts = 1'500;
  run_well(wanted);
  std::string all;
  for (const auto& [name, bytes] : shards_of(wanted.out)) all += bytes;
  for (const std::string_view piece : {"\"userId\":1",
                                       "\"userId\":\"1",
                                       "\"exportedAt\":16",
                                       "\"profile\":{\"nickName\":\"",
                                       "\"avatar\":",
                                       "\"gender\":",
                                       "\"gmtBirthday\":",
                                       "\"province\":",
                                       "\"city\":",
                                       "\"signature\":",
                                       "\"visits\":",
                                       "\"favorites\":{\"songs\":[{",
                                       "\"albums\":[{\"gmtCreate\":",
                                       "\"artists\":[{\"gmtCreate\":",
                                       "\"collects\":[{\"gmtCreate\":",
                                       "\"collects\":[{\"listId\":",
                                       "\"tags\":[\"",
                                       "\"isPublic\":true",
                                       "\"isPublic\":false",
                                       "\"songs\":null",
                                       "\"playLog\":[{\"playedAt\":",
                                       "\"msPlayed\":",
                                       "\"purchases\":{\"songs\":[{",
                                       "\"comments\":[{\"commentId\":",
                                       "\"objectType\":\"album\"",
                                       "\"follows\":[{\"userId\":",
                                       "\"membership\":{",
                                       "\"legacy\" : {",
                                       "&amp;",
                                       "\"songStringId\":",
                                       "\"subName\":\"原曲:",
                                       "\"newSubName\":",
                                       "\"translation\":",
                                       "\"pinyin\":",
                                       "\"singers\":",
                                       "\"artistVOs\":[{",
                                       "\"albumLanguage\":\"日语\"",
                                       "\"albumLogo\":",
                                       "\"length\":",
                                       "\"cdSerial\":",
                                       "\"songStatus\":2",
                                       "\"songStatus\":7",
                                       "\"price\":",
                                       "\"bakSongId\":",
                                       "\"bakSong\":{",
                                       "\"playCount\":",
                                       "\"isrc\":\"",
                                       "\"song\":{\"songName\":",
                                       "\\u00e",
                                       "\\/",
                                       "\\\"",
                                       "\"song\":{\"songId\":\""}) {
    EXPECT_NE(all.find(piece), std::string::npos) << piece;
  }
}

TEST(generated_documents, repeat_tracks_across_accounts_byte_for_byte) {
  const scratch dir;
  const options wanted = small_job(dir / "out");
  run_well(wanted);
  std::map<std::string, std::string> by_id;
  std::size_t tracks = 0;
  for (const auto& [name, bytes] : shards_of(wanted.out)) {
    for (const std::string_view document : lines_of(bytes)) {
      for (const std::string_view track : tracks_in(document)) {
        ++tracks;
        const std::string id = digits_after(track, "{\"songId\":");
        if (id.empty()) continue;
        const auto [at, is_new] = by_id.try_emplace(id, track);
        if (!is_new) {
          ASSERT_EQ(at->second, track);
        }
      }
    }
  }
  EXPECT_GT(tracks, 5 * by_id.size());
}

TEST(generated_documents, of_small_profiles_are_small) {
  const scratch dir;
  options wanted = small_job(dir / "small");
  wanted.accounts = 5'000;
  wanted.profile = profile::small;
  result done = run(wanted, {});
  ASSERT_EQ(done.error, "");
  EXPECT_NEAR(static_cast<double>(done.found.bytes) / 5'000, 2'000, 300);
  wanted.out = dir / "tiny";
  wanted.profile = profile::tiny_docs;
  done = run(wanted, {});
  ASSERT_EQ(done.error, "");
  EXPECT_LT(done.found.bytes / 5'000, 200U);
  for (const auto& [name, bytes] : shards_of(wanted.out)) {
    for (const std::string_view document : lines_of(bytes)) ASSERT_EQ(judge(document).reason(1 << 20), "-");
  }
}

}  // namespace
}  // namespace outro::generate
