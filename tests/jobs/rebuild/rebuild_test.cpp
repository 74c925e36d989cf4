/// A lost ledger comes back from the packs, equal in every row that they can tell.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "jobs/rebuild/rebuild.h"
#include "testing/verify_testing.h"

namespace outro {
namespace {

using testing::day_one;
using testing::dump;
namespace fs = std::filesystem;

std::vector<std::tuple<slice_id, std::uint64_t, bool, document_record>> rows(ledger& l) {
  std::vector<std::tuple<slice_id, std::uint64_t, bool, document_record>> all;
  EXPECT_TRUE(l.for_each_document([&](const document_row& r) {
                 return all.emplace_back(r.slice, r.index, r.proven, r.record), true;
               }).ok());
  return all;
}

class rebuild : public testing::verify {
 protected:
  std::map<std::string, std::string> all_but_the_lock() const {
    auto files = testing::tree(out());
    files.erase("lock");
    return files;
  }
  std::vector<std::string> sums_of_slices() {
    std::vector<std::string> sums;
    for (const auto& s : open_ledger().slices()) {
      sums.push_back(s.pack_sha256);
      sums.push_back(s.letters_sha256);
    }
    return sums;
  }
  std::string lines_without_the_ledger() const {
    auto sums = testing::read_bytes(out() / "SHA256SUMS");
    const auto at = sums.find("  ledger.sqlite\n") - 64;
    return sums.erase(at, sums.find('\n', at) + 1 - at);
  }
  /// Two runs with dead letters, several slices and a second run that changes some accounts.
  void export_twice() {
    for (int day = 0; day < 2; ++day) {
      std::string text = "broken\n";
      for (int i = 0; i < 200; ++i)
        text += dump(std::to_string(i), day_one + day,
                     day == 1 && i % 3 == 0 ? R"("comments":[{"message":"new"}])" : "", 20) +
                "\n";
      write("in.ndjson", text);
      auto o = options({(folder / "in.ndjson").string()});
      o.slice = 50'000;
      ASSERT_EQ(run(o), 3) << last.failure.message;
    }
  }
  /// One run of several slices, and the command that made it.
  export_options export_in_slices() {
    std::string lines;
    for (int i = 0; i < 200; ++i) lines += dump(std::to_string(i), day_one, "", 20) + "\n";
    auto o = options({write("in.ndjson", lines)});
    o.slice = 50'000;
    EXPECT_EQ(run(o), 0) << last.failure.message;
    return o;
  }
};

TEST_F(rebuild, brings_back_every_row) {
  export_twice();
  auto before = open_ledger();
  const auto expected = rows(before);
  const auto slices = before.slices();
  ASSERT_GT(slices.size(), 5U);
  fs::remove(folder / "out" / "ledger.sqlite");
  const auto report = rebuild_ledger(folder / "out");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->runs, 2U);
  EXPECT_EQ(report->accounts, 200U);
  auto after = open_ledger();
  EXPECT_EQ(rows(after), expected);
  ASSERT_EQ(after.slices().size(), slices.size());
  for (std::size_t i = 0; i < slices.size(); ++i) {
    EXPECT_EQ(after.slices()[i].pack_sha256, slices[i].pack_sha256);
    EXPECT_EQ(after.slices()[i].letters_sha256, slices[i].letters_sha256);
  }
  EXPECT_EQ(after.books_of(2).by_outcome, before.books_of(2).by_outcome);
}

TEST_F(rebuild, lets_verify_find_every_dump_again) {
  export_twice();
  fs::remove(folder / "out" / "ledger.sqlite");
  ASSERT_TRUE(rebuild_ledger(folder / "out"));
  verify_options o;
  o.out = folder / "out";
  o.against = {(folder / "in.ndjson").string()};
  o.quiet = true;
  o.accept_dead_letters = true;
  const auto report = run_verify(o);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->exit_code, 0) << verify_text(*report);
  EXPECT_EQ(report->against->lost, 0U);
}

TEST_F(rebuild, lets_the_same_command_go_on) {
  export_twice();
  testing::write_bytes(folder / "out" / "ledger.sqlite", "not a database");
  ASSERT_TRUE(rebuild_ledger(folder / "out"));
  auto o = options({(folder / "in.ndjson").string()});
  o.slice = 50'000;
  ASSERT_EQ(run(o), 3) << last.failure.message;
  auto l = open_ledger();
  EXPECT_EQ(l.books_of(3).by_outcome, (std::array<std::uint64_t, 3>{0, 200, 1}));
}

TEST_F(rebuild, refuses_a_gap_and_keeps_the_old_ledger) {
  export_twice();
  const auto old = testing::read_bytes(folder / "out" / "ledger.sqlite");
  fs::remove(folder / "out" / "packs" / "r0001-u000001-s0002.tar.zst");
  fs::remove(folder / "out" / "SHA256SUMS");
  const auto report = rebuild_ledger(folder / "out");
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message.find("r0001-u000001-s0003"), std::string::npos) << report.error().message;
  EXPECT_EQ(testing::read_bytes(folder / "out" / "ledger.sqlite"), old);
}

TEST_F(rebuild, refuses_without_a_file_that_the_checksums_list) {
  export_twice();
  const auto sums = testing::read_bytes(out() / "SHA256SUMS");
  std::string last_pack, last_letters;
  for (const auto& [name, bytes] : testing::tree(out())) {
    if (name.starts_with("packs/")) last_pack = name;
    if (name.starts_with("dead-letters/")) last_letters = name;
  }
  ASSERT_TRUE(last_pack.starts_with("packs/r0002")) << last_pack;
  for (const auto& name : {last_pack, last_letters}) {
    fs::rename(out() / name, folder / "away");
    const auto before = all_but_the_lock();
    const auto report = rebuild_ledger(out());
    ASSERT_FALSE(report) << name;
    EXPECT_EQ(exit_code_of(report.error()), 2);
    EXPECT_NE(report.error().message.find(name), std::string::npos) << report.error().message;
    EXPECT_EQ(all_but_the_lock(), before);
    fs::rename(folder / "away", out() / name);
  }
  // Gone for good: its line is taken out, and the run counts as cut short.
  fs::remove(out() / last_pack);
  auto without = sums;
  const auto at = without.find(last_pack) - 66;
  without.erase(at, without.find('\n', at) + 1 - at);
  testing::write_bytes(out() / "SHA256SUMS", without);
  const auto report = rebuild_ledger(out());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->cut_runs, std::vector<std::uint32_t>{2});
}

TEST_F(rebuild, keeps_damage_visible) {
  export_twice();
  const auto sums = lines_without_the_ledger();
  const auto before = sums_of_slices();
  std::vector<std::string> damaged;
  for (const auto& [name, bytes] : testing::tree(out())) {
    const bool of_packs = name.starts_with("packs/");
    if (name == "lock" || name == "SHA256SUMS" || name == "ledger.sqlite" ||
        (of_packs && !damaged.empty() && damaged.back().starts_with("packs/")))
      continue;
    damaged.push_back(name);
    auto flipped = bytes;
    flipped[of_packs ? 100 : bytes.size() / 2] ^= 1;
    testing::write_bytes(out() / name, flipped);
  }
  ASSERT_GT(damaged.size(), 5U);
  fs::remove(out() / "summary.json");
  fs::remove(out() / "ledger.sqlite");
  const auto report = rebuild_ledger(out());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->changed.count, damaged.size());
  EXPECT_LE(report->changed.kept.size(), changed_files::most_kept);
  EXPECT_EQ(lines_without_the_ledger(), sums);
  EXPECT_EQ(sums_of_slices(), before) << "the next export writes them into SHA256SUMS";
  const auto verified = verify_out();
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->exit_code, 1);
  for (const auto& name : damaged)
    EXPECT_TRUE(std::any_of(verified->findings.begin(), verified->findings.end(),
                            [&](const finding& f) { return f.path == name; }))
        << name << verify_text(*verified);
}

TEST_F(rebuild, lists_what_was_not_listed) {
  export_twice();
  const auto sums = lines_without_the_ledger();
  const auto second = sums.find('\n') + 1;
  testing::write_bytes(out() / "SHA256SUMS", sums.substr(second));
  ASSERT_TRUE(rebuild_ledger(out()));
  EXPECT_EQ(lines_without_the_ledger(), sums);
  EXPECT_EQ(verify_out()->finding_count, 0U);
}

TEST_F(rebuild, refuses_malformed_checksums) {
  export_twice();
  const auto sums = testing::read_bytes(out() / "SHA256SUMS");
  const std::string digest(64, 'a');
  for (const auto& bad :
       {std::string(), std::string("x\n"), sums.substr(0, sums.size() - 1), sums + sums,
        digest + "  /etc/passwd\n", digest + "  ../in.ndjson\n", digest + "  packs/../../in.ndjson\n"}) {
    testing::write_bytes(out() / "SHA256SUMS", bad);
    const auto before = all_but_the_lock();
    const auto report = rebuild_ledger(out());
    ASSERT_FALSE(report) << bad;
    EXPECT_EQ(exit_code_of(report.error()), 2) << report.error().message;
    EXPECT_NE(report.error().message.find("restore it from a copy"), std::string::npos);
    EXPECT_EQ(all_but_the_lock(), before);
  }
  fs::remove(out() / "SHA256SUMS");
  fs::create_directory(out() / "SHA256SUMS");
  EXPECT_FALSE(rebuild_ledger(out()));
}

TEST_F(rebuild, follows_no_link_that_the_checksums_name) {
  export_twice();
  write("secret/file", "x");
  fs::create_directory_symlink(folder / "secret", out() / "away");
  testing::write_bytes(out() / "SHA256SUMS", testing::sha256_of("x") + "  away/file\n");
  const auto report = rebuild_ledger(out());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->changed.kept, std::vector<std::string>{"away/file: it is missing"});
}

TEST_F(rebuild, refuses_without_the_first_run) {
  export_twice();
  fs::remove(out() / "SHA256SUMS");
  for (const auto& [name, bytes] : testing::tree(out()))
    if (name.starts_with("packs/r0001")) fs::remove(out() / name);
  const auto before = all_but_the_lock();
  const auto report = rebuild_ledger(out());
  ASSERT_FALSE(report);
  EXPECT_EQ(exit_code_of(report.error()), 2);
  EXPECT_NE(report.error().message.find("run 1 has no packs"), std::string::npos) << report.error().message;
  EXPECT_EQ(all_but_the_lock(), before);
}

TEST_F(rebuild, marks_a_run_that_was_cut_short_and_lets_the_next_one_make_it_good) {
  const auto o = export_in_slices();
  const auto& input = o.dumps.front();
  // As a kill leaves it: the last slices are not there, and nothing is sealed.
  const auto packs = files_in("packs");
  ASSERT_GT(packs.size(), 3U);
  for (const auto& gone :
       {packs.back(), packs[packs.size() - 2], out() / "SHA256SUMS", out() / "ledger.sqlite"})
    fs::remove(gone);
  write("out/dead-letters/" + packs.back().stem().stem().string() + ".ndjson.zst", "");
  fs::permissions(files_in("dead-letters").back(), fs::perms::owner_read | fs::perms::owner_write);
  const auto rebuilt = rebuild_ledger(out());
  ASSERT_TRUE(rebuilt) << rebuilt.error().message;
  EXPECT_EQ(rebuilt->cut_runs, std::vector<std::uint32_t>{1});
  const auto between = verify_out();
  ASSERT_TRUE(between) << text_of(between);
  EXPECT_EQ(between->exit_code, 3) << text_of(between);
  EXPECT_NE(text_of(verify_out({input})).find("the ledger has no such document"), std::string::npos);

  ASSERT_EQ(run(o), 0) << last.failure.message;
  EXPECT_EQ(open_ledger().runs().size(), 2U);
  const auto alone = verify_out();
  ASSERT_TRUE(alone) << text_of(alone);
  EXPECT_EQ(alone->exit_code, 3) << text_of(alone);
  EXPECT_EQ(alone->finding_count, 0U) << text_of(alone);
  EXPECT_NE(text_of(alone).find("no (run 1 was cut short"), std::string::npos) << text_of(alone);
  // A comparison shows nothing of what else the run had read: the operator says that this is all.
  EXPECT_EQ(verify_out({input})->exit_code, 3);
  const auto vouched = run_verify([&] {
    verify_options o2;
    o2.out = out();
    o2.against = {input};
    o2.accepted_cut_runs = {1};
    o2.quiet = true;
    return o2;
  }());
  expect_safe(vouched);
  EXPECT_NE(text_of(vouched).find("Note: run 1 was cut short"), std::string::npos) << text_of(vouched);
}

// Each slice record says how many units its run has, so one that is gone is missed.
TEST_F(rebuild, misses_a_unit_that_left_no_pack) {
  const auto big = [&](int from) {
    std::string text;
    for (int i = from; text.size() < own_unit_size; ++i)
      text += dump(std::to_string(i), day_one, "", 2000) + "\n";
    return text;
  };
  auto both = options({write("a.ndjson", big(0)), write("b.ndjson", big(1000))});
  both.catalogue = false;
  ASSERT_EQ(run(both), 0);
  for (const auto& gone : files_in("packs"))
    if (gone.filename().native().starts_with("r0001-u000002")) fs::remove(gone);
  fs::remove(out() / "ledger.sqlite");
  fs::remove(out() / "SHA256SUMS");
  ASSERT_TRUE(rebuild_ledger(out()));
  const auto delta = write("delta.ndjson", dump("0", day_one + 1, R"("x":1)") + "\n");
  ASSERT_EQ(run(options({delta})), 0) << last.failure.message;
  const auto r = verify_out({delta});
  ASSERT_TRUE(r) << text_of(r);
  EXPECT_EQ(r->exit_code, 3) << text_of(r);
  EXPECT_NE(text_of(r).find("no (run 1 was cut short"), std::string::npos) << text_of(r);
}

TEST_F(rebuild, lets_a_later_run_supply_what_depended_on_a_lost_pack) {
  const auto o = export_in_slices();
  const auto& input = o.dumps.front();
  const auto lost = files_in("packs").back();
  write("in.ndjson", testing::read_bytes(input) + dump("new", day_one) + "\n");
  ASSERT_EQ(run(o), 0) << last.failure.message;
  ASSERT_GT(open_ledger().books_of(2).by_outcome[1], 0U);
  fs::remove(lost);
  fs::remove(out() / "SHA256SUMS");
  ASSERT_TRUE(rebuild_ledger(out()));
  EXPECT_NE(text_of(verify_out()).find("no other run has such an archive"), std::string::npos)
      << text_of(verify_out());
  ASSERT_EQ(run(o), 0) << last.failure.message;
  verify_options vouching;
  vouching.out = out();
  vouching.against = {input};
  vouching.accepted_cut_runs = {1, 2};
  vouching.quiet = true;
  expect_safe(run_verify(vouching));
}

TEST_F(rebuild, marks_the_last_run_of_a_directory_that_was_not_sealed) {
  export_twice();
  fs::remove(out() / "SHA256SUMS");
  const auto report = rebuild_ledger(out());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->cut_runs, std::vector<std::uint32_t>{2})
      << "a run that left no pack may have begun behind it";
  EXPECT_TRUE(open_ledger().runs().back().finished) << "nothing resumes it";
}

TEST_F(rebuild, says_what_is_lost_and_what_is_damaged) {
  export_twice();
  const auto whole = rebuild_ledger(out());
  ASSERT_TRUE(whole);
  EXPECT_EQ(rebuild_warnings(*whole), "");
  const auto said = rebuild_text(out(), *whole);
  EXPECT_NE(said.find("the roster, the names of shards, and when runs began"), std::string::npos) << said;
  EXPECT_NE(said.find("Give --roster again"), std::string::npos) << said;
  EXPECT_EQ(said.find("do not show"), std::string::npos) << said;

  auto cut = *whole;
  cut.cut_runs = {2};
  EXPECT_NE(rebuild_text(out(), cut).find("do not show that run 2 was finished"), std::string::npos);
  for (int i = 0; i < 13; ++i) cut.changed.add("packs/" + std::to_string(i) + "\x1b", "it is missing");
  const auto warnings = rebuild_warnings(cut);
  EXPECT_EQ(std::count(warnings.begin(), warnings.end(), '\n'), 12);
  EXPECT_NE(warnings.find("$'packs/9\\x1b': it is missing\nand 3 more\n"), std::string::npos) << warnings;
}

TEST_F(rebuild, refuses_a_directory_without_packs) {
  const auto report = rebuild_ledger(folder);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, failure::refused);
}

}  // namespace
}  // namespace outro
