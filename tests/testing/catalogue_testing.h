/// @file
/// What the tests of catalogues share: parts written by hand, and what is merged from them.
#pragma once

#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "catalogue/merge.h"
#include "catalogue/part.h"
#include "catalogue/publish.h"
#include "catalogue/varint.h"
#include "testing/scratch.h"

namespace outro::testing {

/// A service whose tracks have one field for each role, one for notes, and a list of artists.
inline constexpr std::string_view catalogue_layout = R"(format = "outro-layout/1"
service = "demo"
[account]
id = "user"
exported_at = "dumped"
[track]
paths = ["likes[].t"]
id = "i"
title = "n"
artists = ["a", "list[].name"]
album = "b"
duration = "d"
isrc = "c"
availability = "s"
delisted = [2]
catalogue = ["i", "n", "a", "list", "b", "d", "c", "s", "x", "y"]
)";

/// One object of one document.
struct mention {
  std::string id, fields;
  std::uint64_t entries = 0, listens = 0;
  bool first_of_id = true;  ///< the account's voice for this id
};
struct document {
  std::uint64_t time;  ///< as in a part: 2 + exportedAt
  std::vector<mention> tracks;
};

inline hash128 content_by_hand(std::string_view id, std::string_view fields) {
  sha256 hash;
  return content_of(hash, id, fields);
}

/// The bytes of a file that must be there.
inline std::string bytes_of(const std::filesystem::path& path) {
  return read_file(path).value();
}

/// Parts in a directory of the test, and what is made of them.
class catalogue_parts_by_hand : public ::testing::Test {
 protected:
  /// Writes documents as parts, a run every `run_documents`; a content is described when it comes first.
  std::vector<part_source> write_parts(const std::vector<document>& documents, std::size_t part_documents,
                                       std::size_t run_documents, int describe_at_most = 1) {
    std::vector<part_source> parts;
    std::map<hash128, int> seen;
    for (std::size_t at = 0; at < documents.size(); at += part_documents) {
      const auto end = std::min(documents.size(), at + part_documents);
      const auto number = static_cast<std::uint32_t>(parts.size() + 1);
      std::string bytes;
      catalogue_notes notes;
      for (auto i = at; i < end; ++i) {
        put_document(notes, documents[i], seen, describe_at_most);
        if ((i - at) % run_documents == run_documents - 1 || i + 1 == end)
          bytes += encode_catalogue_run(notes, {1, 1, number}, bytes.empty() ? layout_source : "");
      }
      parts.push_back({folder / (std::to_string(number) + ".part"), end - at, {}});
      std::ofstream(parts.back().path, std::ios::binary) << bytes;
    }
    return parts;
  }
  std::vector<part_source> write_parts(const std::vector<document>& documents) {
    return write_parts(documents, 1000, 100);
  }

  result<catalogue_totals> merge(const std::vector<part_source>& parts, std::uint64_t memory = 1U << 30,
                                 unsigned threads = 2) {
    std::filesystem::create_directories(folder / "made");
    return write_catalogue(parts, folder / "made", memory, threads);
  }
  result<publishing_totals> publish(const std::vector<part_source>& parts, std::uint64_t least,
                                    std::uint64_t memory = 1U << 30, unsigned threads = 2) {
    std::filesystem::create_directories(folder / "public");
    return publish_catalogue(parts, folder / "public", least, memory, threads);
  }

  /// The lines of one of the files.
  [[nodiscard]] std::string lines(std::string_view name) const {
    const auto packed = bytes_of(folder / name);
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

  scratch held;
  std::filesystem::path folder = held.path();
  std::string layout_source{catalogue_layout};

 private:
  static void put_document(catalogue_notes& notes, const document& d, std::map<hash128, int>& seen,
                           int describe_at_most) {
    ++notes.documents;
    put_varint(notes.lists, d.tracks.size());
    if (d.tracks.empty()) return;
    put_varint(notes.lists, d.time);
    for (const auto& m : d.tracks) {
      ++notes.uses;
      track_facts facts;
      facts.id = key_of_id(m.id);
      facts.available = m.fields.find(R"("s":2)") == std::string::npos;
      const auto content = content_by_hand(m.id, m.fields);
      put(notes.lists, content);
      put_varint(notes.lists, m.entries << 1 | (m.first_of_id ? 1U : 0U));
      put_varint(notes.lists, m.listens);
      if (seen[content]++ >= describe_at_most) continue;
      auto head = head_of(facts);
      const auto text = (head.has_number() ? std::string() : m.id) + m.fields;
      head.content = content;
      head.text_begin = static_cast<std::uint32_t>(notes.text.size());
      head.fields_length = static_cast<std::uint32_t>(m.fields.size());
      head.id_length = static_cast<std::uint32_t>(text.size() - m.fields.size());
      head.check = check_of(content, text);
      notes.described.push_back(head);
      notes.text += text;
    }
  }
};

}  // namespace outro::testing
