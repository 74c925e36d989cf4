#include <gtest/gtest.h>
#include <unistd.h>
#include <zstd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include "base/bytes.h"
#include "base/file.h"
#include "catalogue/merge.h"
#include "catalogue/part.h"
#include "catalogue/varint.h"
#include "testing/scratch.h"

namespace fs = std::filesystem;
using outro::failure;

namespace {

/// One mention of a track in a document.
struct mention {
  std::string id, fields;
  std::uint64_t entries, listens;
  bool first_of_id = true;
};
struct document {
  std::uint64_t time;  ///< as in a part: 2 + exportedAt
  std::vector<mention> tracks;
};

std::string unpacked(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string packed{std::istreambuf_iterator<char>(in), {}};
  std::string text;
  for (std::size_t at = 0; at < packed.size();) {
    const auto n = ZSTD_findFrameCompressedSize(packed.data() + at, packed.size() - at);
    const auto size = ZSTD_getFrameContentSize(packed.data() + at, packed.size() - at);
    EXPECT_EQ(ZSTD_isError(n), 0U);
    const auto before = text.size();
    text.resize(before + size);
    EXPECT_EQ(ZSTD_decompress(text.data() + before, size, packed.data() + at, n), size);
    at += n;
  }
  return text;
}

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class merged_catalogue : public ::testing::Test {
 protected:
  static void put_document(outro::catalogue_notes& notes, const document& d,
                           std::map<std::uint64_t, int>& seen, int describe_at_most) {
    ++notes.documents;
    outro::put_varint(notes.lists, d.tracks.size());
    if (d.tracks.empty()) return;
    outro::put_varint(notes.lists, d.time);
    for (const auto& m : d.tracks) {
      ++notes.uses;
      outro::track_facts facts;
      facts.id = outro::hash_of(m.id).low;
      facts.id_order = outro::order_of_id(m.id);
      const auto content = outro::content_of(facts.id, m.fields);
      outro::put(notes.lists, content);
      outro::put_varint(notes.lists, m.entries << 1 | (m.first_of_id ? 1U : 0U));
      outro::put_varint(notes.lists, m.listens);
      if (seen[content]++ >= describe_at_most) continue;
      const auto id = outro::is_number(facts.id_order) ? std::string() : m.id;
      notes.described.push_back({content, facts, notes.text.size(), static_cast<std::uint32_t>(id.size()),
                                 static_cast<std::uint32_t>(m.fields.size())});
      notes.text += id + m.fields;
    }
  }

  /// Writes documents as parts, a run every `run_documents`; a content is described when it comes first.
  std::vector<outro::part_source> write_parts(const std::vector<document>& documents,
                                              std::size_t part_documents, std::size_t run_documents,
                                              int describe_at_most = 1) {
    std::vector<outro::part_source> parts;
    std::map<std::uint64_t, int> seen;
    for (std::size_t at = 0; at < documents.size(); at += part_documents) {
      const auto end = std::min(documents.size(), at + part_documents);
      const auto number = static_cast<std::uint32_t>(parts.size() + 1);
      std::string bytes;
      outro::catalogue_notes notes;
      for (auto i = at; i < end; ++i) {
        put_document(notes, documents[i], seen, describe_at_most);
        if ((i - at) % run_documents == run_documents - 1 || i + 1 == end)
          bytes += outro::encode_catalogue_run(notes, {1, 1, number});
      }
      parts.push_back({folder / (std::to_string(number) + ".part"), end - at, {}});
      std::ofstream(parts.back().path, std::ios::binary) << bytes;
    }
    return parts;
  }

  outro::result<outro::catalogue_totals> merge(const std::vector<outro::part_source>& parts,
                                               std::uint64_t memory = 1U << 30, unsigned threads = 2) {
    fs::create_directories(folder / "made");
    return outro::write_catalogue(parts, folder / "made", memory, threads);
  }

  outro::testing::scratch held;
  fs::path folder = held.path();
};

/// Documents with ids of both kinds, several contents under some ids.
std::vector<document> random_documents(std::size_t count, std::size_t ids) {
  std::mt19937_64 random(7);
  std::vector<document> documents;
  for (std::size_t i = 0; i < count; ++i) {
    document d{2 + random() % 1000, {}};
    std::map<std::string, bool> mine;
    for (auto n = random() % 60; n > 0; --n) {
      const auto k = random() % ids;
      const auto id = k % 3 == 0 ? "spotify:track:" + std::to_string(k * 7919) : std::to_string(k * 31);
      const auto variant = k % 5 == 0 ? random() % 3 : 0;
      const auto fields = R"({"n":")" + std::to_string(k) + "v" + std::to_string(variant) + R"("})";
      bool there = false;
      for (const auto& m : d.tracks) there = there || (m.id == id && m.fields == fields);
      if (there) continue;
      d.tracks.push_back({id, fields, random() % 300, random() % 3, !mine[id]});
      mine[id] = true;
    }
    documents.push_back(d);
  }
  return documents;
}

/// The lines of tracks, counted in the plainest way.
std::string lines_of(const std::vector<document>& documents, const std::vector<bool>& counts) {
  struct seen {
    std::uint64_t accounts = 0, entries = 0, listens = 0;
    std::map<std::string, std::uint64_t> newest;  ///< by fields
  };
  const auto less = [](const std::string& a, const std::string& b) {
    const auto x = outro::order_of_id(a), y = outro::order_of_id(b);
    if (outro::is_number(x) || outro::is_number(y)) return x < y;
    return a < b;
  };
  std::map<std::string, seen, decltype(less)> tracks(less);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (!counts.empty() && !counts[i]) continue;
    for (const auto& m : documents[i].tracks) {
      auto& t = tracks[m.id];
      t.accounts += m.first_of_id ? 1 : 0;
      t.entries += m.entries, t.listens += m.listens;
      t.newest[m.fields] = std::max(t.newest[m.fields], documents[i].time);
    }
  }
  std::string text;
  for (const auto& [id, t] : tracks) {
    std::vector<std::tuple<std::uint64_t, std::uint64_t, std::string>> variants;
    for (const auto& [fields, time] : t.newest)
      variants.emplace_back(time, outro::content_of(outro::hash_of(id).low, fields), fields);
    std::sort(variants.rbegin(), variants.rend());
    text += R"({"id":")" + id + R"(","recording":")" + id + R"(","accounts":)" + std::to_string(t.accounts) +
            ",\"entries\":" + std::to_string(t.entries) + ",\"listens\":" + std::to_string(t.listens) +
            ",\"track\":" + std::get<2>(variants[0]);
    if (variants.size() > 1) {
      text += ",\"conflicts\":" + std::to_string(variants.size() - 1) + ",\"others\":[";
      for (std::size_t i = 1; i < variants.size(); ++i) text += (i > 1 ? "," : "") + std::get<2>(variants[i]);
      text += "]";
    }
    text += "}\n";
  }
  return text;
}

TEST_F(merged_catalogue, counts_what_documents_have_whatever_the_parts_and_runs) {
  const auto documents = random_documents(400, 3000);
  const auto expected = lines_of(documents, {});
  for (const auto& [part, run, described] : {std::tuple(400, 400, 1), {37, 400, 1}, {50, 7, 1}, {50, 1, 3}}) {
    const auto totals = merge(write_parts(documents, part, run, described));
    ASSERT_TRUE(totals) << totals.error().message;
    EXPECT_EQ(unpacked(folder / "made/tracks.ndjson.zst"), expected) << part << " " << run;
    EXPECT_EQ(totals->tracks, static_cast<std::uint64_t>(std::count(expected.begin(), expected.end(), '\n')));
  }
}

TEST_F(merged_catalogue, has_the_same_bytes_in_little_memory_and_at_any_thread_count) {
  // More tracks than a frame holds, and than fit into the least table several times over.
  const auto parts = write_parts(random_documents(1200, 20000), 100, 20);
  ASSERT_TRUE(merge(parts));
  const auto tracks = bytes_of(folder / "made/tracks.ndjson.zst");
  const auto recordings = bytes_of(folder / "made/recordings.ndjson.zst");
  for (const unsigned threads : {1U, 5U})
    for (const std::uint64_t memory : {0U, 300'000U}) {
      const auto totals = merge(parts, memory, threads);
      ASSERT_TRUE(totals) << totals.error().message;
      EXPECT_GT(totals->tracks, 8192U * 1);
      EXPECT_EQ(bytes_of(folder / "made/tracks.ndjson.zst"), tracks);
      EXPECT_EQ(bytes_of(folder / "made/recordings.ndjson.zst"), recordings);
    }
}

TEST_F(merged_catalogue, counts_current_documents_alone) {
  const auto documents = random_documents(300, 500);
  auto parts = write_parts(documents, 60, 9);
  std::vector<bool> counts(documents.size());
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = i % 3 != 0;
  for (std::size_t p = 0; p < parts.size(); ++p)
    parts[p].current.assign(counts.begin() + static_cast<std::ptrdiff_t>(p * 60),
                            counts.begin() + static_cast<std::ptrdiff_t>(p * 60 + 60));
  ASSERT_TRUE(merge(parts));
  EXPECT_EQ(unpacked(folder / "made/tracks.ndjson.zst"), lines_of(documents, counts));
}

TEST_F(merged_catalogue, of_nothing_has_two_files_that_hold_nothing) {
  const auto totals = merge(write_parts({{2, {}}}, 1, 1));
  ASSERT_TRUE(totals) << totals.error().message;
  EXPECT_EQ(totals->tracks, 0U);
  for (const char* name : {"made/tracks.ndjson.zst", "made/recordings.ndjson.zst"}) {
    EXPECT_GT(fs::file_size(folder / name), 0U);
    EXPECT_EQ(unpacked(folder / name), "");
  }
}

TEST_F(merged_catalogue, says_that_a_description_is_missing) {
  const auto documents = random_documents(100, 500);
  auto parts = write_parts(documents, 20, 20);
  parts.erase(parts.begin());
  const auto totals = merge(parts);
  ASSERT_FALSE(totals);
  EXPECT_EQ(totals.error().kind, failure::corrupt);
  EXPECT_NE(totals.error().message.find("a part is missing"), std::string::npos) << totals.error().message;
}

TEST_F(merged_catalogue, finds_every_damage_that_would_show) {
  const auto parts = write_parts(random_documents(40, 300), 20, 6);
  ASSERT_TRUE(merge(parts));
  const auto tracks = bytes_of(folder / "made/tracks.ndjson.zst");
  const auto whole = bytes_of(parts[1].path);
  std::mt19937_64 random(1);
  unsigned refused = 0;
  for (int i = 0; i < 800; ++i) {
    auto damaged = whole;
    if (i % 10 == 0)
      damaged.resize(random() % whole.size());
    else
      damaged[random() % whole.size()] ^= static_cast<char>(1 << random() % 8);
    std::ofstream(parts[1].path, std::ios::binary) << damaged;
    const auto totals = merge(parts);
    if (totals) {
      EXPECT_EQ(bytes_of(folder / "made/tracks.ndjson.zst"), tracks) << i;
      continue;
    }
    ++refused;
    EXPECT_TRUE(totals.error().kind == failure::corrupt || totals.error().kind == failure::refused);
  }
  EXPECT_EQ(refused, 800U);
}

TEST_F(merged_catalogue, remembers_contents_of_a_run_exactly) {
  outro::track_memory memory({});
  std::mt19937_64 random(3);
  unsigned forgotten = 0;
  for (int i = 0; i < 200'000; ++i) {
    const auto content = random() | 1;
    // What was never asked for is never said to be known: it would be described nowhere.
    ASSERT_FALSE(memory.seen_before(content));
    forgotten += memory.seen_before(content) ? 0 : 1;
  }
  EXPECT_EQ(forgotten, 0U);
}

}  // namespace
