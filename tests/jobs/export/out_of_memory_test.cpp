/// Out of memory is the end of one document's work, or else the system's failure, and the same command goes
/// on.
#include <gtest/gtest.h>

#include <string>

#include "pack/slice_record.h"
#include "testing/export_testing.h"
#include "testing/failing_new.h"

namespace outro {
namespace {

using testing::books_of;
using testing::day_one;
using testing::dump;
using testing::failing_new;

/// More than anything else that an export of little input asks for at once.
constexpr std::size_t large = 2U << 20;

class out_of_memory : public testing::exporting {
 protected:
  /// An export that runs out of memory, and then the same with enough of it. Returns the bytes that it did
  /// not get.
  std::size_t expect_told_and_resumed(const std::string& input, failing_new::on threads, int exit_code) {
    const auto o = options({input});
    std::size_t bytes = 0;
    {
      const failing_new failing(large, threads);
      EXPECT_EQ(run(o), 1);
      bytes = failing.first_failed();
    }
    EXPECT_GT(bytes, 0U) << "nothing of this size was asked for";
    EXPECT_EQ(last.failure.kind, failure::io) << last.failure.message;
    EXPECT_TRUE(last.failure.message.starts_with("out of memory; lower --memory")) << last.failure.message;
    EXPECT_EQ(run(o), exit_code) << last.failure.message;
    return bytes;
  }

  /// One slice of more documents than its record can hold in so little memory, each of them a dead letter.
  std::string many_documents() {
    std::string lines;
    for (int i = 0; i < 60'000; ++i) lines += "{}\n";
    return write("many.ndjson", lines);
  }
};

TEST_F(out_of_memory, in_the_slice_writer_is_told_as_what_it_is) {
  const auto bytes = expect_told_and_resumed(many_documents(), failing_new::on::this_thread, 3);
  EXPECT_EQ(bytes % sizeof(document_record), 0U)
      << bytes << " were not for the slice's records of " << sizeof(document_record);
}

TEST_F(out_of_memory, where_a_slice_is_committed_is_told_as_what_it_is) {
  // What fails is the text of the slice's record, which a thread of the pool makes for the slice writer.
  expect_told_and_resumed(many_documents(), failing_new::on::other_threads, 3);
}

TEST_F(out_of_memory, of_one_document_ends_that_document_and_the_same_command_offers_it_again) {
  // One account with so many tracks that what is noted of them takes megabytes, between two small ones.
  const auto large_one = dump("b", day_one, {}, 150'000);
  const auto o = options(
      {write("large.ndjson", dump("a", day_one) + "\n" + large_one + "\n" + dump("c", day_one) + "\n")});
  {
    const failing_new failing(large, failing_new::on::other_threads);
    EXPECT_EQ(run(o), 3) << last.failure.message;
    EXPECT_GT(failing.first_failed(), 0U) << "nothing of this size was asked for";
  }
  {
    auto l = open_ledger();
    EXPECT_EQ(l.current_accounts(), 2U) << "those before and behind it are archived";
    EXPECT_EQ(books_of(l).dead_by_reason, (std::map<std::string, std::uint64_t>{{"OUT_OF_MEMORY", 1}}));
  }
  EXPECT_EQ(run(o), 0) << last.failure.message;
  auto l = open_ledger();
  EXPECT_EQ(l.current_accounts(), 3U);
  EXPECT_EQ(books_of(l).by_outcome[static_cast<std::size_t>(outcome::unchanged)], 2U);
  EXPECT_EQ(run(o), 0);
  EXPECT_EQ(open_ledger().runs().size(), 2U) << "now there is nothing left to offer again";
}

TEST_F(out_of_memory, of_one_document_of_a_delta_ends_that_document) {
  const auto o = options({write("first.ndjson", dump("a", day_one) + "\n")});
  ASSERT_EQ(run(o), 0);
  const auto newer = options(
      {write("newer.ndjson", dump("a", day_one + 1) + "\n" + dump("b", day_one, {}, 150'000) + "\n")});
  {
    const failing_new failing(large, failing_new::on::other_threads);
    EXPECT_EQ(run(newer), 3) << last.failure.message;
  }
  EXPECT_EQ(run(newer), 0) << last.failure.message;
  EXPECT_EQ(open_ledger().current_accounts(), 2U);
}

}  // namespace
}  // namespace outro
