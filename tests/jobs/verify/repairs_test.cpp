/// A damaged shard is made good by bytes, never by a name; what nobody can show, the operator vouches for.
#include <gtest/gtest.h>

#include "jobs/rebuild/rebuild.h"
#include "testing/damage.h"
#include "testing/verify_testing.h"

namespace outro {
namespace {

namespace fs = std::filesystem;

using testing::day_one;
using testing::dump;
using testing::gzip_member;
using testing::zstd_frame;

class repairs : public testing::verify {
 protected:
  /// Exports a shard under this name; 3 where it is damaged.
  int export_shard(const std::string& name, const std::string& bytes) {
    return run(options({write(name, bytes)}));
  }
  void expect_unsafe(const result<verify_report>& r,
                     std::string_view reason = "1 shard was damaged (1/1/1 ") {
    ASSERT_TRUE(r) << text_of(r);
    EXPECT_EQ(r->exit_code, 3) << text_of(r);
    EXPECT_NE(text_of(r).find(reason), std::string::npos) << text_of(r);
  }
  // Of several blocks, so that a part of a frame can be decoded.
  std::string text = accounts(0, 500);
};

// One frame and one member: nothing of them is proven, and all that was decoded is right.
TEST_F(repairs, a_cut_shard_is_repaired_by_the_whole_one_under_any_name) {
  for (const auto& [suffix, whole] : {std::pair(".zst", zstd_frame(text)), {".gz", gzip_member(text)}}) {
    fs::remove_all(out());
    ASSERT_EQ(export_shard("night1" + std::string(suffix), whole.substr(0, whole.size() * 2 / 3)), 3);
    expect_unsafe(verify_out());
    ASSERT_EQ(export_shard("fetched-again" + std::string(suffix), whole), 0) << last.failure.message;
    EXPECT_NE(text_of(verify_out({}, false)).find("1 damaged shard was made good"), std::string::npos);
    // A document that was cut in two is a dead letter, and came with the repair.
    expect_safe(verify_out());
    ASSERT_TRUE(rebuild_ledger(out()));
    expect_safe(verify_out());
  }
}

TEST_F(repairs, the_repair_may_come_in_any_form) {
  ASSERT_EQ(export_shard("night1.zst", zstd_frame(text).substr(0, zstd_frame(text).size() * 2 / 3)), 3);
  ASSERT_EQ(export_shard("plain.ndjson", text + accounts(500, 520)), 0);
  expect_safe(verify_out());
}

TEST_F(repairs, another_dump_of_the_same_name_repairs_nothing) {
  const auto whole = zstd_frame(text);
  ASSERT_EQ(export_shard("in.zst", whole.substr(0, whole.size() * 2 / 3)), 3);
  const auto next_night = accounts(1, 500);
  ASSERT_EQ(export_shard("in.zst", zstd_frame(next_night)), 0);
  expect_unsafe(verify_out());
  ASSERT_EQ(export_shard("in.zst", zstd_frame("")), 0) << "an empty one neither";
  expect_unsafe(verify_out());
  expect_unsafe(verify_out({write("other.ndjson", next_night)}));
}

// What is decoded behind a flipped bit may be documents that never existed; nothing whole begins with them.
TEST_F(repairs, a_flipped_shard_of_one_frame_has_to_be_accepted) {
  for (const auto& [suffix, whole] : {std::pair(".zst", zstd_frame(text)), {".gz", gzip_member(text)}}) {
    fs::remove_all(out());
    const auto flipped = testing::flipped_so_that_only_the_checksum_tells(whole);
    ASSERT_EQ(export_shard("in" + std::string(suffix), flipped), 3);
    ASSERT_EQ(export_shard("in" + std::string(suffix), whole), 0);
    expect_unsafe(verify_out({}, true));
    const auto accepted = verify_out({(folder / ("in" + std::string(suffix))).string()}, true, {{1, 1, 0}});
    expect_safe(accepted);
    EXPECT_NE(text_of(accepted).find("Note: damaged shard 1/1/1 ("), std::string::npos) << text_of(accepted);
    EXPECT_NE(text_of(accepted).find(" of it "), std::string::npos) << text_of(accepted);
    EXPECT_NE(text_of(accepted).find("what lay behind the damage is unknown"), std::string::npos);
  }
}

// Its proven frames hold whole documents, and the flipped one behind them doesn't matter.
TEST_F(repairs, a_flipped_shard_of_many_frames_is_recognised_by_the_proven_ones) {
  const auto first = zstd_frame(accounts(0, 50));
  const auto second = zstd_frame(accounts(50, 100));
  ASSERT_EQ(export_shard("in.zst", first + testing::flipped_so_that_only_the_checksum_tells(second)), 3);
  expect_unsafe(verify_out({}, true));
  ASSERT_EQ(export_shard("again.zst", first + second), 0);
  expect_safe(verify_out());
}

// Any dump begins with nothing, and many with the same half document.
TEST_F(repairs, remains_without_a_whole_document_show_nothing) {
  const auto first = text.find('\n');
  for (const auto& left : {std::string(), std::string("\n \n"), text.substr(0, 1), text.substr(0, first)}) {
    fs::remove_all(out());
    auto shard = zstd_frame(left);
    shard.resize(shard.size() - (left.empty() ? 1 : 4));  // of the checksum
    ASSERT_EQ(export_shard("in.zst", shard), 3) << left.size();
    ASSERT_EQ(export_shard("in.zst", zstd_frame(text)), 0);
    expect_unsafe(verify_out({}, true));
  }
}

// `zstd -dc` of what arrived begins with all that was decoded, and holds nothing of what was lost.
TEST_F(repairs, what_was_salvaged_from_the_damaged_shard_is_none) {
  const auto whole = zstd_frame(text);
  const auto cut = whole.substr(0, whole.size() * 2 / 3);
  ASSERT_EQ(export_shard("in.zst", cut), 3);
  const auto salvaged = testing::decoded(cut).first;
  ASSERT_NE(salvaged.back(), '\n');
  ASSERT_EQ(export_shard("salvaged.ndjson", salvaged), 3) << "its last document is half of one";
  expect_unsafe(verify_out({}, true));
  ASSERT_EQ(export_shard("in.zst", whole), 0);
  expect_safe(verify_out({}, true));
}

// Its proven documents are all there, and so are whole lines of what came behind them, but not what was lost.
TEST_F(repairs, whole_lines_that_were_salvaged_are_none_either) {
  const auto first = zstd_frame(accounts(0, 50));
  const auto second = zstd_frame(text);
  const auto cut = first + second.substr(0, second.size() * 2 / 3);
  ASSERT_EQ(export_shard("in.zst", cut), 3);
  const auto salvaged = testing::decoded(cut).first;
  ASSERT_EQ(export_shard("salvaged.ndjson", salvaged.substr(0, salvaged.rfind('\n') + 1)), 0);
  expect_unsafe(verify_out({}, true));
  ASSERT_EQ(export_shard("in.zst", first + second), 0);
  expect_safe(verify_out({}, true));
}

TEST_F(repairs, a_repair_counts_once_its_run_is_resumed) {
  const auto whole = zstd_frame(text);
  ASSERT_EQ(export_shard("in.zst", whole.substr(0, whole.size() * 2 / 3)), 3);
  auto o = options({write("in.zst", whole)});
  o.slice = 16'000;
  // Slices of the repairing run that were committed are read again, not skipped.
  ASSERT_EQ(run(o), 0);
  expect_safe(verify_out());
  EXPECT_GT(open_ledger().slices().size(), 3U);
}

TEST_F(repairs, a_shard_is_accepted_by_its_number_only) {
  const auto whole = zstd_frame(text);
  write("bad/1.zst", whole.substr(0, whole.size() - 9));
  write("bad/2.zst", whole.substr(0, whole.size() - 9));
  ASSERT_EQ(run(options({(folder / "bad").string()})), 3);
  expect_unsafe(verify_out({}, true, {{1, 1, 0}}), "1 shard was damaged (1/1/2 ");
  const auto both = verify_out({}, true, {{1, 1, 0}, {1, 1, 1}, {7, 1, 0}});
  expect_safe(both);
  EXPECT_NE(text_of(both).find("none of its documents was compared"), std::string::npos) << text_of(both);
  EXPECT_NE(text_of(both).find("there is no damaged shard 7/1/1"), std::string::npos) << text_of(both);
}

TEST_F(repairs, every_damaged_shard_is_named_with_what_to_do) {
  const auto whole = zstd_frame(text);
  for (int i = 0; i < 12; ++i)
    write("bad/" + std::to_string(10 + i) + ".zst", whole.substr(0, whole.size() - 9));
  ASSERT_EQ(run(options({(folder / "bad").string()})), 3);
  const auto said = text_of(verify_out());
  EXPECT_NE(said.find("12 shards were damaged (1/1/1 " + (folder / "bad/10.zst").string() + ", "),
            std::string::npos)
      << said;
  EXPECT_NE(said.find("/bad/19.zst and 2 more)"), std::string::npos) << said;
  EXPECT_NE(said.find("--accept-damaged-shard 1/1/1"), std::string::npos) << said;
}

TEST(shard_ids, are_read_as_they_are_written) {
  EXPECT_EQ(name_of(shard_id{3, 12, 0}), "3/12/1");
  EXPECT_EQ(*parse_shard_id("3/12/1"), (shard_id{3, 12, 0}));
  for (const auto* text :
       {"", "1", "1/1", "1/1/", "1/1/0", "0/1/1", "1/1/1/1", "1/1/-1", " 1/1/1", "1/1/99999999999"})
    EXPECT_FALSE(parse_shard_id(text)) << text;
}

}  // namespace
}  // namespace outro
