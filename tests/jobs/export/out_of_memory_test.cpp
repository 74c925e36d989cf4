/// Out of memory is the system's failure, wherever the job is when it comes, and the same command goes on.
#include <gtest/gtest.h>

#include <string>

#include "pack/slice_record.h"
#include "testing/export_testing.h"
#include "testing/failing_new.h"

namespace outro {
namespace {

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
  EXPECT_EQ(bytes % sizeof(document_record), 0U) << "it was not for the slice's records";
}

TEST_F(out_of_memory, where_a_slice_is_committed_is_told_as_what_it_is) {
  // What fails is the text of the slice's record, which a thread of the pool makes for the slice writer.
  expect_told_and_resumed(many_documents(), failing_new::on::other_threads, 3);
}

TEST_F(out_of_memory, in_a_worker_is_told_as_what_it_is) {
  // One account with so many tracks that what is noted of them takes megabytes.
  expect_told_and_resumed(write("large.ndjson", dump("a", day_one, {}, 150'000) + "\n"),
                          failing_new::on::other_threads, 0);
}

}  // namespace
}  // namespace outro
