/// The kind of every name that the makers make, and of names that only look like one.
#include "base/output_names.h"

#include <gtest/gtest.h>

#include <string>

namespace outro {

/// For the messages of tests that fail.
static void PrintTo(output_kind kind, std::ostream* to) {
  *to << "kind " << static_cast<int>(kind);
}

namespace {

constexpr std::string_view slice = "r0001-u000001-s0001";

TEST(output_names, have_the_kind_that_they_were_made_for) {
  EXPECT_EQ(kind_of_output(ledger_name), output_kind::ledger);
  EXPECT_EQ(kind_of_output(ledger_log_name), output_kind::ledger_companion);
  for (const auto suffix : database_suffixes)
    EXPECT_EQ(kind_of_output(std::string(ledger_name) + std::string(suffix)), output_kind::ledger_companion);
  EXPECT_EQ(kind_of_output(checksums_name), output_kind::checksums);
  EXPECT_EQ(kind_of_output(summary_name), output_kind::summary);
  EXPECT_EQ(kind_of_output(report_name), output_kind::report);
  EXPECT_EQ(kind_of_output(lock_name), output_kind::lock);
  for (const auto folder : output_folders) EXPECT_EQ(kind_of_output(folder), output_kind::folder) << folder;
  EXPECT_EQ(kind_of_output(pack_name(slice)), output_kind::pack);
  EXPECT_EQ(kind_of_output(letters_name(slice)), output_kind::letters);
  EXPECT_EQ(kind_of_output(part_name(slice)), output_kind::part);
  for (const auto name : {tracks_name, recordings_name, catalogue_readme_name})
    EXPECT_EQ(kind_of_output(std::string(catalogue_folder) + "/" + std::string(name)),
              output_kind::catalogue);
}

TEST(output_names, are_those_of_the_documentation) {
  EXPECT_EQ(pack_name(slice), "packs/r0001-u000001-s0001.tar.zst");
  EXPECT_EQ(letters_name(slice), "dead-letters/r0001-u000001-s0001.ndjson.zst");
  EXPECT_EQ(part_name(slice), "catalogue/parts/r0001-u000001-s0001.part");
  EXPECT_EQ(partial_path("/out/packs/a.tar.zst"), "/out/packs/a.tar.zst.partial");
}

TEST(output_names, of_every_half_written_file_are_partial) {
  for (const auto& name : {std::string(ledger_name), std::string(checksums_name), std::string(summary_name),
                           std::string(report_name), pack_name(slice), letters_name(slice), part_name(slice),
                           std::string("catalogue/tracks.ndjson.zst"), std::string("packs/x.partial")})
    EXPECT_EQ(kind_of_output(partial_path(name).string()), output_kind::partial) << name;
  for (const auto suffix : database_suffixes)
    EXPECT_EQ(kind_of_output(partial_path(ledger_name).string() + std::string(suffix)), output_kind::partial);
}

TEST(output_names, that_only_look_like_one_are_not) {
  for (const char* foreign : {"",
                              "x",
                              "ledger.sqlite-walx",
                              "ledger.sqlite-",
                              "ledger.sqlite.partial-walx",
                              "xledger.sqlite",
                              "sub/ledger.sqlite",
                              "ledger.sqlite/x",
                              "SHA256SUMS.bak",
                              "sha256sums",
                              "lock2",
                              "/lock",
                              "./lock",
                              "packs2",
                              "packs2/x",
                              "PACKS/x",
                              "dead-letters.zip",
                              "x/packs/y",
                              "catalogue2/parts/x",
                              "x.partialy"})
    EXPECT_EQ(kind_of_output(foreign), output_kind::unknown) << foreign;
}

TEST(output_names, belong_to_the_innermost_folder_of_ours) {
  EXPECT_EQ(kind_of_output("packs/whatever"), output_kind::pack);
  EXPECT_EQ(kind_of_output("packs/ledger.sqlite"), output_kind::pack);
  EXPECT_EQ(kind_of_output("packs/a.partial.tar.zst"), output_kind::pack) << "it only holds the word";
  EXPECT_EQ(kind_of_output("dead-letters/packs/x"), output_kind::letters);
  EXPECT_EQ(kind_of_output("catalogue/parts/x"), output_kind::part);
  EXPECT_EQ(kind_of_output("catalogue/partsx"), output_kind::catalogue);
  EXPECT_EQ(kind_of_output("catalogue/x"), output_kind::catalogue);
}

TEST(output_names, without_a_line_in_the_checksums_are_those_that_change_with_every_use) {
  for (const auto kind : {output_kind::checksums, output_kind::lock, output_kind::ledger_companion})
    EXPECT_TRUE(is_unlisted(kind)) << static_cast<int>(kind);
  for (const auto kind : {output_kind::ledger, output_kind::pack, output_kind::letters, output_kind::part,
                          output_kind::catalogue, output_kind::summary, output_kind::report,
                          output_kind::partial, output_kind::unknown})
    EXPECT_FALSE(is_unlisted(kind)) << static_cast<int>(kind);
}

}  // namespace
}  // namespace outro
