/// Verify: what is intact may be erased at the source; whatever is missing, extra or open to others is found.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"
#include "jobs/rebuild/rebuild.h"
#include "testing/verify_testing.h"

namespace outro {
namespace {

using testing::read_bytes;
using testing::verify;
using testing::zstd_frame;
namespace fs = std::filesystem;

TEST_F(verify, calls_an_intact_directory_safe) {
  make_export();
  const auto r = verify_out();
  expect_safe(r);
  EXPECT_EQ(r->archives, 40U);
  EXPECT_EQ(r->totals.documents, 40U);
  EXPECT_NE(verify_json(*r).find(R"("safeToErase":true)"), std::string::npos);
}

TEST_F(verify, changes_nothing) {
  make_export(true);
  const auto before = testing::tree(out());
  ASSERT_TRUE(verify_out({(folder / "in.ndjson").string()}));
  EXPECT_EQ(testing::tree(out()), before);
}

TEST_F(verify, finds_a_missing_pack) {
  make_export();
  const auto path = files_in("packs")[1];
  fs::remove(path);
  const auto r = verify_out();
  expect_damaged(r, path.filename().string());
  EXPECT_EQ(r->finding_count, 1U) << "once: " << text_of(r);
  reseal();
  expect_damaged(verify_out(), path.filename().string());
}

TEST_F(verify, finds_missing_dead_letters) {
  make_export(true);
  fs::remove(files_in("dead-letters").front());
  const auto r = verify_out();
  expect_damaged(r, "dead-letters/");
  EXPECT_EQ(r->finding_count, 1U) << "once: " << text_of(r);
}

TEST_F(verify, finds_a_truncated_pack) {
  make_export();
  const auto path = files_in("packs")[1];
  for (const auto left :
       {fs::file_size(path) - 1, fs::file_size(path) / 2, std::uintmax_t{5}, std::uintmax_t{0}}) {
    fs::resize_file(path, left);
    reseal();
    expect_damaged(verify_out(), path.filename().string());
  }
}

TEST_F(verify, finds_files_that_are_not_outros) {
  make_export();
  const auto make = [&](const char* name) {
    write(std::string("out/") + name, "x");
    fs::permissions(out() / name, fs::perms::owner_read | fs::perms::owner_write);
  };
  for (const char* name :
       {"notes.txt", "packs/r0001-u000009-s0001.tar.zst", "packs/a.partial", "ledger.sqlite-wal"}) {
    make(name);
    expect_damaged(verify_out(), name);
    fs::remove(out() / name);
  }
  fs::create_directory(out() / "strange");
  expect_damaged(verify_out(), "strange");
  fs::remove(out() / "strange");
  fs::create_symlink("/etc/passwd", out() / "packs" / "link");
  expect_damaged(verify_out(), "packs/link");
  fs::remove(out() / "packs" / "link");
  expect_safe(verify_out());
}

TEST_F(verify, finds_a_pipe_or_a_link_in_the_place_of_a_pack) {
  make_export();
  const auto path = files_in("packs").front();
  fs::rename(path, folder / "pack");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  expect_damaged(verify_out(), "neither a file nor a folder");
  fs::remove(path);
  fs::create_symlink(folder / "pack", path);
  expect_damaged(verify_out(), "it is a link");
}

TEST_F(verify, finds_modes_that_let_others_read) {
  make_export();
  const auto path = files_in("packs").front();
  fs::permissions(path, fs::perms::group_read, fs::perm_options::add);
  expect_damaged(verify_out(), "others may read it");
  fs::permissions(path, fs::perms::group_read, fs::perm_options::remove);
  fs::permissions(out() / "packs", fs::perms::others_exec, fs::perm_options::add);
  expect_damaged(verify_out(), "others may open it");
}

TEST_F(verify, spells_out_names_that_are_not_utf8) {
  make_export();
  auto sums = read_bytes(out() / "SHA256SUMS");
  sums.replace(sums.find("packs/") + 6, 3, "\xf3\xc0\x1b");
  testing::write_bytes(out() / "SHA256SUMS", sums);
  const auto r = verify_out();
  expect_damaged(r, R"(packs/\xf3\xc0\x1b01)");
  for (const auto& f : r->findings) EXPECT_EQ(f.path, legible(f.path));
  EXPECT_EQ(legible("a\xc2\x85 \xe6\xad\x8c\xe6\xad \xed\xa0\x80 \xf0\x9f\x8e\xb5\xff\x7f"),
            "a\\xc2\\x85 \u6b4c\\xe6\\xad \\xed\\xa0\\x80 \U0001F3B5\\xff\\x7f");
}

TEST_F(verify, finds_missing_or_disordered_checksums) {
  make_export();
  const auto sums = read_bytes(out() / "SHA256SUMS");
  const auto second = sums.find('\n') + 1;
  testing::write_bytes(out() / "SHA256SUMS", sums.substr(second) + sums.substr(0, second));
  expect_damaged(verify_out(), "not sorted");
  testing::write_bytes(out() / "SHA256SUMS", sums.substr(second));
  expect_damaged(verify_out(), "SHA256SUMS does not list it");
  fs::remove(out() / "SHA256SUMS");
  expect_damaged(verify_out(), "SHA256SUMS  it is missing");
}

TEST_F(verify, says_no_for_dead_letters_unless_they_are_accepted) {
  make_export(true);
  const auto r = verify_out();
  ASSERT_TRUE(r) << text_of(r);
  EXPECT_EQ(r->exit_code, 3) << text_of(r);
  EXPECT_EQ(r->finding_count, 0U) << text_of(r);
  EXPECT_NE(text_of(r).find("1 document is kept as a dead letter"), std::string::npos);
  expect_safe(verify_out({}, true));
}

TEST_F(verify, says_no_for_a_run_that_is_not_finished) {
  make_export();
  change_ledger("UPDATE runs SET state = 'planned', finished_ms = NULL");
  fs::remove(out() / "SHA256SUMS");
  const auto r = verify_out({(folder / "in.ndjson").string()});
  ASSERT_TRUE(r) << text_of(r);
  EXPECT_EQ(r->exit_code, 3) << text_of(r);
  EXPECT_EQ(r->finding_count, 0U) << text_of(r);
  EXPECT_NE(text_of(r).find("no (run 1 is not finished"), std::string::npos) << text_of(r);
}

TEST_F(verify, says_no_for_accounts_missing_from_the_roster) {
  auto o = options({write("in.ndjson", accounts(0, 3))});
  o.roster = write("roster.txt", "0\n1\n2\nghost\n");
  ASSERT_EQ(run(o), 3);
  const auto r = verify_out();
  ASSERT_TRUE(r) << text_of(r);
  EXPECT_EQ(r->exit_code, 3) << text_of(r);
  EXPECT_NE(text_of(r).find("1 account of the roster is missing"), std::string::npos) << text_of(r);
}

TEST_F(verify, needs_no_write_permission) {
  make_export(true);
  const auto set = [&](fs::perm_options how) {
    for (const auto& entry : fs::recursive_directory_iterator(out()))
      fs::permissions(entry.path(), fs::perms::owner_write, how);
    fs::permissions(out(), fs::perms::owner_write, how);
  };
  set(fs::perm_options::remove);
  const auto r = verify_out({(folder / "in.ndjson").string()}, true);
  set(fs::perm_options::add);
  expect_safe(r);
}

TEST_F(verify, says_that_it_lacks_permission_to_read) {
  make_export();
  const bool root = ::geteuid() == 0;
  const auto denied = [&] {
    const int became = root ? ::seteuid(65534) : 0;
    const auto r = verify_out();
    const int again = root ? ::seteuid(0) : 0;
    ASSERT_EQ(std::pair(became, again), std::pair(0, 0));
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().kind, failure::refused);
    EXPECT_NE(r.error().message.find("Permission denied"), std::string::npos) << r.error().message;
    EXPECT_EQ(r.error().message.find("rebuild"), std::string::npos) << r.error().message;
  };
  if (root) fs::permissions(folder, fs::perms(0755));  // so that it is OUT that is closed
  if (!root) fs::permissions(out(), fs::perms::none);
  denied();
  fs::permissions(out(), fs::perms(0755));
  if (!root) fs::permissions(out() / "ledger.sqlite", fs::perms::none);
  denied();
  for (const char* open : {"ledger.sqlite", "lock"}) fs::permissions(out() / open, fs::perms(0644));
  if (!root) fs::permissions(out() / "packs", fs::perms::none);
  denied();
  fs::permissions(out() / "packs", fs::perms::owner_all);
}

/// What it says to do about a file that is made from others is true.
TEST_F(verify, names_remedies_that_help) {
  make_export();
  auto o = options({(folder / "in.ndjson").string()});
  o.slice = 16'000;
  const auto part = "catalogue/parts/" + files_in("catalogue/parts").front().filename().string();
  fs::copy(out(), folder / "good", fs::copy_options::recursive);
  for (const auto& name : {std::string("summary.json"), std::string("report.html"),
                           std::string("catalogue/tracks.ndjson.zst"), part}) {
    for (const bool gone : {false, true}) {
      auto bytes = read_bytes(out() / name);
      bytes[bytes.size() / 2] ^= 1;
      gone ? (void)fs::remove(out() / name) : testing::write_bytes(out() / name, bytes);
      const auto r = verify_out();
      expect_damaged(r, name);
      ASSERT_EQ(r->findings.size(), 1U) << text_of(r);
      const auto& remedy = r->findings.front().remedy;
      fs::remove(out() / "SHA256SUMS");
      if (name == part) {
        EXPECT_NE(remedy.find("remove SHA256SUMS and the folder catalogue, then run"), std::string::npos)
            << remedy;
        EXPECT_EQ(run(o), 1) << "a damaged part is not merged";
        fs::remove_all(out() / "catalogue");
      } else {
        EXPECT_NE(remedy.find("remove it and SHA256SUMS, then run"), std::string::npos) << remedy;
        fs::remove(out() / name);
      }
      EXPECT_EQ(run(o), 0) << last.failure.message;
      expect_safe(verify_out());
      EXPECT_EQ(fs::exists(out() / name), name != part);
      fs::remove_all(out());
      fs::copy(folder / "good", out(), fs::copy_options::recursive);
    }
  }
}

TEST_F(verify, says_no_after_a_comparison_with_nothing) {
  make_export();
  const auto r = verify_out({write("empty.ndjson", "")});
  ASSERT_TRUE(r) << text_of(r);
  EXPECT_EQ(r->exit_code, 3) << text_of(r);
  EXPECT_NE(text_of(r).find("no (the dumps to compare with hold no document)"), std::string::npos)
      << text_of(r);
}

TEST_F(verify, does_not_count_the_documents_of_a_damaged_ledger) {
  make_export();
  const auto whole = read_bytes(out() / "ledger.sqlite");
  for (std::size_t from = 4096; from < whole.size(); from += 4096) {
    auto bytes = whole;
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from),
              bytes.begin() + static_cast<std::ptrdiff_t>(from) + 4096, '\0');
    testing::write_bytes(out() / "ledger.sqlite", bytes);
    const auto r = verify_out();
    ASSERT_TRUE(r) << text_of(r);
    EXPECT_EQ(r->exit_code, 1) << text_of(r);
    EXPECT_EQ(text_of(r).find("not one document"), std::string::npos) << text_of(r);
    EXPECT_EQ(text_of(r).find("no run was ever begun"), std::string::npos) << text_of(r);
  }
}

TEST_F(verify, refuses_a_directory_that_an_export_writes) {
  make_export();
  const int fd = ::open((out() / "lock").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(fd, LOCK_EX), 0);
  const auto r = verify_out();
  ::close(fd);
  ASSERT_FALSE(r);
  EXPECT_EQ(exit_code_of(r.error()), 2);
  EXPECT_NE(r.error().message.find("process " + std::to_string(::getpid())), std::string::npos)
      << r.error().message;
}

}  // namespace
}  // namespace outro
