#include "archive/open_archive.h"

#include <gtest/gtest.h>

#include "testing/archive_testing.h"

namespace outro {
namespace {

constexpr std::uint64_t no_limit = max_tar_bytes;

opened_archive opened(std::string_view frame) {
  auto archive = open_archive(frame, no_limit);
  EXPECT_TRUE(archive.has_value()) << (archive ? "" : archive.error().message);
  return archive ? std::move(*archive) : opened_archive{};
}

named_contents members_of(const opened_archive& archive) {
  named_contents members;
  for (const auto& m : archive.members) members.emplace_back(m.path, std::string(m.content));
  return members;
}

std::string& content(named_contents& members, std::string_view name) {
  for (auto& [path, bytes] : members)
    if (path.ends_with(name)) return bytes;
  throw std::runtime_error("no such member");
}

/// The sample's archive with `from` replaced by `to` in one member.
std::string changed(std::string_view member, std::string_view from, std::string_view to) {
  auto members = members_of(opened(archive_of(sample_dump)));
  auto& bytes = content(members, member);
  const auto at = bytes.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos) bytes.replace(at, from.size(), to);
  return frame_of(tar_of(members));
}

void expect_corrupt(std::string_view frame, const std::string& what) {
  const auto archive = open_archive(frame, no_limit);
  ASSERT_FALSE(archive.has_value()) << "accepted: " << what;
  EXPECT_EQ(archive.error().kind, failure::corrupt) << what;
  EXPECT_FALSE(archive.error().message.empty());
}

/// Opens, but its dump does not come back.
void expect_dump_corrupt(std::string_view frame, const std::string& what) {
  const auto archive = opened(frame);
  std::string out = "kept";
  const auto s = restore_dump(archive, out);
  EXPECT_EQ(s.kind, failure::corrupt) << what;
  EXPECT_EQ(out, "kept") << what;
}

TEST(open_archive, holds_what_the_writer_put_in) {
  const auto archive = opened(archive_of(sample_dump));
  EXPECT_EQ(archive.folder, "xiami-1000");
  ASSERT_GE(archive.members.size(), 6U);
  EXPECT_EQ(archive.members.front().path, "xiami-1000/README.txt");
  EXPECT_EQ(archive.members.back().path, "xiami-1000/manifest.json");
  const auto& m = archive.manifest;
  EXPECT_EQ(m.account, "1000");
  EXPECT_EQ(m.service, "xiami");
  EXPECT_EQ(m.recipe, "0123abcd");
  EXPECT_EQ(m.exported_at, 1611882448000);
  EXPECT_EQ(m.dump_bytes, sample_dump.size());
  EXPECT_EQ(m.digest, digest_of(sample_dump));
  EXPECT_EQ(m.rows, 2U);
  EXPECT_EQ(m.references, 3U);
  EXPECT_EQ(m.suspects, 1U);  // three declared, two there
  EXPECT_FALSE(m.sections.empty());
}

TEST(open_archive, stays_valid_when_it_moves) {
  auto first = opened(archive_of(sample_dump));
  const auto second = std::move(first);
  std::string out;
  ASSERT_TRUE(restore_dump(second, out).ok());
  EXPECT_EQ(out, sample_dump);
}

TEST(open_archive, restores_dumps_byte_for_byte) {
  for (const std::string_view dump :
       {sample_dump, std::string_view(R"({"userId":"1"})"), std::string_view("{ \"userId\" :\t7 } \r"),
        std::string_view(
            R"({"userId":7,"a":1,"a":1,"b":{"$t":0},"c":{"$t1":5},"favorites":{"songs":[{"song":{}}]}})"),
        std::string_view(
            R"({"userId":"\u0061/../b","playLog":[{"song":{"songId":"\ud800"}},{"song":null}]})")}) {
    std::string out = "before";
    const auto s = restore_dump(opened(archive_of(dump)), out);
    EXPECT_TRUE(s.ok()) << s.message;
    EXPECT_EQ(out, "before" + std::string(dump));
  }
}

TEST(open_archive, gives_each_account_a_safe_folder) {
  const auto archive = opened(archive_of(R"({"userId":"../../etc"})"));
  EXPECT_EQ(archive.manifest.account, "../../etc");
  EXPECT_EQ(archive.folder.find('/'), std::string::npos);
}

TEST(open_archive, takes_no_more_memory_than_allowed) {
  const auto frame = archive_of(sample_dump);
  const auto size = opened(frame).tar.size();
  EXPECT_TRUE(open_archive(frame, size).has_value());
  EXPECT_FALSE(open_archive(frame, size - 1).has_value());
}

TEST(open_archive, refuses_every_truncation) {
  const auto frame = archive_of(sample_dump);
  for (std::size_t n = 0; n < frame.size(); ++n)
    EXPECT_FALSE(open_archive(std::string_view(frame).substr(0, n), no_limit).has_value()) << n;
  expect_corrupt(frame + "x", "a byte behind the frame");
}

TEST(open_archive, never_gives_other_bytes_for_a_flipped_bit) {
  const auto frame = archive_of(sample_dump);
  const auto tar = opened(frame).tar;
  for (std::size_t bit = 0; bit < 8 * frame.size(); ++bit) {
    auto flipped = frame;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const auto archive = open_archive(flipped, no_limit);
    if (archive)
      EXPECT_EQ(archive->tar, tar) << bit;  // zstd's header has a bit without meaning
    else
      EXPECT_EQ(archive.error().kind, failure::corrupt) << bit;
  }
}

TEST(open_archive, refuses_tars_that_are_not_whole) {
  const auto tar = opened(archive_of(sample_dump)).tar;
  ASSERT_GT(tar.size(), tar_block);
  for (std::size_t n = 0; n < tar.size() - tar_block; n += tar_block / 2)
    expect_corrupt(frame_of(std::string_view(tar).substr(0, n)), "tar of " + std::to_string(n));
  expect_corrupt(frame_of(tar + "x"), "bytes behind the tar");
  expect_corrupt(frame_of(std::string(2 * tar_block, '\0')), "an empty tar");
}

TEST(open_archive, refuses_paths_that_lead_elsewhere) {
  const auto members = members_of(opened(archive_of(sample_dump)));
  const auto dots = std::string(1100, 'x');
  for (const std::string& path :
       {std::string("../secret"), std::string("/secret"), std::string("xiami-1000/../secret"),
        std::string("xiami-1000//secret"), std::string("xiami-1000/./secret"),
        std::string("xiami-1000/secret/"), std::string("xiami-1000\\secret"),
        std::string("xiami-1001/secret"), std::string("secret"), std::string("xiami-1000/\xff\xfesecret"),
        "xiami-1000/secret" + dots, std::string("xiami-1000/README.txt")}) {
    for (const bool first : {true, false}) {
      auto more = members;
      more.insert(first ? more.begin() : more.end(), {path, "x"});
      const auto archive = open_archive(frame_of(tar_of(more)), no_limit);
      ASSERT_FALSE(archive.has_value()) << path;
      EXPECT_EQ(archive.error().kind, failure::corrupt);
      EXPECT_EQ(archive.error().message.find("secret"), std::string::npos)
          << "what the user called it is told";
    }
  }
}

TEST(open_archive, refuses_an_archive_without_its_parts) {
  const auto all = members_of(opened(archive_of(sample_dump)));
  for (const std::string_view name : {"library.json", "manifest.json"}) {
    auto members = all;
    std::erase_if(members, [&](const auto& m) { return m.first.ends_with(name); });
    expect_corrupt(frame_of(tar_of(members)), "without " + std::string(name));
  }
}

TEST(open_archive, refuses_the_archive_of_another_account_in_this_folder) {
  expect_corrupt(changed("manifest.json", R"("account":"1000")", R"("account":"1001")"), "another account");
  expect_corrupt(changed("manifest.json", R"("service":"xiami")", R"("service":"other")"), "another service");
}

TEST(open_archive, checks_every_field_of_the_manifest) {
  const std::pair<std::string_view, std::string_view> changes[] = {
      {R"("format":"outro-manifest/1")", R"("format":"outro-manifest/2")"},
      {R"("format")", R"("form")"},
      {R"("recipe":"0123abcd")", R"("recipe":7)"},
      {R"("recipe":"0123abcd")", R"("recipe":"")"},
      {R"("service":"xiami")", R"("service":"../x")"},
      {R"("account":"1000")", R"("account":1000)"},
      {R"("account":"1000")", R"("account":"")"},
      {R"("exportedAt":1611882448000)", R"("exportedAt":"1611882448000")"},
      {R"("exportedAt":1611882448000)", R"("exportedAt":1e300)"},
      {R"("exportedAt")", R"("exported")"},
      {R"("dump":{)", R"("dump":[],"x":{)"},
      {R"("bytes":)", R"("bytes":-)"},
      {R"("bytes":)", R"("bytes":1073741825,"was":)"},
      {R"("bytes":)", R"("bytes":18446744073709551615,"was":)"},
      {R"("xxh3_128":")", R"("xxh3_128":"G)"},
      {R"("xxh3_128":")", R"("xxh3_128":"0)"},
      {R"("xxh3_128")", R"("xxh3_64")"},
      {R"("rows":2)", R"("rows":-2)"},
      {R"("rows":2)", R"("rows":2.0)"},
      {R"("references":3)", R"("references":null)"},
      {R"("recordings":)", R"("recording":)"},
      {R"("repeated":)", R"("repeat":)"},
      {R"("sections":{)", R"("sections":{"x":1,)"},
      {R"("sections":{)", R"("sections":{"x":{"in":1},)"},
      {R"("suspect":[)", R"("suspect":[7,)"},
      {R"("suspect":[)", R"("suspect":[{"playlist":1},)"},
      {R"("suspects":1)", R"("suspects":"1")"},
      {R"("rows":)", R"("redacted":[7],"rows":)"},
      {R"("rows":)", R"("redacted":{},"rows":)"},
      {R"("rows":)", R"("defused":-1,"rows":)"},
      {R"("rows":)", R"("loneSurrogates":"1","rows":)"},
      {"{", "[{"},
      {"}\n", ""},
  };
  for (const auto& [from, to] : changes)
    expect_corrupt(changed("manifest.json", from, to), std::string(from) + " -> " + std::string(to));
  expect_corrupt(changed("manifest.json", "{", std::string(1'000'000, '[')), "deep nesting");
}

TEST(open_archive, reads_fields_that_are_there_only_where_they_say_something) {
  const auto m = opened(changed("manifest.json", R"("rows":)",
                                R"("redacted":["a","b"],"defused":4,"loneSurrogates":5,"rows":)"))
                     .manifest;
  EXPECT_EQ(m.redacted, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(m.defused, 4U);
  EXPECT_EQ(m.lone_surrogates, 5U);
  const auto none = opened(archive_of(R"({"userId":1})")).manifest;
  EXPECT_TRUE(none.redacted.empty());
  EXPECT_EQ(none.suspects + none.defused + none.lone_surrogates, 0U);
}

TEST(open_archive, lets_a_later_version_add_fields) {
  (void)opened(changed("manifest.json", "{", R"({"new":[1,{"x":null}],)"));
}

TEST(restore_dump, refuses_what_is_not_the_dump_of_the_manifest) {
  expect_dump_corrupt(changed("manifest.json", R"("bytes":)", R"("bytes":1)"), "a longer dump is claimed");
  expect_dump_corrupt(
      changed("manifest.json", R"("bytes":)" + std::to_string(sample_dump.size()), R"("bytes":3)"),
      "a shorter one");
  expect_dump_corrupt(changed("library.json", "深夜", "清晨"), "another text of the same size");
  expect_dump_corrupt(changed("library.json", "Café", "Cafè"), "another track");
  expect_dump_corrupt(changed("library.json", R"({"$t":1})", R"({"$t":2})"), "a reference to no track");
  expect_dump_corrupt(changed("library.json", R"({"$t":1})", R"({"$t":-1})"), "a negative reference");
  expect_dump_corrupt(changed("library.json", R"({"$t":1})", R"({"$t":1 )"), "an open reference");
  expect_dump_corrupt(changed("library.json", R"("ref":"$t")", R"("ref":"$x")"), "another reference name");
  expect_dump_corrupt(changed("library.json", "}\n", "}"), "a line feed less");
  expect_dump_corrupt(changed("manifest.json", R"("rows":2)", R"("rows":1)"), "fewer rows");
  expect_dump_corrupt(changed("manifest.json", R"("rows":2)", R"("rows":18446744073709551614)"),
                      "rows without end");
}

TEST(restore_dump, spends_no_memory_on_a_list_of_empty_rows) {
  constexpr std::size_t rows = 1'000'000;
  auto members = members_of(opened(archive_of(sample_dump)));
  auto& library = content(members, "library.json");
  library.insert(library.find('\n') + 1, rows, '\n');
  auto& manifest = content(members, "manifest.json");
  manifest.replace(manifest.find(R"("rows":2)"), 8, R"("rows":1000002)");
  expect_dump_corrupt(frame_of(tar_of(members)), "rows of nothing");
}

TEST(restore_dump, stops_at_the_size_that_the_manifest_claims) {
  auto members = members_of(opened(archive_of(sample_dump)));
  std::string bomb = R"({"format":"outro-library/1","ref":"$t","tracks":[)"
                     "\n" +
                     std::string(1U << 20, 'x') + "\n],\"dump\":";
  for (int i = 0; i < 100'000; ++i) bomb += R"({"$t":0})";
  content(members, "library.json") = bomb + "}\n";
  auto& manifest = content(members, "manifest.json");
  manifest.replace(manifest.find(R"("rows":2)"), 8, R"("rows":1)");
  const auto archive = opened(frame_of(tar_of(members)));
  std::string out;
  EXPECT_EQ(restore_dump(archive, out).kind, failure::corrupt);
  EXPECT_LT(out.capacity(), 4U << 20);
}

}  // namespace
}  // namespace outro
