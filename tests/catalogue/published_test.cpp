/// What may be shared: values that enough accounts say, and nothing else.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "testing/catalogue_testing.h"

using outro::testing::bytes_of;
using outro::testing::document;
using outro::testing::mention;

namespace {

class published_catalogue : public outro::testing::catalogue_parts_by_hand {
 protected:
  /// Each fields: what one account says of track 7; the later, the newer.
  static std::vector<document> accounts_that_say(const std::vector<std::string>& fields) {
    std::vector<document> all;
    for (const auto& f : fields) all.push_back({1000 + all.size(), {{"7", f, 1, 0}}});
    return all;
  }
  /// The published line of track 7, or nothing.
  std::string line_of(const std::vector<std::string>& fields, std::uint64_t least = 2) {
    totals = publish(write_parts(accounts_that_say(fields)), least).value();
    return lines("public/tracks.ndjson.zst");
  }
  bool has(const std::string& line, std::string_view part) { return line.find(part) != line.npos; }

  outro::publishing_totals totals;
};

TEST_F(published_catalogue, has_no_track_of_fewer_accounts) {
  EXPECT_EQ(line_of({R"({"n":"voice memo for Dr. Lee"})"}), "");
  EXPECT_EQ(totals.rest.rare, 1U);
  EXPECT_NE(line_of({R"({"n":"One"})", R"({"n":"One"})"}), "");
  EXPECT_EQ(line_of({R"({"n":"One"})", R"({"n":"One"})"}, 3), "");
}

TEST_F(published_catalogue, says_what_most_accounts_say) {
  std::vector<std::string> all(20, R"({"n":"晴天","a":"周杰伦"})");
  all.emplace_back(R"({"n":"BUY AT evil.example","a":"Ann Victim, phone 555-0100"})");
  const auto line = line_of(all);
  EXPECT_EQ(line, R"({"id":"7","recording":"7","accounts":21,"entries":21,"listens":0,"title":"晴天",)"
                  R"("artists":"周杰伦","track":{"n":"晴天","a":"周杰伦"}})"
                  "\n");
}

TEST_F(published_catalogue, leaves_out_a_track_of_which_no_title_is_said_twice) {
  EXPECT_EQ(line_of({R"({"n":"A"})", R"({"n":"B"})", R"({"n":"C"})"}), "");
  EXPECT_EQ(totals.rest.untitled, 1U);
  EXPECT_EQ(totals.rest.rare, 0U);
  EXPECT_EQ(line_of({R"({"i":7})", R"({"i":7})"}), "") << "nobody says a title";
  EXPECT_EQ(totals.rest.untitled, 1U);
}

TEST_F(published_catalogue, leaves_out_every_value_that_fewer_say) {
  const auto line =
      line_of({R"({"n":"One","a":"Ann","b":"mine","x":"//pic/u/1/PRIVATE.jpg","c":"USRC17607839"})",
               R"({"n":"One","a":"Ann","b":"yours","x":"//pic/u/2/PRIVATE.jpg","y":5})",
               R"({"n":"One","a":"Bob","x":"//pic/u/3/PRIVATE.jpg","y":5})"});
  EXPECT_EQ(line, R"({"id":"7","recording":"7","accounts":3,"entries":3,"listens":0,"title":"One",)"
                  R"("artists":"Ann","track":{"n":"One","a":"Ann"}})"
                  "\n")
      << "y is said twice, but once with these artists";
}

TEST_F(published_catalogue, holds_single_values_alone) {
  const std::string fields =
      R"({"n":"One","list":[{"name":"Ann","email":"LEAK1"},{"name":"Bob"}],"x":{"paidBy":"LEAK2"},"y":["LEAK3"],"s":0})";
  const auto line = line_of({fields, fields, fields});
  EXPECT_FALSE(has(line, "LEAK")) << line;
  EXPECT_TRUE(has(line, R"("artists":"Ann / Bob")")) << line;
  EXPECT_TRUE(has(line, R"("track":{"n":"One","s":0})")) << line;
  // The same where a role's own field is an object or a list of objects.
  const std::string whole = R"({"n":"One","a":[{"email":"LEAK4"}],"b":{"email":"LEAK5"}})";
  EXPECT_FALSE(has(line_of({whole, whole}), "LEAK")) << line;
  const std::string titles = R"({"n":{"email":"LEAK6"}})";
  EXPECT_EQ(line_of({titles, titles}), "");
}

TEST_F(published_catalogue, knows_a_value_in_any_spelling) {
  const auto line = line_of({R"({"n":"A\/B","a" : "[x"})", "{\"n\":\"A/B\",\"a\":\"\\u005bx\"}"});
  EXPECT_TRUE(has(line, R"("title":"A/B","artists":"[x","track":{"n":"A/B","a":"[x"}})")) << line;
}

TEST_F(published_catalogue, takes_the_newest_availability_that_enough_accounts_say) {
  const std::string there = R"({"n":"One","s":1})", gone = R"({"n":"One","s":2})";
  EXPECT_TRUE(
      has(line_of({there, there, there, gone, gone}), R"("available":false,"track":{"n":"One","s":2})"));
  EXPECT_TRUE(has(line_of({there, there, there, gone}), R"("available":true,"track":{"n":"One","s":1})"))
      << "one account says that it is gone";
  const auto open = line_of({there, gone});
  EXPECT_FALSE(has(open, "available") || has(open, R"("s")")) << open;
}

TEST_F(published_catalogue, gives_an_account_one_voice_however_many_objects_it_has) {
  document greedy{5000, {{"7", R"({"n":"Mine"})", 1, 0, true}}};
  for (int i = 0; i < 50; ++i)
    greedy.tracks.push_back({"7", R"({"n":"Mine","x":)" + std::to_string(i) + "}", 1, 0, false});
  auto all = accounts_that_say({R"({"n":"One"})", R"({"n":"One"})"});
  all.push_back(greedy);
  ASSERT_TRUE(publish(write_parts(all), 2));
  const auto line = lines("public/tracks.ndjson.zst");
  EXPECT_TRUE(has(line, R"("title":"One","track":{"n":"One"})")) << line;
  EXPECT_TRUE(has(line, R"("accounts":3)")) << line;
  EXPECT_FALSE(has(line, "Mine"));
}

TEST_F(published_catalogue, counts_current_documents_alone) {
  auto parts = write_parts(accounts_that_say({R"({"n":"One"})", R"({"n":"One"})", R"({"n":"One"})"}));
  parts[0].current = {true, false, true};
  ASSERT_TRUE(publish(parts, 2));
  EXPECT_TRUE(has(lines("public/tracks.ndjson.zst"), R"("accounts":2)"));
  parts[0].current = {true, false, false};
  EXPECT_EQ(publish(parts, 2).value().rest.rare, 1U);
}

TEST_F(published_catalogue, joins_recordings_among_what_stays_by_what_is_published) {
  // Tracks 3, 7 and 8 are one recording; 3 would stand for it, but one account alone has it.
  std::vector<document> all;
  const auto fields = [](int id) {
    return R"({"i":)" + std::to_string(id) + R"(,"n":"One","a":"Ann","d":200000})";
  };
  for (int account = 0; account < 3; ++account)
    all.push_back({10, {{"7", fields(7), 1, 0}, {"8", fields(8), 1, 0}, {"9", fields(9), 1, 0}}});
  all[0].tracks.push_back({"3", fields(3), 1, 0});
  // Of track 9, each account says another length: none is published, so nothing joins it.
  for (int account = 0; account < 3; ++account)
    all[static_cast<std::size_t>(account)].tracks[2].fields =
        R"({"i":9,"n":"One","a":"Ann","d":20000)" + std::to_string(account) + "}";
  const auto made = publish(write_parts(all), 2).value();
  EXPECT_EQ(made.tracks, 3U);
  EXPECT_EQ(made.recordings, 2U);
  EXPECT_EQ(lines("public/recordings.ndjson.zst"),
            R"({"recording":"7","tracks":[{"id":"7"},{"id":"8","rule":2,"joinedTo":"7"}]})"
            "\n"
            R"({"recording":"9","tracks":[{"id":"9"}]})"
            "\n");
}

/// Documents in which some values are said by few.
std::vector<document> random_documents(std::size_t count, std::size_t ids) {
  std::mt19937_64 random(11);
  std::vector<document> documents;
  for (std::size_t i = 0; i < count; ++i) {
    document d{2 + random() % 50, {}};
    std::set<std::uint64_t> mine;
    for (auto n = random() % 40; n > 0; --n) {
      const auto k = random() % ids;
      if (!mine.insert(k).second) continue;
      const auto rare = [&](const char* text) {
        return random() % 8 == 0 ? "LONE" + std::to_string(i) + text : std::to_string(k % 7) + text;
      };
      d.tracks.push_back({k % 3 == 0 ? "t" + std::to_string(k) : std::to_string(k),
                          R"({"n":")" + rare("n") + R"(","a":")" + rare("a") + R"(","b":")" + rare("b") +
                              R"(","x":")" + rare("x") + R"(","s":)" + std::to_string(random() % 3) +
                              R"(,"d":)" + std::to_string(180000 + k % 5) + "}",
                          random() % 5, random() % 3});
    }
    documents.push_back(d);
  }
  return documents;
}

TEST_F(published_catalogue, never_says_what_one_account_alone_says) {
  const auto documents = random_documents(400, 900);
  const auto made = publish(write_parts(documents), 2);
  ASSERT_TRUE(made);
  EXPECT_GT(made->tracks, 500U);
  EXPECT_FALSE(has(lines("public/tracks.ndjson.zst"), "LONE"));
  ASSERT_TRUE(publish(write_parts(documents), 1));
  EXPECT_TRUE(has(lines("public/tracks.ndjson.zst"), "LONE")) << "or this test shows nothing";
}

TEST_F(published_catalogue, has_the_same_bytes_in_any_parts_memory_and_threads) {
  // More tracks than a frame holds, and than fit into the least table several times over.
  const auto documents = random_documents(2500, 14000);
  const auto parts = write_parts(documents, 100, 20);
  const auto made = publish(parts, 2);
  ASSERT_TRUE(made);
  EXPECT_GT(made->tracks, 8192U);
  EXPECT_LT(made->recordings, made->tracks);
  const auto tracks = bytes_of(folder / "public/tracks.ndjson.zst");
  const auto recordings = bytes_of(folder / "public/recordings.ndjson.zst");
  for (const auto& [threads, memory] : {std::pair(1U, 300'000U), std::pair(5U, 0U)}) {
    ASSERT_TRUE(publish(parts, 2, memory, threads));
    EXPECT_EQ(bytes_of(folder / "public/tracks.ndjson.zst"), tracks);
    EXPECT_EQ(bytes_of(folder / "public/recordings.ndjson.zst"), recordings);
  }
  auto reversed = documents;
  std::reverse(reversed.begin(), reversed.end());
  ASSERT_TRUE(publish(write_parts(reversed, 333, 50), 2));
  EXPECT_EQ(bytes_of(folder / "public/tracks.ndjson.zst"), tracks);
  EXPECT_EQ(bytes_of(folder / "public/recordings.ndjson.zst"), recordings);
}

TEST_F(published_catalogue, elects_among_more_contents_than_are_kept_at_once) {
  // Each account has an address of its own in it, so that no two contents are the same.
  std::vector<std::string> all;
  for (int i = 0; i < 20'000; ++i)
    all.push_back(R"({"n":")" + std::string(i % 3 == 0 ? "Two" : "One") + R"(","a":"Ann","x":)" +
                  std::to_string(i) + "}");
  const auto line = line_of(all);
  EXPECT_TRUE(has(line, R"("title":"One","artists":"Ann","track":{"n":"One","a":"Ann"})")) << line;
}

TEST_F(published_catalogue, says_beside_it_whether_it_may_be_shared) {
  const auto parts = write_parts(accounts_that_say({R"({"n":"One"})", R"({"n":"One"})"}));
  const auto begins = [&](const char* name, std::string_view with) {
    return bytes_of(folder / name).starts_with(with);
  };
  ASSERT_TRUE(publish(parts, 2));
  EXPECT_TRUE(begins("public/README.txt", "May be shared."));
  ASSERT_TRUE(publish(parts, 1));
  EXPECT_TRUE(begins("public/README.txt", "PRIVATE."));
  ASSERT_TRUE(merge(parts));
  EXPECT_TRUE(begins("made/README.txt", "PRIVATE."));
}

TEST_F(published_catalogue, takes_parts_of_one_service_alone) {
  auto parts = write_parts(accounts_that_say({R"({"n":"One"})"}));
  const auto other = folder / "other.part";
  std::filesystem::rename(parts[0].path, other);
  layout_source.replace(layout_source.find("demo"), 4, "else");
  auto more = write_parts(accounts_that_say({R"({"n":"One"})"}));
  parts[0].path = other;
  parts.push_back(more[0]);
  const auto made = publish(parts, 1);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, outro::failure::refused);
  EXPECT_NE(made.error().message.find("each service by themselves"), std::string::npos)
      << made.error().message;
  EXPECT_FALSE(merge(parts));
}

}  // namespace
