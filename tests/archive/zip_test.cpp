#include "archive/zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <locale.h>

#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "archive/open_archive.h"
#include "testing/archive_testing.h"

namespace outro {
namespace {

constexpr std::int64_t exported_at = 1611882448999;  // 2021-01-29 01:07:28 UTC

std::string zip_of(const std::vector<tar_member>& members, std::optional<std::int64_t> time = exported_at) {
  std::string out;
  const auto s = append_zip(out, members, time);
  EXPECT_TRUE(s.ok()) << s.message;
  return out;
}

template <class T>
T field(const std::string& bytes, std::size_t at) {
  T value{};
  if (at + sizeof value > bytes.size())
    ADD_FAILURE() << "no field at " << at;
  else
    std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

struct entry {
  std::string name, content;
  unsigned mode = 0;
};

std::vector<entry> read_zip(const std::string& zip) {
  std::vector<entry> entries;
  // The reader of libarchive, unlike its writer, makes names of the locale's.
  const auto utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr), before = ::uselocale(utf8);
  auto* reader = archive_read_new();
  archive_read_support_format_zip_seekable(reader);
  EXPECT_EQ(archive_read_set_options(reader, "hdrcharset=UTF-8"), ARCHIVE_OK);
  EXPECT_EQ(archive_read_open_memory(reader, zip.data(), zip.size()), ARCHIVE_OK);
  struct archive_entry* e = nullptr;
  while (archive_read_next_header(reader, &e) == ARCHIVE_OK) {
    const char* name = archive_entry_pathname_utf8(e);
    entries.push_back({name == nullptr ? "?" : name,
                       std::string(static_cast<std::size_t>(archive_entry_size(e)), '\0'),
                       static_cast<unsigned>(archive_entry_mode(e))});
    auto& content = entries.back().content;
    EXPECT_EQ(archive_read_data(reader, content.data(), content.size()),
              static_cast<la_ssize_t>(content.size()));
  }
  EXPECT_EQ(archive_errno(reader), 0) << archive_error_string(reader);
  archive_read_free(reader);
  ::uselocale(before);
  if (utf8 != nullptr) ::freelocale(utf8);
  return entries;
}

/// Date and time of every member as MS-DOS counts, in the local headers and in the directory.
std::vector<std::uint32_t> dos_times(const std::string& zip) {
  std::vector<std::uint32_t> times;
  for (std::size_t at = 0; at + 46 <= zip.size(); ++at) {
    if (zip.compare(at, 4, "PK\3\4") == 0) times.push_back(field<std::uint32_t>(zip, at + 10));
    if (zip.compare(at, 4, "PK\1\2") == 0) times.push_back(field<std::uint32_t>(zip, at + 12));
  }
  return times;
}

const std::vector<tar_member> some = {{"f/001 深夜 ☀.csv", "hello hello hello hello"}, {"f/plain.txt", ""}};

TEST(zip, holds_every_member_under_its_name) {
  const auto archive = open_archive(archive_of(sample_dump), max_tar_bytes);
  ASSERT_TRUE(archive.has_value());
  const auto entries = read_zip(zip_of(archive->members));
  ASSERT_EQ(entries.size(), archive->members.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ(entries[i].name, archive->members[i].path);
    EXPECT_EQ(entries[i].content, archive->members[i].content);
    EXPECT_EQ(entries[i].mode, 0100600U);
  }
}

TEST(zip, marks_names_as_utf8_and_deflates) {
  const auto zip = zip_of(some);
  EXPECT_EQ(field<std::uint32_t>(zip, 0), 0x04034b50U);
  EXPECT_NE(field<std::uint16_t>(zip, 6) & 0x0800, 0) << "the flag for UTF-8 names";
  EXPECT_EQ(field<std::uint16_t>(zip, 8), 8) << "deflate";
  const std::string many(1U << 20, 'a');
  EXPECT_LT(zip_of({{"f/a", many}}).size(), 10'000U);
}

TEST(zip, has_the_time_of_the_export_in_utc) {
  constexpr std::uint32_t expected = (41U << 9 | 1U << 5 | 29U) << 16 | 1U << 11 | 7U << 5 | 28U / 2;
  EXPECT_EQ(dos_times(zip_of(some)), std::vector<std::uint32_t>(4, expected));
}

TEST(zip, has_the_first_time_of_zips_where_there_is_none) {
  const std::vector<std::uint32_t> first(4, 1U << 21 | 1U << 16);
  const auto without = zip_of(some, std::nullopt);
  EXPECT_EQ(dos_times(without), first);
  for (const auto impossible :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{5'000'000'000'000}, INT64_MIN, INT64_MAX})
    EXPECT_EQ(zip_of(some, impossible), without) << impossible;
}

TEST(zip, is_the_same_in_every_time_zone_and_locale) {
  const char* old_zone = std::getenv("TZ");
  const std::string kept = old_zone == nullptr ? "" : old_zone;
  const auto expected = zip_of(some), expected_without = zip_of(some, std::nullopt);
  for (const char* zone : {"UTC", "Asia/Shanghai", "XYZ12", "XYZ-14", "America/New_York"}) {
    for (const char* locale : {"C", "C.UTF-8"}) {
      ::setenv("TZ", zone, 1);
      ::tzset();
      if (std::setlocale(LC_ALL, locale) == nullptr) continue;
      EXPECT_EQ(zip_of(some), expected) << zone << " " << locale;
      EXPECT_EQ(zip_of(some, std::nullopt), expected_without) << zone << " " << locale;
    }
  }
  std::setlocale(LC_ALL, "C");
  old_zone == nullptr ? ::unsetenv("TZ") : ::setenv("TZ", kept.c_str(), 1);
  ::tzset();
}

TEST(zip, is_the_same_a_moment_later) {
  const auto first = zip_of(some);
  const timespec moment{2, 100'000'000};  // MS-DOS counts in steps of two seconds
  ::nanosleep(&moment, nullptr);
  EXPECT_EQ(zip_of(some), first);
}

TEST(zip, is_appended) {
  std::string out = "before";
  ASSERT_TRUE(append_zip(out, some, exported_at).ok());
  EXPECT_EQ(out, "before" + zip_of(some));
}

TEST(zip, takes_more_members_than_sixteen_bits_count) {
  std::vector<tar_member> many;
  for (int i = 0; i < 70'000; ++i) many.push_back({"f/playlists/" + std::to_string(i) + " ☀.csv", "x"});
  const auto zip = zip_of(many);
  const auto entries = read_zip(zip);
  ASSERT_EQ(entries.size(), many.size());
  EXPECT_EQ(entries.back().name, many.back().path);
  const auto times = dos_times(zip);
  EXPECT_EQ(std::count(times.begin(), times.end(), dos_times(zip_of(some)).front()), 140'000);
}

}  // namespace
}  // namespace outro
