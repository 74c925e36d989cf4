/// The complete catalogue: merged from any parts, it says the same.
#include <gtest/gtest.h>
#include <xxhash.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "testing/catalogue_testing.h"

namespace fs = std::filesystem;
using outro::failure;
using outro::testing::bytes_of;
using outro::testing::document;

namespace {

using merged_catalogue = outro::testing::catalogue_parts_by_hand;

/// Documents with ids of both kinds, several contents under some ids.
std::vector<document> random_documents(std::size_t count, std::size_t ids) {
  std::mt19937_64 random(7);
  std::vector<document> documents;
  for (std::size_t i = 0; i < count; ++i) {
    document d{2 + i * 7919 % 100003, {}};  // no two of one time
    std::map<std::string, std::set<std::string>> mine;
    for (auto n = random() % 60; n > 0; --n) {
      const auto k = random() % ids;
      const auto id = k % 3 == 0 ? "spotify:track:" + std::to_string(k * 7919) : std::to_string(k * 31);
      const bool several = k % 5 == 0;
      const auto any = [&](std::uint64_t of) { return std::to_string(several ? random() % of : 0); };
      const auto fields = R"({"n":")" + std::to_string(k) + "v" + any(3) + R"(","a":"a)" + any(2) +
                          R"(","b":"b)" + any(2) + R"(","s":)" + any(3) + R"(,"x":)" + any(2) + "}";
      const bool first = mine[id].empty();
      if (mine[id].insert(fields).second)
        d.tracks.push_back({id, fields, random() % 300, random() % 3, first});
    }
    documents.push_back(d);
  }
  return documents;
}

/// The text of a string field, or the digits of a number.
std::string value_of(const std::string& fields, char key) {
  const auto at = fields.find(std::string{'"', key, '"', ':'}) + 4;
  const auto begin = at + (fields[at] == '"' ? 1 : 0);
  return fields.substr(begin, fields.find_first_of("\",}", begin) - begin);
}

/// One content of a track, and its voices.
struct content {
  std::string fields;
  std::uint64_t accounts = 0, newest = 0;
  outro::hash128 hash;
};

/// Keeps those whose field most accounts say; of equally many, those of the newest dump.
void keep_most_said(std::vector<content>& all, char key) {
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> votes;
  for (const auto& c : all) {
    auto& [accounts, newest] = votes[value_of(c.fields, key)];
    accounts += c.accounts;
    newest = std::max(newest, c.newest);
  }
  const auto best = std::max_element(votes.begin(), votes.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  std::erase_if(all, [&](const content& c) { return value_of(c.fields, key) != best->first; });
}

/// Which of these contents is shown, elected in the plainest way.
content shown_of(std::vector<content> all) {
  std::erase_if(all, [](const content& c) { return c.accounts == 0; });
  for (const char key : {'n', 'a', 'b'}) keep_most_said(all, key);
  return *std::max_element(all.begin(), all.end(), [](const content& a, const content& b) {
    return std::pair(a.accounts, a.newest) < std::pair(b.accounts, b.newest);
  });
}

/// The lines of tracks, counted in the plainest way.
std::string lines_of(const std::vector<document>& documents, const std::vector<bool>& counts) {
  struct seen {
    std::uint64_t accounts = 0, entries = 0, listens = 0;
    std::map<std::string, content> contents;
  };
  const auto less = [](const std::string& a, const std::string& b) {
    const auto x = outro::key_of_id(a), y = outro::key_of_id(b);
    if (outro::is_number(x) || outro::is_number(y)) return x < y;
    return a < b;
  };
  std::map<std::string, seen, decltype(less)> tracks(less);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (!counts.empty() && !counts[i]) continue;
    for (const auto& m : documents[i].tracks) {
      auto& t = tracks[m.id];
      t.entries += m.entries, t.listens += m.listens;
      auto& c = t.contents[m.fields];
      c.fields = m.fields;
      c.hash = outro::testing::content_by_hand(m.id, m.fields);
      if (!m.first_of_id) continue;
      ++t.accounts, ++c.accounts;
      c.newest = std::max(c.newest, documents[i].time);
    }
  }
  std::string text;
  for (const auto& [id, t] : tracks) {
    std::vector<content> all;
    for (const auto& [fields, c] : t.contents) all.push_back(c);
    const auto shown = shown_of(all);
    std::sort(all.begin(), all.end(), [](const content& a, const content& b) {
      return std::pair(a.newest, a.hash) > std::pair(b.newest, b.hash);
    });
    auto track = shown.fields;
    track[track.find("\"s\":") + 4] = value_of(all.front().fields, 's')[0];
    text += R"({"id":")" + id + R"(","recording":")" + id + R"(","accounts":)" + std::to_string(t.accounts) +
            ",\"entries\":" + std::to_string(t.entries) + ",\"listens\":" + std::to_string(t.listens) +
            ",\"track\":" + track;
    if (all.size() > 1) {
      std::erase_if(all, [&](const content& c) { return c.fields == shown.fields; });
      text += ",\"conflicts\":" + std::to_string(all.size()) + ",\"others\":[";
      for (std::size_t i = 0; i < std::min<std::size_t>(all.size(), 15); ++i)
        text += (i > 0 ? "," : "") + all[i].fields;
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
    EXPECT_EQ(lines("made/tracks.ndjson.zst"), expected) << part << " " << run;
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
  EXPECT_EQ(lines("made/tracks.ndjson.zst"), lines_of(documents, counts));
}

TEST_F(merged_catalogue, of_nothing_has_two_files_that_hold_nothing) {
  const auto totals = merge(write_parts({{2, {}}}, 1, 1));
  ASSERT_TRUE(totals) << totals.error().message;
  EXPECT_EQ(totals->tracks, 0U);
  for (const char* name : {"made/tracks.ndjson.zst", "made/recordings.ndjson.zst"}) {
    EXPECT_GT(fs::file_size(folder / name), 0U);
    EXPECT_EQ(lines(name), "");
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

/// Fields of track 1 whose titles exchange two letters, where XXH3-64, seeded with that id's own hash, gives
/// both the same: whoever knows which words it multiplies by can write such a pair for any id.
std::pair<std::string, std::string> fields_of_one_xxh3() {
  std::string a = R"({"n":")" + std::string(1100, 'x') + R"(","a":"A","b":"B","s":0})";
  a.replace(48, 5, "0 ABa");
  a.replace(624, 5, "Ntzxc");
  auto b = a;
  std::swap(b[52], b[628]);
  return {a, b};
}

TEST_F(merged_catalogue, tells_apart_contents_that_were_made_to_collide) {
  const auto [said, forged] = fields_of_one_xxh3();
  const auto seed = XXH3_128bits("1", 1).low64 | 1;
  ASSERT_EQ(XXH3_64bits_withSeed(said.data(), said.size(), seed),
            XXH3_64bits_withSeed(forged.data(), forged.size(), seed))
      << "the texts are no longer what they were made for";
  // The forged one comes first, so that it would be the description of both.
  std::vector<document> documents = {{9, {{"1", forged, 1, 0}}}};
  for (std::uint64_t i = 0; i < 3; ++i) documents.push_back({2 + i, {{"1", said, 1, 0}}});
  ASSERT_TRUE(merge(write_parts(documents)));
  EXPECT_EQ(lines("made/tracks.ndjson.zst"), lines_of(documents, {}));
  EXPECT_NE(lines("made/tracks.ndjson.zst").find("\"track\":" + said), std::string::npos)
      << "what three of four accounts say is shown";
}

TEST_F(merged_catalogue, remembers_contents_of_a_run_exactly) {
  outro::track_memory memory({});
  std::mt19937_64 random(3);
  unsigned forgotten = 0;
  for (int i = 0; i < 200'000; ++i) {
    const outro::hash128 content{random(), random()};
    // What was never asked for is never said to be known: it would be described nowhere.
    ASSERT_FALSE(memory.seen_before(content));
    forgotten += memory.seen_before(content) ? 0 : 1;
  }
  EXPECT_EQ(forgotten, 0U);
}

}  // namespace
