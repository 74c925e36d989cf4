/// Verify says of a document that it takes long while it is in work: of the dumps, and of an archive.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <mutex>

#include "testing/verify_testing.h"

namespace outro {
namespace {

using testing::verify;

/// Standard error, read while it is written.
class overheard {
 public:
  overheard() : before_(::dup(STDERR_FILENO)) {
    if (::pipe(ends_.data()) != 0 || ::dup2(ends_[1], STDERR_FILENO) < 0) ADD_FAILURE() << "no pipe";
  }
  ~overheard() {
    (void)std::fflush(stderr);
    ::dup2(before_, STDERR_FILENO);
    for (const int fd : {before_, ends_[0], ends_[1]}) ::close(fd);
  }
  overheard(const overheard&) = delete;
  overheard& operator=(const overheard&) = delete;

  /// Reads on until this was said.
  void wait_for(std::string_view text) {
    const std::lock_guard lock(mutex_);
    std::array<char, 512> piece{};
    while (said_.find(text) == said_.npos) {
      const auto n = ::read(ends_[0], piece.data(), piece.size());
      if (n <= 0) return;
      said_.append(piece.data(), static_cast<std::size_t>(n));
    }
  }
  const std::string& said() const { return said_; }

 private:
  int before_;
  std::array<int, 2> ends_{};
  std::mutex mutex_;
  std::string said_;
};

TEST_F(verify, says_which_document_takes_long_while_it_is_in_work) {
  const auto input = write("in.ndjson", accounts(7, 8));
  ASSERT_EQ(run(options({input})), 0);
  overheard errors;
  verify_options o;
  o.out = out();
  o.against = {input};
  o.threads = 1;
  o.json = true;
  o.quiet = true;
  o.slow_document_ms = 0;
  // Each waits in its work until it was said.
  int documents = 0;
  o.on_document = [&](std::string_view) {
    errors.wait_for(++documents == 1 ? "\"stage\":\"restore\"" : "\"stage\":\"compare\"");
  };
  expect_safe(run_verify(o));
  EXPECT_EQ(documents, 2);
  const auto& said = errors.said();
  EXPECT_NE(said.find("\"id\":\"SLOW_DOCUMENT\",\"level\":\"warning\""), std::string::npos) << said;
  EXPECT_NE(said.find("packs/r0001-u000001-s0001.tar.zst: byte 0: a document of "), std::string::npos)
      << said;
  EXPECT_NE(said.find(input + ": line 1, byte 0: a document of "), std::string::npos) << said;
}

}  // namespace
}  // namespace outro
