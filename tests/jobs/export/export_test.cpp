/// The main job: every document has an outcome, and the output depends on the input alone.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <random>
#include <thread>

#include "archive/open_archive.h"
#include "base/bytes.h"
#include "base/file.h"
#include "jobs/verify/verify.h"
#include "outro/pack_reader.h"
#include "testing/export_testing.h"
#include "testing/verify_testing.h"
#include "watch/status_page.h"

namespace outro {
namespace {

using testing::day_one;
using testing::dump;
using testing::Job;
using testing::tree;
namespace fs = std::filesystem;

std::string zst(std::string_view content) {
  std::string out(ZSTD_compressBound(content.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), content.data(), content.size(), 1));
  return out;
}

std::string gz(std::string_view content) {
  std::string out(content.size() + 1000, '\0');
  z_stream s{};
  deflateInit2(&s, 1, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
  s.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  s.avail_in = static_cast<uInt>(content.size());
  s.next_out = reinterpret_cast<Bytef*>(out.data());
  s.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&s, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - s.avail_out);
  deflateEnd(&s);
  return out;
}

std::string accounts(int from, int to, std::string_view extra = {}, int tracks = 20) {
  std::string lines;
  for (int i = from; i < to; ++i) lines += dump(std::to_string(i), day_one + i, extra, tracks + i % 7) + "\n";
  return lines;
}

books books_of(ledger& l) {
  return l.books_of(l.runs().back().run);
}

TEST_F(Job, ArchivesFilesDirectoriesAndMixedCompression) {
  write("in/b.ndjson.zst", zst(accounts(0, 50)) + zst(accounts(50, 100)));
  write("in/sub/c.gz", gz(accounts(100, 150)));
  const auto plain = write("a.ndjson", accounts(150, 200) + "\n  \n" + dump("last", day_one));
  ASSERT_EQ(run(options({plain, (folder / "in").string()})), 0) << last.failure.message;
  auto l = open_ledger();
  EXPECT_EQ(l.current_accounts(), 201U);
  EXPECT_EQ(books_of(l).blank_lines, 2U);
  EXPECT_NE(summary.find("201 = 201 written"), std::string::npos);
}

TEST_F(Job, GivesTheSameBytesAtAnyThreadCountAndMemory) {
  auto text = accounts(0, 300);
  text.insert(text.find('\n', 5000) + 1, "{broken\n");
  text += dump("huge", day_one, {}, 4000) + "\n" + accounts(300, 400);
  const auto input = write("in.ndjson", text);
  std::map<std::string, std::string> first;
  for (const unsigned threads : {1U, 2U, 7U}) {
    auto o = options({input}, "out" + std::to_string(threads));
    o.threads = threads;
    o.slice = 40'000;
    o.shards_in_flight = threads;
    o.catalogue = true;
    ASSERT_EQ(run(o), 3) << last.failure.message;
    auto files = tree(o.out);
    for (const char* name : {"ledger.sqlite", "SHA256SUMS", "summary.json", "report.html", "lock"})
      files.erase(name);
    // Which part describes a track depends on who saw it first; what is merged from the parts does not.
    std::erase_if(files, [](const auto& f) { return f.first.starts_with("catalogue/parts/"); });
    EXPECT_TRUE(files.contains("catalogue/tracks.ndjson.zst"));
    if (first.empty()) first = files;
    EXPECT_EQ(files, first) << threads;
  }
  EXPECT_GT(first.size(), 10U);
}

TEST_F(Job, KeepsACatalogueFromTheFirstRunOnOrNotAtAll) {
  const auto tracks_of = [&](const char* out) {
    return outro::testing::read_bytes(folder / out / "catalogue/tracks.ndjson.zst");
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

TEST_F(Job, GivesTheSamePacksPlainCompressedAndWithBothEngines) {
  const auto text = accounts(0, 200);
  const std::string inputs[] = {write("a", text),
                                write("b.zst", zst(text.substr(0, 999)) + zst(text.substr(999))),
                                write("c.gz", gz(text))};
  std::map<std::string, std::string> first;
  for (const auto& input : inputs)
    for (const char* io : {"threads", "auto"}) {
      auto o = options({input}, fs::path(input).filename().string() + io);
      o.io = io;
      o.slice = 30'000;
      ASSERT_EQ(run(o), 0) << last.failure.message;
      const auto packs = tree(o.out / "packs");
      if (first.empty()) first = packs;
      EXPECT_EQ(packs, first) << input << io;
    }
}

/// Bytes of a file that the page cache holds.
std::size_t cached_bytes(const std::string& path) {
  const auto file = open_to_read(path).value();
  const auto size = fs::file_size(path);
  void* const at = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
  EXPECT_NE(at, MAP_FAILED);
  std::vector<unsigned char> pages((size + disk_alignment - 1) / disk_alignment);
  EXPECT_EQ(::mincore(at, size, pages.data()), 0);
  EXPECT_EQ(::munmap(at, size), 0);
  return disk_alignment * static_cast<std::size_t>(std::count_if(
                              pages.begin(), pages.end(), [](unsigned char p) { return (p & 1) != 0; }));
}

TEST_F(Job, ReadsLargeShardsPastThePageCache) {
  std::string lines;
  std::mt19937_64 random(1);
  for (int i = 0; lines.size() < 8U << 20; ++i) {
    std::string noise;
    while (noise.size() < 100'000) noise += std::to_string(random());
    lines += dump(std::to_string(i), day_one, "\"noise\":\"" + noise + "\"") + '\n';
  }
  for (const auto& [name, bytes] : {std::pair{"plain.ndjson", lines}, {"packed.ndjson.zst", zst(lines)}}) {
    const auto shard = write(name, bytes);
    const auto file = open_to_read(shard).value();
    ASSERT_TRUE(sync_file(file.get(), shard).ok());
    ASSERT_EQ(::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED), 0);
    use_direct_io(file.get());
    if ((::fcntl(file.get(), F_GETFL) & O_DIRECT) == 0 || cached_bytes(shard) > 0)
      GTEST_SKIP() << "the file system of " << shard << " has no way past the page cache";
    for (const auto* engine : {"threads", "auto"}) {
      auto o = options({shard}, std::string("out-") + name + engine);
      o.io = engine;
      ASSERT_EQ(run(o), 0);
      EXPECT_LE(cached_bytes(shard), 256U << 10) << name << " of " << bytes.size() << " bytes";
    }
  }
}

TEST_F(Job, ReadsAFifo) {
  const auto path = folder / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto text = accounts(0, 100);
  std::thread writer([&] { testing::write_bytes(path, text); });
  EXPECT_EQ(run(options({path.string()})), 0) << last.failure.message;
  writer.join();
  EXPECT_EQ(open_ledger().current_accounts(), 100U);
}

TEST_F(Job, PutsManySmallFilesIntoPacksOfNormalSize) {
  for (int i = 0; i < 2000; ++i) write("in/" + std::to_string(i) + ".json", dump(std::to_string(i), day_one));
  ASSERT_EQ(run(options({(folder / "in").string()})), 0);
  EXPECT_EQ(tree(folder / "out" / "packs").size(), 1U);
  EXPECT_EQ(open_ledger().current_accounts(), 2000U);
}

TEST_F(Job, KeepsWhatCannotBeExportedByteForByte) {
  const std::vector<std::string> bad = {
      "{\"userId\":1,}", "{}", "[1]", "{\"userId\":1e3}\r", "\xff\xfe", "{\"userId\":\"x\"", "nonsense \x01"};
  std::string text = accounts(0, 10);
  for (const auto& b : bad) text += b + "\n" + accounts(10, 11);
  const auto input = write("in.ndjson", text);
  ASSERT_EQ(run(options({input})), 3);
  auto l = open_ledger();
  EXPECT_EQ(books_of(l).by_outcome[3], bad.size());
  std::string kept;
  for (const auto& [name, bytes] : tree(folder / "out" / "dead-letters")) {
    std::string out(1 << 20, '\0');
    ZSTD_DCtx* context = ZSTD_createDCtx();
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    while (in.pos < in.size) ASSERT_FALSE(ZSTD_isError(ZSTD_decompressStream(context, &to, &in)));
    ZSTD_freeDCtx(context);
    kept.append(out, 0, to.pos);
  }
  std::string expected;
  for (const auto& b : bad) expected += b + "\n";
  EXPECT_EQ(kept, expected);
  std::size_t seen = 0;
  ASSERT_TRUE(l.for_each_document(
                   [&](const document_row& r) {
                     EXPECT_EQ(text.substr(r.record.place.offset, r.record.length), bad[seen++]);
                     return true;
                   },
                   "outcome = 3")
                  .ok());
  EXPECT_EQ(seen, bad.size());
}

TEST_F(Job, TakesARepairedDeadLetterFileAsInput) {
  const auto input = write("in.ndjson", accounts(0, 3) + dump("x", day_one).substr(1) + "\n");
  ASSERT_EQ(run(options({input})), 3);
  const auto repaired = write("repaired.ndjson", dump("x", day_one) + "\n");
  EXPECT_EQ(run(options({repaired})), 0) << last.failure.message;
  EXPECT_EQ(open_ledger().current_accounts(), 4U);
}

TEST_F(Job, KeepsADocumentThatIsTooLongInPieces) {
  const std::string huge = R"({"userId":"h","x":")" + std::string(20U << 20, 'x') + "\"}";
  const auto input = write("in.ndjson", accounts(0, 5) + huge + "\n" + accounts(5, 10));
  auto o = options({input});
  o.max_document = 1U << 20;
  ASSERT_EQ(run(o), 3) << last.failure.message;
  auto l = open_ledger();
  EXPECT_EQ(books_of(l).dead_by_reason.at("TOO_LARGE"), 1U);
  EXPECT_EQ(l.current_accounts(), 10U);
  std::string restored(huge.size() + 100, '\0');
  for (const auto& [name, bytes] : tree(folder / "out" / "dead-letters")) {
    const auto n = ZSTD_decompress(restored.data(), restored.size(), bytes.data(), bytes.size());
    ASSERT_FALSE(ZSTD_isError(n));
    EXPECT_EQ(std::string_view(restored).substr(0, n), huge + "\n");
  }
}

TEST_F(Job, DoesNothingWhenItIsDone) {
  const auto input = write("in.ndjson", accounts(0, 20));
  ASSERT_EQ(run(options({input})), 0);
  const auto before = tree(folder / "out" / "packs");
  ASSERT_EQ(run(options({input})), 0);
  EXPECT_NE(summary.find("nothing to do"), std::string::npos);
  EXPECT_EQ(tree(folder / "out" / "packs"), before);
  EXPECT_EQ(open_ledger().runs().size(), 1U);
}

TEST_F(Job, LeavesASealedDirectoryAsItIsWhenThereIsNothingToDo) {
  const auto input = write("in.ndjson", accounts(0, 20));
  ASSERT_EQ(run(options({input})), 0);
  const auto before = tree(folder / "out");
  ASSERT_EQ(run(options({input})), 0);
  auto after = tree(folder / "out");
  after["lock"] = before.at("lock");  // holds the pid
  EXPECT_EQ(after, before);
}

TEST_F(Job, SealsADirectoryThatACrashLeftUnsealed) {
  const auto input = write("in.ndjson", accounts(0, 20));
  ASSERT_EQ(run(options({input})), 0);
  fs::remove(folder / "out" / "SHA256SUMS");
  fs::remove(folder / "out" / "summary.json");
  ASSERT_EQ(run(options({input})), 0);
  EXPECT_NE(summary.find("nothing to do"), std::string::npos);
  EXPECT_NE(testing::read_bytes(folder / "out" / "SHA256SUMS").find("summary.json"), std::string::npos);
}

TEST_F(Job, SealsAgainWhenARosterIsGivenLater) {
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

TEST_F(Job, KeepsTheFiguresOfTheRunWhenItSealsAgain) {
  const auto input = write("in.ndjson", accounts(0, 3));
  ASSERT_EQ(run(options({input})), 0);
  const auto figures = [&] {
    const auto page = testing::read_bytes(folder / "out" / "report.html");
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

TEST_F(Job, TakesShardsWhoseNamesAreNoUtf8) {
  write("dumps/a.ndjson", accounts(0, 3));
  write("dumps/\xd6\xd0.ndjson.zst", "(\xb5\x2f\xfd, and no more");  // 中 in GBK
  ASSERT_EQ(run(options({(folder / "dumps").string()})), 3) << last.failure.message;
  auto l = open_ledger();
  ASSERT_EQ(books_of(l).damaged.size(), 1U);
  EXPECT_TRUE(books_of(l).damaged[0].first.ends_with("\xd6\xd0.ndjson.zst"));
  const auto summary_file = boost::json::parse(testing::read_bytes(folder / "out" / "summary.json"));
  EXPECT_EQ(summary_file.at("books").at("damagedShards").as_object().size(), 1U);
  EXPECT_TRUE(read_live_state(folder / "out"));
}

TEST_F(Job, LeavesASealedDirectoryAsItWasWhenItRefuses) {
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

TEST_F(Job, SaysWhichShardIsNewWhenItRefuses) {
  write("dumps/b.ndjson", accounts(0, 40));
  auto o = options({(folder / "dumps").string()});
  o.slice = 2000;
  ASSERT_EQ(run(o), 0);
  // As if it had been interrupted.
  {
    auto books = database::open(folder / "out" / "ledger.sqlite", database::access::write);
    ASSERT_TRUE(books);
    ASSERT_TRUE(books->run("UPDATE runs SET state = 'planned'").ok());
  }
  write("dumps/a.ndjson", accounts(40, 41));
  ASSERT_EQ(run(o), 2);
  EXPECT_NE(last.failure.message.find("a.ndjson is new"), std::string::npos) << last.failure.message;
  EXPECT_NE(last.failure.message.find("put the shards back"), std::string::npos) << last.failure.message;
}

/// Within what passes the page cache, and not at the end of a disk's block.
TEST_F(Job, NamesTheLimitThatCutAPackShort) {
  std::string dumps;
  for (int i = 0; i < 300; ++i) dumps += dump(std::to_string(i), day_one, {}, 150) + "\n";
  const auto input = write("in.ndjson", dumps);
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &usual), 0);
  for (const char* engine : {"uring", "threads"}) {
    auto o = options({input});
    o.out = folder / engine;
    o.io = engine;
    const rlimit limited{300'001, usual.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limited), 0);
    const auto code = run(o);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &usual), 0);
    if (code == 2) continue;  // a kernel without io_uring
    EXPECT_EQ(code, 1);
    EXPECT_NE(last.failure.message.find("ulimit -f"), std::string::npos) << last.failure.message;
    EXPECT_EQ(run(o), 0) << last.failure.message;
  }
}

TEST_F(Job, SaysThatADumpWithoutADateCountsAsOldest) {
  ASSERT_EQ(run(options({write("dated.ndjson", dump("1", day_one) + "\n")})), 0);
  std::string undated = dump("1", day_one, R"("comments":[{"message":"new"}])");
  const std::string key = "\"exportedAt\":" + std::to_string(day_one) + ",";
  ASSERT_NE(undated.find(key), std::string::npos) << undated;
  undated.erase(undated.find(key), key.size());
  ASSERT_EQ(run(options({write("undated.ndjson", undated + "\n")})), 0);
  EXPECT_NE(summary.find("1 dump without exportedAt counts as oldest"), std::string::npos) << summary;
}

TEST_F(Job, RefusesWhatIsPackedInAWayItDoesNotRead) {
  for (const std::string& magic : {std::string("\xfd\x37zXZ\0", 6), std::string("BZh9"),
                                   std::string("PK\3\4"), zst(std::string(257, 'x') + "ustar")}) {
    ASSERT_EQ(run(options({write("in.packed", magic + std::string(600, 'x'))})), 2);
    EXPECT_NE(last.failure.message.find("which is not read; unpack it first"), std::string::npos)
        << last.failure.message;
  }
}

TEST_F(Job, MakesADirectoryThatIsThereAlreadyPrivate) {
  fs::create_directories(folder / "out");
  ASSERT_EQ(run(options({write("in.ndjson", accounts(0, 3))})), 0);
  EXPECT_EQ(fs::status(folder / "out").permissions(), fs::perms::owner_all);
}

TEST_F(Job, WritesOnlyWhatChangedInADelta) {
  write("in.ndjson",
        dump("same", day_one) + "\n" + dump("changed", day_one) + "\n" + dump("older", day_one + 9) + "\n");
  const auto input = (folder / "in.ndjson").string();
  ASSERT_EQ(run(options({input})), 0);
  write("in.ndjson", dump("same", day_one + 5) + "\n" +
                         dump("changed", day_one + 5, R"("comments":[{"message":"bye"}])") + "\n" +
                         dump("older", day_one, R"("comments":[1])") + "\n" + dump("new", day_one) + "\n");
  ASSERT_EQ(run(options({input})), 0) << last.failure.message;
  auto l = open_ledger();
  const auto b = books_of(l);
  EXPECT_EQ(b.by_outcome, (std::array<std::uint64_t, 4>{2, 1, 1, 0}));
  EXPECT_EQ(l.history_of("changed")[0].slice.run, 2U);
  EXPECT_EQ(l.history_of("older")[0].record.exported_at, day_one + 9);
  EXPECT_EQ(l.current_accounts(), 4U);
}

TEST_F(Job, HasOneCurrentArchiveForAnAccountThatComesFiveTimes) {
  std::string text;
  for (const int i : {3, 5, 1, 4, 2}) text += dump("a", day_one + i) + "\n";
  ASSERT_EQ(run(options({write("in.ndjson", text)})), 0);
  auto l = open_ledger();
  EXPECT_EQ(books_of(l).by_outcome[0], 5U);
  EXPECT_EQ(l.current_accounts(), 1U);
  EXPECT_EQ(l.history_of("a")[0].record.exported_at, day_one + 5);
}

TEST_F(Job, NamesTheAccountsOfTheRosterThatAreMissing) {
  const auto input = write("in.ndjson", accounts(0, 3));
  auto o = options({input});
  o.roster = write("roster.txt", "0\r\n 1 \n2\nghost\n");
  EXPECT_EQ(run(o), 3);
  EXPECT_NE(summary.find("missing  ghost"), std::string::npos) << summary;
  EXPECT_NE(summary.find("4 = 3 archived + 0 dead letters + 1 missing"), std::string::npos);
}

TEST_F(Job, ExportsWhatComesBeforeDamageAndSaysWhere) {
  const auto text = accounts(0, 400);
  auto bad = zst(text.substr(0, text.size() / 2)) + zst(text.substr(text.size() / 2));
  bad.resize(bad.size() - 50);
  write("in/a.zst", bad);
  write("in/b.ndjson", accounts(400, 450));
  ASSERT_EQ(run(options({(folder / "in").string()})), 3) << last.failure.message;
  EXPECT_NE(summary.find("a.zst: zstd"), std::string::npos) << summary;
  auto l = open_ledger();
  EXPECT_GE(l.current_accounts(), 250U);
  EXPECT_FALSE(l.history_of("449").empty());
  // The repaired shard brings what was missing, and proven copies.
  write("in/a.zst", zst(text));
  ASSERT_EQ(run(options({(folder / "in").string()})), 0) << last.failure.message;
  auto repaired = open_ledger();
  EXPECT_EQ(repaired.current_accounts(), 450U);
  for (int i = 0; i < 450; i += 13) EXPECT_TRUE(repaired.history_of(std::to_string(i))[0].proven) << i;
}

TEST_F(Job, TakesACompressedShardThatLostItsBeginForDamaged) {
  write("in/a.ndjson", accounts(0, 5));
  write("in/b.ndjson.zst", "");
  auto flipped = testing::zstd_frame(accounts(5, 9));
  flipped[0] = static_cast<char>(flipped[0] ^ 1);
  write("in/c.ndjson.zst", flipped);
  ASSERT_EQ(run(options({(folder / "in").string()})), 3) << last.failure.message;
  auto l = open_ledger();
  ASSERT_EQ(books_of(l).damaged.size(), 2U);
  EXPECT_TRUE(books_of(l).damaged[0].first.ends_with("b.ndjson.zst"));
  EXPECT_TRUE(books_of(l).damaged[1].first.ends_with("c.ndjson.zst"));
  EXPECT_EQ(l.current_accounts(), 5U);
}

TEST_F(Job, GoesOnBesideWhatACrashLeftOfTheLedger) {
  const auto in = write("a.ndjson", accounts(0, 5));
  ASSERT_EQ(run(options({in})), 0);
  fs::remove(folder / "out/SHA256SUMS");
  // An empty journal has nothing to undo: what is left when the power goes as it is made.
  for (const char* name : {"ledger.sqlite-journal", "ledger.sqlite.partial", "ledger.sqlite.partial-wal",
                           "ledger.sqlite.partial-shm", "ledger.sqlite.partial-journal"})
    write(std::string("out/") + name, "");
  const auto more = write("b.ndjson", accounts(5, 9));
  ASSERT_EQ(run(options({more})), 0) << last.failure.message;
  for (const auto& entry : fs::directory_iterator(folder / "out"))
    EXPECT_EQ(entry.path().filename().string().find(".partial"), std::string::npos) << entry.path();
}

TEST_F(Job, NeverGoesOnBesideAPackThatIsMissing) {
  const auto in = write("a.ndjson", accounts(0, 5));
  ASSERT_EQ(run(options({in})), 0);
  const auto delta = write("b.ndjson", accounts(0, 9));
  const auto pack = folder / "out/packs/r0001-u000001-s0001.tar.zst";
  const auto says = [&](const std::string& dumps, const std::string& what) {
    EXPECT_EQ(run(options({dumps})), 1);
    EXPECT_NE(last.failure.message.find(pack.string() + what), std::string::npos) << last.failure.message;
  };
  fs::resize_file(pack, fs::file_size(pack) - 1);
  says(in, " is not as long as it was written");
  fs::remove(pack);
  says(in, " is missing");
  says(delta, " is missing");
}

TEST_F(Job, RefusesAtOnceWhatCannotEndWell) {
  const auto input = write("in.ndjson", accounts(0, 3));
  const auto pretty = write("pretty.json", "{\n  \"userId\": 1\n}\n");
  EXPECT_EQ(run(options({pretty})), 2);
  EXPECT_NE(last.failure.message.find("tr -d"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder / "out"));
  EXPECT_EQ(run(options({input + "nothing"})), 2);
  auto o = options({input});
  o.memory = 1;
  EXPECT_EQ(run(o), 2);
  o = options({input});
  o.level = 77;
  EXPECT_EQ(run(o), 2);
  o = options({input});
  o.layout = "nothing.toml";
  EXPECT_EQ(run(o), 2);
  write("foreign/file", "x");
  EXPECT_EQ(run(options({input}, "foreign")), 2);
  EXPECT_NE(last.failure.message.find("not Outro's"), std::string::npos);
}

TEST_F(Job, RefusesOutputInsideInputAndInputInsideOutput) {
  write("in/a.ndjson", accounts(0, 3));
  EXPECT_EQ(run(options({(folder / "in").string()}, "in/out")), 2);
  EXPECT_NE(last.failure.message.find("lies inside the dumps"), std::string::npos) << last.failure.message;
  EXPECT_FALSE(fs::exists(folder / "in" / "out"));
  write("out/x.ndjson", accounts(0, 3));
  EXPECT_EQ(run(options({(folder / "out" / "x.ndjson").string()})), 2);
}

TEST_F(Job, RefusesARosterAndShardsThatAreNotWhatTheyAreCalled) {
  const auto input = write("in.ndjson", accounts(0, 3));
  auto o = options({input});
  o.roster = write("roster.bin", std::string("a\nb\x01\n"));
  EXPECT_EQ(run(o), 2);
  EXPECT_NE(last.failure.message.find("roster.bin:2"), std::string::npos) << last.failure.message;
  o.roster = write("roster.latin", std::string("a\nb\nM\xfcller\n"));
  EXPECT_EQ(run(o), 2);
  EXPECT_NE(last.failure.message.find("roster.latin:3"), std::string::npos) << last.failure.message;
  o.roster = write("roster.empty", "\n\n");
  EXPECT_EQ(run(o), 2);
  EXPECT_NE(last.failure.message.find("names no account"), std::string::npos) << last.failure.message;
  o.roster = folder;
  EXPECT_EQ(run(o), 2);
  EXPECT_EQ(run(options({write("not.zst", "plain text")})), 2);
  EXPECT_NE(last.failure.message.find("not.zst is named .zst"), std::string::npos) << last.failure.message;
}

TEST_F(Job, ExportsASecondServiceThroughATableAlone) {
  const std::string document =
      R"({"account":"u1","playlists":[{"name":"mix","pid":7,"modified_at":1493424000,"tracks":[)"
      R"({"pos":0,"artist_name":"A","track_uri":"spotify:track:1","artist_uri":"a:1","track_name":"T1","album_uri":"b:1","duration_ms":180000,"album_name":"B"},)"
      R"({"pos":1,"artist_name":"A","track_uri":"spotify:track:1","artist_uri":"a:1","track_name":"T1","album_uri":"b:1","duration_ms":180000,"album_name":"B"}]}]})";
  auto o = options({write("mpd.ndjson", document + "\n")});
  o.layout = OUTRO_SOURCE_DIR "/tools/layouts/mpd.toml";
  ASSERT_EQ(run(o), 0) << last.failure.message;
  auto l = open_ledger();
  const auto rows = l.history_of("u1");
  ASSERT_EQ(rows.size(), 1U);
  const auto pack = pack_reader::open(folder / "out" / "packs" / "r0001-u000001-s0001.tar.zst").value();
  const auto frame = pack.read(rows[0].record.stored_offset, rows[0].record.stored_bytes).value();
  const auto archive = open_archive(frame, 1U << 20);
  ASSERT_TRUE(archive) << archive.error().message;
  std::string restored;
  ASSERT_TRUE(restore_dump(*archive, restored).ok());
  EXPECT_EQ(restored, document);
  bool seen = false;
  for (const auto& m : archive->members) {
    if (!m.path.ends_with("/playlists/001 mix.csv")) continue;
    seen = true;
    // The two entries differ in `pos` alone: two rows of bytes, one recording.
    EXPECT_NE(m.content.find("T1,A,B,mix,Playlist,,180000,spotify:track:1,,,,1\r\n"), std::string::npos)
        << m.content;
  }
  EXPECT_TRUE(seen);
}

TEST_F(Job, RefusesPacksWithoutALedger) {
  const auto input = write("in.ndjson", accounts(0, 3));
  ASSERT_EQ(run(options({input})), 0);
  fs::remove(folder / "out" / "ledger.sqlite");
  EXPECT_EQ(run(options({input})), 2);
  EXPECT_NE(last.failure.message.find("outro rebuild"), std::string::npos);
}

TEST_F(Job, KeepsEverythingPrivate) {
  ASSERT_EQ(run(options({write("in.ndjson", accounts(0, 3) + "bad\n")})), 3);
  for (const auto& entry : fs::recursive_directory_iterator(folder / "out"))
    EXPECT_EQ(entry.status().permissions(),
              entry.is_directory() ? fs::perms::owner_all : fs::perms::owner_read | fs::perms::owner_write)
        << entry.path();
  EXPECT_EQ(fs::status(folder / "out").permissions(), fs::perms::owner_all);
}

TEST_F(Job, StaysWithinItsMemoryWithManyShardsInFlight) {
  for (int i = 0; i < 12; ++i)
    write("in/" + std::to_string(i) + ".ndjson", accounts(i * 1000, i * 1000 + 1000, {}, 200));
  auto o = options({(folder / "in").string()});
  o.threads = 4;
  o.memory = 96U << 20;
  o.shards_in_flight = 12;
  ASSERT_EQ(run(o), 0) << last.failure.message;
  EXPECT_EQ(open_ledger().current_accounts(), 12000U);
}

TEST_F(Job, ArchivesAHugeAccountAmongSmallOnes) {
  const auto input =
      write("in.ndjson", accounts(0, 50) + dump("huge", day_one, {}, 400'000) + "\n" + accounts(50, 100));
  auto o = options({input});
  o.memory = 96U << 20;
  ASSERT_EQ(run(o), 0) << last.failure.message;
  EXPECT_EQ(open_ledger().current_accounts(), 101U);
}

}  // namespace
}  // namespace outro
