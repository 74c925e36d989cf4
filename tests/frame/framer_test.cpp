/// Documents, blank lines, marks, slices: the same whatever the size of the reads.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstring>
#include <numeric>

#include "frame/framer.h"

namespace outro {
namespace {

/// What a run of framing gave, with blocks melted into slices.
struct framed {
  struct slice {
    std::vector<std::string> documents;
    std::vector<document_place> places;
    slice_end end;
    bool operator==(const slice& o) const {
      const auto place = [](const document_place& p) { return std::tuple(p.shard, p.offset, p.line); };
      if (places.size() != o.places.size()) return false;
      for (std::size_t i = 0; i < places.size(); ++i)
        if (place(places[i]) != place(o.places[i])) return false;
      return documents == o.documents && end.offset == o.end.offset && end.digest == o.end.digest &&
             end.last_of_unit == o.end.last_of_unit && end.shards.size() == o.end.shards.size();
    }
  };
  std::vector<slice> slices;
  std::vector<std::string> oversize;
  std::vector<digest128> resumed;
};

framed frame(const std::vector<std::string>& shards, framing_limits limits, std::size_t read,
             std::uint64_t resume = 0) {
  framer f(limits);
  if (resume > 0) f.resume_from(resume);
  framed out;
  out.slices.emplace_back();
  const auto collect = [&] {
    for (auto& b : f.take()) {
      EXPECT_LE(b.documents.size(), limits.block_documents);
      for (const auto& d : b.documents) {
        out.slices.back().documents.emplace_back(b.bytes.view().substr(d.begin, d.length));
        out.slices.back().places.push_back(d.place);
        const char behind = b.bytes.data()[d.begin + d.length];
        EXPECT_TRUE(behind == '\n' || behind == '\0');
      }
      if (!b.piece.empty()) {
        if (out.oversize.empty() || out.oversize.back().ends_with('\n')) out.oversize.emplace_back();
        out.oversize.back() += b.bytes.view();
      }
      if (!b.end.empty()) {
        out.slices.back().end = b.end.front();
        out.slices.emplace_back();
      }
    }
  };
  for (const auto& shard : shards) {
    for (std::size_t at = 0; at < shard.size(); at += read) {
      const auto n = std::min(read, shard.size() - at);
      std::memcpy(f.room(n).data(), shard.data() + at, n);
      f.filled(n);
      collect();
      while (f.has_more()) {
        f.filled(0);
        collect();
      }
    }
    f.end_shard({}, shard.size());
    collect();
  }
  f.end_unit();
  collect();
  out.slices.pop_back();
  out.resumed = f.resumed_digest();
  return out;
}

constexpr framing_limits small{.slice_bytes = 100, .max_document = 60, .block_bytes = 32};

TEST(framing, counts_blank_lines_and_marks_and_keeps_carriage_returns) {
  const auto out = frame({"\xef\xbb\xbf{1}\r\n\n  \t\r\n{2}"}, {}, 3);
  ASSERT_EQ(out.slices.size(), 1U);
  EXPECT_EQ(out.slices[0].documents, (std::vector<std::string>{"{1}\r", "{2}"}));
  EXPECT_EQ(out.slices[0].places[0].offset, 3U);
  EXPECT_EQ(out.slices[0].places[1].line, 4U);
  ASSERT_EQ(out.slices[0].end.shards.size(), 1U);
  EXPECT_EQ(out.slices[0].end.shards[0].blank_lines, 2U);
  EXPECT_TRUE(out.slices[0].end.shards[0].byte_order_mark);
}

TEST(framing, finds_the_same_however_few_documents_a_block_may_hold) {
  std::string shard = "\xef\xbb\xbf";
  for (int i = 0; i < 500; ++i) shard += i % 7 == 0 ? "\n" : std::to_string(i * i) + "\n";
  framing_limits limits{.slice_bytes = 300, .max_document = 60, .block_bytes = 1000};
  const auto expected = frame({shard, shard}, limits, 700);
  for (const std::size_t most : {1, 2, 50}) {
    limits.block_documents = most;
    for (const std::size_t read : {1, 700, 100'000})
      EXPECT_EQ(frame({shard, shard}, limits, read).slices, expected.slices) << most << ' ' << read;
  }
}

TEST(framing, makes_room_where_a_disk_can_read_to_without_a_copy) {
  framer f({.block_bytes = 64U << 10});
  const std::string line = std::string(10'007, 'x') + '\n';
  std::string shard;
  while (shard.size() < 1U << 20) shard += line;
  std::size_t blocks = 0;
  std::uint64_t documents = 0;
  // Reads of a multiple of the alignment: each ends within a line, and the rest of it goes into the next
  // block.
  for (std::size_t at = 0; at + (64U << 10) <= shard.size(); at += 64U << 10) {
    const auto room = f.room(64U << 10);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(room.data()) % disk_alignment, 0U);
    std::memcpy(room.data(), shard.data() + at, 64U << 10);
    f.filled(64U << 10);
    for (const auto& b : f.take()) {
      ++blocks;
      for (const auto& d : b.documents) {
        ++documents;
        EXPECT_EQ(b.bytes.view().substr(d.begin, d.length + 1), line);
      }
    }
  }
  EXPECT_EQ(blocks, 16U);
  EXPECT_EQ(documents, (1U << 20) / line.size());
}

TEST(framing, takes_a_mark_only_at_a_shards_start) {
  const auto out = frame({"a\n\xef\xbb\xbf"
                          "b\n",
                          "\xef\xbb\xbf"
                          "c"},
                         {}, 100);
  EXPECT_EQ(out.slices[0].documents, (std::vector<std::string>{"a",
                                                               "\xef\xbb\xbf"
                                                               "b",
                                                               "c"}));
  EXPECT_EQ(out.slices[0].places[2].shard, 1U);
}

TEST(framing, ends_every_unit_with_a_slice_even_an_empty_one) {
  for (const auto& shards : {std::vector<std::string>{""}, {"\n\n"}, {"", ""}}) {
    const auto out = frame(shards, small, 7);
    ASSERT_EQ(out.slices.size(), 1U);
    EXPECT_TRUE(out.slices[0].documents.empty());
    EXPECT_TRUE(out.slices[0].end.last_of_unit);
    EXPECT_EQ(out.slices[0].end.shards.size(), shards.size());
  }
}

TEST(framing, gives_a_large_document_a_slice_of_its_own) {
  const auto out = frame({"a\nb\n" + std::string(30, 'x') + "\nc\n"}, small, 5);
  ASSERT_EQ(out.slices.size(), 3U);
  EXPECT_EQ(out.slices[0].documents.size(), 2U);
  EXPECT_EQ(out.slices[1].documents[0].size(), 30U);
  EXPECT_EQ(out.slices[2].documents, std::vector<std::string>{"c"});
}

TEST(framing, hands_an_oversize_document_on_in_pieces) {
  const std::string huge(3 * dead_letter_frame + 17, 'y');
  const auto out =
      frame({"a\n" + huge + "\nb"}, {.slice_bytes = 1000, .max_document = 5000, .block_bytes = 512}, 100'000);
  ASSERT_EQ(out.oversize.size(), 1U);
  EXPECT_EQ(out.oversize[0], huge + "\n");
  ASSERT_EQ(out.slices.size(), 3U);
  EXPECT_EQ(out.slices[2].documents, std::vector<std::string>{"b"});
  EXPECT_EQ(out.slices[2].places[0].line, 3U);
}

TEST(framing, hands_on_an_oversize_document_that_is_never_terminated) {
  const std::string huge(2 * dead_letter_frame, 'z');
  const auto out = frame({huge}, {.slice_bytes = 1000, .max_document = 5000, .block_bytes = 512}, 1 << 20);
  ASSERT_EQ(out.oversize.size(), 1U);
  EXPECT_EQ(out.oversize[0], huge + "\n");
}

TEST(framing, refuses_a_pretty_printed_shard_and_only_that) {
  const auto out = frame({"{\n  \"userId\": 1\n}\n", "{\"userId\":2}\n"}, {}, 4);
  EXPECT_EQ(out.slices[0].documents, std::vector<std::string>{"{\"userId\":2}"});
  EXPECT_TRUE(out.slices[0].end.shards[0].damage.starts_with("PRETTY_PRINTED"));
  EXPECT_TRUE(out.slices[0].end.shards[1].damage.empty());
}

TEST(framing, digests_what_lies_before_a_cut_also_where_the_last_line_has_no_feed) {
  const std::string unit = std::string(20, 'a') + "\n" + std::string(30, 'b');
  const auto out = frame({unit}, small, 7);
  ASSERT_EQ(out.slices.size(), 2U);
  EXPECT_EQ(out.slices[0].end.offset, 21U);
  EXPECT_EQ(out.slices[0].end.digest, digest_of(unit.substr(0, 21)));
  EXPECT_EQ(out.slices[1].end.digest, digest_of(unit));
}

TEST(framing, calls_a_blank_line_oversize_whatever_the_reads) {
  for (const std::size_t read : {1UL, 1000UL}) {
    const auto out = frame({std::string(200, ' ') + "\n{" + std::string(200, ' ') + "\nb\n"}, small, read);
    ASSERT_EQ(out.oversize.size(), 2U) << read;
    EXPECT_EQ(out.slices.back().documents, std::vector<std::string>{"b"}) << read;
    EXPECT_EQ(out.slices.back().end.shards[0].blank_lines, 0U) << read;
    EXPECT_EQ(out.slices.back().end.shards[0].damage, "") << read;
  }
}

/// Shards of short lines, some blank, some too long, the last one perhaps without its line feed.
rc::Gen<std::vector<std::string>> some_shards() {
  return rc::gen::exec([] {
    std::vector<std::string> shards(*rc::gen::inRange<std::size_t>(1, 4));
    for (auto& s : shards) {
      const auto lines = *rc::gen::inRange(0, 30);
      for (int i = 0; i < lines; ++i) {
        s += std::string(*rc::gen::weightedElement<std::size_t>(
                             {{4, 0}, {20, 5}, {10, 13}, {4, 28}, {2, 59}, {2, 61}, {1, 64}, {1, 200}}),
                         static_cast<char>('a' + i % 26));
        s += '\n';
      }
      if (!s.empty() && *rc::gen::arbitrary<bool>()) s.pop_back();
    }
    return shards;
  });
}

RC_GTEST_PROP(framing, cuts_the_same_slices_whatever_the_reads, ()) {
  const auto shards = *some_shards();
  const auto whole = frame(shards, small, 1 << 20);
  const auto read = *rc::gen::inRange<std::size_t>(1, 70);
  auto other = small;
  other.block_bytes = *rc::gen::inRange<std::size_t>(1, 300);
  const auto pieces = frame(shards, other, read);
  RC_ASSERT(whole.slices == pieces.slices);
  RC_ASSERT(whole.oversize == pieces.oversize);
}

RC_GTEST_PROP(framing, goes_on_where_an_earlier_process_stopped, ()) {
  const auto shards = *some_shards();
  const auto whole = frame(shards, small, 1 << 20);
  const auto done = *rc::gen::inRange<std::size_t>(0, whole.slices.size());
  if (done == 0 || whole.slices[done - 1].end.offset == 0) return;
  const auto& last = whole.slices[done - 1].end;
  const auto rest = frame(shards, small, *rc::gen::inRange<std::size_t>(1, 70), last.offset);
  RC_ASSERT(rest.resumed == std::vector{last.digest});
  RC_ASSERT(rest.slices ==
            std::vector(whole.slices.begin() + static_cast<std::ptrdiff_t>(done), whole.slices.end()));
}

}  // namespace
}  // namespace outro
