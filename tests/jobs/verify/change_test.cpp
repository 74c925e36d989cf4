/// Verify finds whatever was changed, in any file, even where the digests beside it agree.
#include <gtest/gtest.h>

#include <random>

#include "testing/verify_testing.h"

namespace outro {
namespace {

using testing::read_bytes;
using testing::sha256_of;
using testing::verify;
using testing::zstd_frame;
namespace fs = std::filesystem;

TEST_F(verify, finds_every_single_flipped_bit_in_every_file) {
  make_export(true);
  ASSERT_EQ(verify_out()->finding_count, 0U);
  std::vector<fs::path> files;
  for (const auto& [name, bytes] : testing::tree(out()))
    if (name != "lock") files.push_back(out() / name);
  ASSERT_GE(files.size(), 6U);
  std::mt19937 random(20210205);
  for (int i = 0; i < 240; ++i) {
    const auto& path = files[static_cast<std::size_t>(i) % files.size()];
    const auto whole = read_bytes(path);
    auto flipped = whole;
    const auto bit = random() % (whole.size() * 8);
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    testing::write_bytes(path, flipped);
    const auto r = verify_out();
    ASSERT_TRUE(r) << path << " bit " << bit << ": " << text_of(r);
    EXPECT_GT(r->finding_count, 0U) << path << " bit " << bit;
    EXPECT_EQ(r->exit_code, 1) << path << " bit " << bit;
    testing::write_bytes(path, whole);
  }
  EXPECT_EQ(verify_out()->finding_count, 0U);
}

TEST_F(verify, finds_flipped_bits_in_each_part_of_a_pack_without_its_digests) {
  make_export();
  const auto path = files_in("packs").front();
  const auto whole = read_bytes(path);
  auto l = open_ledger();
  const auto slice = l.slices().front();
  const auto rows = l.documents_of(slice.id);
  const auto archives_end = rows.back().record.stored_offset + rows.back().record.stored_bytes;
  const auto table = 8 + 12 * (rows.size() + 1) + 9;
  const auto record_at = archives_end + 30, table_at = whole.size() - table;  // behind the record's own head
  const std::pair<const char*, std::size_t> places[] = {
      {"archive", rows[1].record.stored_offset + rows[1].record.stored_bytes / 2},
      {"archive", rows[1].record.stored_offset + rows[1].record.stored_bytes - 1},
      {"slice record", record_at},
      {"slice record", (record_at + table_at) / 2},
      {"", table_at + 9},
      {"", whole.size() - 2}};
  for (const auto& [what, at] : places) {
    auto flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 4);
    testing::write_bytes(path, flipped);
    change_ledger_and_reseal("UPDATE slices SET pack_sha256 = '" + sha256_of(flipped) + "' WHERE slice = 1");
    expect_damaged(verify_out(), what);
  }
}

TEST_F(verify, finds_two_packs_that_changed_places) {
  make_export();
  const auto packs = files_in("packs");
  fs::rename(packs[0], folder / "x");
  fs::rename(packs[1], packs[0]);
  fs::rename(folder / "x", packs[1]);
  reseal();
  expect_damaged(verify_out(), "its place is not what the ledger says");
}

TEST_F(verify, finds_every_change_of_the_ledger_though_its_digest_agrees) {
  make_export(true);
  change_ledger_and_reseal("UPDATE runs SET wall_seconds = 1");
  EXPECT_EQ(verify_out()->finding_count, 0U)
      << "a change that means nothing must not be found, or the others prove nothing";
  const auto whole = read_bytes(out() / "ledger.sqlite");
  const char* changes[] = {
      "DELETE FROM documents WHERE account = '7'",
      "DELETE FROM documents WHERE account = '7'; UPDATE slices SET documents = documents - 1 WHERE slice = "
      "1",
      "UPDATE documents SET digest = zeroblob(16) WHERE account = '7'",
      "UPDATE documents SET content = randomblob(16) WHERE account = '7'",
      "UPDATE documents SET outcome = 1, stored_bytes = 0 WHERE account = '7'",
      "UPDATE documents SET outcome = 2 WHERE account = '7'",
      "UPDATE documents SET outcome = 77 WHERE account = '7'",
      "UPDATE documents SET outcome = 0, reason = 0 WHERE outcome = 2",
      "UPDATE documents SET account = '8' WHERE account = '7'",
      "UPDATE documents SET exported_at = exported_at + 1 WHERE account = '7'",
      "UPDATE documents SET length = length + 1 WHERE account = '7'",
      "UPDATE documents SET stored_offset = stored_offset + 1 WHERE account = '7'",
      "UPDATE documents SET proven = 0 WHERE account = '7'",
      "UPDATE documents SET line = line + 1 WHERE account = '7'",
      "UPDATE documents SET idx = idx + 1 WHERE account = '7'",
      "INSERT INTO documents SELECT max(row) + 1, run, unit, slice, idx, account, exported_at, digest, "
      "content, outcome, "
      "reason, proven, shard, offset, line, length, stored_offset, stored_bytes, entries, favourites, "
      "listens, "
      "suspects, kept, older, volatile_only FROM documents",
      "UPDATE documents SET listens = listens + 1 WHERE account = '7'",
      "UPDATE documents SET kept = 50 WHERE account = '7'",
      "UPDATE documents SET older = 1 WHERE account = '7'",
      "UPDATE documents SET volatile_only = 1 WHERE account = '7'",
      "INSERT INTO repairs VALUES (1, 1, 0, 1, 1, 0)",
      "UPDATE shards SET decoded_sha256 = 'x'",
      "UPDATE runs SET units = 2",
      "DELETE FROM slices WHERE slice = 2",
      "DELETE FROM slices WHERE last = 1",
      "UPDATE slices SET last = 0",
      "UPDATE slices SET digest = zeroblob(16) WHERE slice = 2",
      "UPDATE slices SET begin = begin + 1, end = end + 1 WHERE slice = 2",
      "UPDATE slices SET track_rows = track_rows + 1 WHERE slice = 1",
      "UPDATE slices SET pack_bytes = pack_bytes + 1 WHERE slice = 1",
      "UPDATE slices SET pack_sha256 = 'x' WHERE slice = 1",
      "UPDATE slices SET letters_sha256 = 'x' WHERE letters_bytes > 0",
      "UPDATE slices SET document_bytes = 1 WHERE slice = 1",
      "UPDATE shards SET damage = 'zstd: x'",
      "UPDATE shards SET lines = lines + 1",
      "UPDATE shards SET proven_end = 10",
      "UPDATE runs SET recipe = replace(recipe, '\"level\":3', '\"level\":4')",
      "UPDATE runs SET service = 'other'",
      "UPDATE runs SET run = 2",
      "INSERT INTO units VALUES (1, 2)",
      "DELETE FROM units",
      "DROP TABLE shards; DELETE FROM units",
  };
  for (const char* change : changes) {
    change_ledger_and_reseal(change);
    const auto r = verify_out();
    ASSERT_TRUE(r) << change << text_of(r);
    EXPECT_EQ(r->exit_code, 1) << change << text_of(r);
    EXPECT_GT(r->finding_count, 0U) << change;
    testing::write_bytes(out() / "ledger.sqlite", whole);
    for (const char* beside : {"ledger.sqlite-wal", "ledger.sqlite-shm"}) fs::remove(out() / beside);
  }
  reseal();
  EXPECT_EQ(verify_out()->finding_count, 0U);
}

TEST_F(verify, survives_a_ledger_of_garbage) {
  make_export();
  std::mt19937 random(7);
  auto bytes = read_bytes(out() / "ledger.sqlite");
  for (std::size_t i = 100; i < bytes.size(); i += 1 + random() % 50) bytes[i] = static_cast<char>(random());
  testing::write_bytes(out() / "ledger.sqlite", bytes);
  expect_damaged(verify_out(), "ledger.sqlite");
  testing::write_bytes(out() / "ledger.sqlite", "this is no database");
  expect_damaged(verify_out(), "ledger.sqlite");
}

TEST_F(verify, finds_dead_letters_that_were_changed) {
  make_export(true);
  const auto path = files_in("dead-letters").front();
  const std::string other = "{\"userId\":2,}\n";  // as long as what was there
  const auto frame = zstd_frame(other);
  testing::write_bytes(path, frame);
  const auto size = std::to_string(frame.size());
  change_ledger_and_reseal(
      "UPDATE slices SET letters_sha256 = '" + sha256_of(frame) + "', letters_bytes = " + size +
      " WHERE letters_bytes > 0; UPDATE documents SET stored_bytes = " + size + " WHERE outcome = 2");
  expect_damaged(verify_out(), "it is not the document that the ledger knows");
}

TEST_F(verify, refuses_a_directory_without_a_ledger) {
  make_export();
  fs::remove(out() / "ledger.sqlite");
  const auto r = verify_out();
  ASSERT_FALSE(r);
  EXPECT_EQ(exit_code_of(r.error()), 2);
  EXPECT_NE(r.error().message.find("outro rebuild"), std::string::npos);
}

}  // namespace
}  // namespace outro
