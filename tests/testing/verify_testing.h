/// @file
/// What the tests of verify share: an export to look at, ways to change it, and what a report must say.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/verify/verify.h"
#include "output/checksums.h"
#include "output/output_directory.h"
#include "testing/compressed.h"
#include "testing/export_testing.h"

namespace outro::testing {

inline std::string sha256_of(std::string_view bytes) {
  sha256 hash;
  hash.update(bytes);
  return hash.finish_hex();
}

/// A line that is not a dump.
inline constexpr const char* dead_letter = "{\"userId\":1,}";

class verify : public exporting {
 protected:
  fs::path out() const { return folder / "out"; }

  static std::string accounts(int from, int to) {
    std::string lines;
    for (int i = from; i < to; ++i) lines += dump(std::to_string(i), day_one + i, {}, 20 + i % 5) + "\n";
    return lines;
  }

  /// Forty accounts in several packs, and where asked a dead letter among them.
  std::string make_export(bool with_dead_letter = false) {
    const auto input =
        write("in.ndjson",
              accounts(0, 20) + (with_dead_letter ? std::string(dead_letter) + "\n" : "") + accounts(20, 40));
    auto o = options({input});
    o.slice = 16'000;
    EXPECT_EQ(run(o), with_dead_letter ? 3 : 0) << last.failure.message;
    EXPECT_GT(files_in("packs").size(), 2U);
    return input;
  }

  std::vector<fs::path> files_in(std::string_view sub) const {
    std::vector<fs::path> paths;
    for (const auto& e : fs::directory_iterator(out() / sub)) paths.push_back(e.path());
    std::sort(paths.begin(), paths.end());
    return paths;
  }

  result<verify_report> verify_out(std::vector<std::string> against = {}, bool accept = false,
                                   std::vector<shard_id> accepted_shards = {}) const {
    verify_options o;
    o.out = out();
    o.against = std::move(against);
    o.threads = 2;
    o.memory = 256U << 20;
    o.quiet = true;
    o.accept_dead_letters = accept;
    o.accepted_shards = std::move(accepted_shards);
    return run_verify(o);
  }

  /// What a report says.
  static std::string text_of(const result<verify_report>& r) {
    return r ? verify_text(*r) : "refused: " + r.error().message;
  }

  void expect_safe(const result<verify_report>& r) {
    ASSERT_TRUE(r) << text_of(r);
    EXPECT_EQ(r->exit_code, 0) << text_of(r);
    EXPECT_TRUE(verify_text(*r).ends_with("\nSAFE TO ERASE SOURCE: yes\n")) << text_of(r);
  }
  /// A directory that is damaged, with a finding whose path, place or text holds `part`.
  void expect_damaged(const result<verify_report>& r, std::string_view part) {
    ASSERT_TRUE(r) << text_of(r);
    EXPECT_EQ(r->exit_code, 1) << text_of(r);
    EXPECT_NE(text_of(r).find("\nSAFE TO ERASE SOURCE: no ("), std::string::npos) << text_of(r);
    EXPECT_TRUE(std::any_of(
        r->findings.begin(), r->findings.end(),
        [&](const finding& f) {
          return (f.path + " " + f.place + " " + f.what).find(part) != std::string::npos && !f.remedy.empty();
        }))
        << part << "\n"
        << text_of(r);
  }

  /// Changes the ledger as somebody else might.
  void change_ledger(const std::string& sql) const {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open((out() / "ledger.sqlite").c_str(), &db), SQLITE_OK);
    char* error = nullptr;
    EXPECT_EQ(sqlite3_exec(db, (sql + "; PRAGMA wal_checkpoint(TRUNCATE)").c_str(), nullptr, nullptr, &error),
              SQLITE_OK)
        << error;
    EXPECT_GT(sqlite3_total_changes(db), 0) << sql;
    sqlite3_close(db);
  }
  /// Makes SHA256SUMS agree with whatever the files are now, so that only the other checks can find a change.
  void reseal() const { ASSERT_TRUE(write_checksums(out(), {}).ok()); }
  void change_ledger_and_reseal(const std::string& sql) const {
    change_ledger(sql);
    reseal();
  }
};

}  // namespace outro::testing
