/// The crash probe's protocol: which documents are convicted, and when a probe ends.
#include "jobs/export/crash_probe.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/scratch_folder.h"
#include "layout/load.h"
#include "testing/export_testing.h"

namespace outro {
namespace {

using documents = std::vector<std::string>;

/// A block as the framer makes them: lines one after another.
block block_of(const documents& lines) {
  block b;
  std::uint64_t number = 0;
  for (const auto& line : lines) {
    b.documents.push_back({b.bytes.size(), line.size(), {0, b.bytes.size(), ++number}});
    b.bytes.append(line).append("\n");
  }
  b.bytes.pad();
  return b;
}

documents five_documents() {
  documents all;
  for (const char* account : {"a", "b", "poison", "d", "e"})
    all.push_back(testing::dump(account, testing::day_one));
  return all;
}

class crash_probe : public ::testing::Test {
 protected:
  void SetUp() override {
    // A sanitizer would turn the planted crash into an exit code.
    for (const char* name : {"ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"})
      ::setenv(name, "handle_segv=0", 0);
  }

  /// The real probe, which crashes on documents that hold `crash_on`.
  static std::vector<std::string> probe(const std::string& crash_on = {}) {
    export_options options;
    options.program = OUTRO_BINARY;
    options.crash_on = crash_on;
    return crash_probe_command(options, testing::day_one);
  }

  /// A script in place of the probe; standard input is the socket, both ways.
  static std::vector<std::string> script(const std::string& text) { return {"/bin/sh", "-c", text}; }

  static std::string quoted(const std::vector<std::string>& command) {
    std::string line;
    for (const auto& word : command) line += "'" + word + "' ";
    return line;
  }

  scratch_folder scratch = scratch_folder::make("/tmp", "outro-probe").value();
  std::atomic<bool> stop = false;
};

TEST_F(crash_probe, finds_the_document_that_ends_two_processes_and_only_that_one) {
  const auto found = find_crashing(block_of(five_documents()), probe("poison"), stop);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(*found,
            (std::vector<reason>{reason::none, reason::none, reason::crashed, reason::none, reason::none}));
}

TEST_F(crash_probe, finds_every_one_of_several) {
  const auto found = find_crashing(block_of(five_documents()), probe("userId"), stop);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(*found, std::vector<reason>(5, reason::crashed));
}

TEST_F(crash_probe, does_not_convict_a_document_for_somebody_elses_kill) {
  // The first probe is killed while it has a document; those after it are left alone.
  const auto mark = (scratch.path / "killed").string();
  const auto found = find_crashing(
      block_of(five_documents()),
      script("if mkdir '" + mark + "' 2>/dev/null; then head -c 8 >/dev/null; kill -9 $$; fi; exec " +
             quoted(probe())),
      stop);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(std::filesystem::exists(mark));
  EXPECT_EQ(*found, std::vector<reason>(5, reason::none));
}

TEST_F(crash_probe, calls_a_document_of_which_the_kernel_kills_every_process_one_for_more_memory) {
  const auto found =
      find_crashing(block_of(five_documents()), script("head -c 8 >/dev/null; kill -9 $$"), stop);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(*found, std::vector<reason>(5, reason::out_of_memory));
}

TEST_F(crash_probe, calls_a_document_for_which_every_process_lacks_memory_one_for_more_memory) {
  const auto found =
      find_crashing(block_of(five_documents()), script("head -c 8 >/dev/null; printf m >&0"), stop);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(*found, std::vector<reason>(5, reason::out_of_memory));
}

TEST_F(crash_probe, that_exits_of_itself_is_a_bug_of_ours) {
  const auto found = find_crashing(block_of(five_documents()), script("exit 7"), stop);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, failure::bug);
  EXPECT_NE(found.error().message.find("exit code 7"), std::string::npos) << found.error().message;
}

TEST_F(crash_probe, that_cannot_be_started_is_an_io_failure) {
  const auto found = find_crashing(block_of(five_documents()), {"/nowhere/outro"}, stop);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, failure::io);
}

TEST_F(crash_probe, without_a_command_accuses_nobody) {
  EXPECT_EQ(find_crashing(block_of(five_documents()), {}, stop).value(),
            std::vector<reason>(5, reason::none));
}

TEST_F(crash_probe, is_not_even_started_once_the_job_has_failed) {
  stop = true;
  const auto found = find_crashing(block_of(five_documents()), {"/nowhere/outro"}, stop);
  EXPECT_TRUE(found) << found.error().message;
}

TEST_F(crash_probe, gets_no_further_document_once_the_job_has_failed) {
  const auto has_document = scratch.path / "has-document", go_on = scratch.path / "go-on";
  ASSERT_EQ(::mkfifo(has_document.c_str(), 0600), 0);
  ASSERT_EQ(::mkfifo(go_on.c_str(), 0600), 0);
  const auto lines = five_documents();
  // Answers the first document, when it is let go on; a second one would end it with exit code 9, a bug.
  const auto one_answer = script("head -c " + std::to_string(8 + lines[0].size()) + " >/dev/null; echo > '" +
                                 has_document.string() + "'; read word < '" + go_on.string() +
                                 "'; printf k >&0; [ \"$(head -c 8 | wc -c)\" -eq 0 ] || exit 9");
  result<std::vector<reason>> found = std::vector<reason>{};
  std::thread job([&] { found = find_crashing(block_of(lines), one_answer, stop); });
  // Until its line is read: where nobody reads any more, writing it would end the script.
  std::string line;
  EXPECT_TRUE(static_cast<bool>(std::getline(std::ifstream(has_document), line)));
  stop = true;
  { std::ofstream(go_on) << "now\n"; }
  job.join();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(*found, std::vector<reason>(5, reason::none));
}

class crash_probe_service : public ::testing::Test {
 protected:
  void SetUp() override {
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    ours = file_handle(pair[0]);
    theirs = file_handle(pair[1]);
  }

  void send(std::string_view document, std::size_t length) const {
    const std::uint64_t prefix = length;
    std::string bytes(reinterpret_cast<const char*>(&prefix), sizeof prefix);
    ASSERT_TRUE(write_all(ours.get(), bytes.append(document), "socket").ok());
  }

  /// What the service answers to all that was sent.
  std::string answers() {
    ::shutdown(ours.get(), SHUT_WR);
    const auto rules = load_layout("xiami").value();
    worker_settings settings;
    settings.limits.latest_ms = testing::day_one;
    settings.recipe_id = "test";
    worker w(rules, settings, std::make_shared<track_memory>(track_memory_sizes{}));
    EXPECT_TRUE(serve_crash_probe(theirs.get(), w).ok());
    { const file_handle closed = std::move(theirs); }
    std::string heard(64, '\0');
    heard.resize(read_full(ours.get(), heard.data(), heard.size(), "socket").value());
    return heard;
  }

  file_handle ours, theirs;
};

TEST_F(crash_probe_service, answers_every_document_and_ends_with_its_socket) {
  for (const auto& d : five_documents()) send(d, d.size());
  EXPECT_EQ(answers(), "kkkkk");
}

TEST_F(crash_probe_service, answers_what_is_no_document_too) {
  for (const std::string_view d : {"", "{", "no json at all"}) send(d, d.size());
  EXPECT_EQ(answers(), "kkk");
}

TEST_F(crash_probe_service, ends_with_a_socket_that_ends_within_a_document) {
  const auto d = five_documents()[0];
  send(d, d.size());
  send("{\"userId\":", 1000);
  EXPECT_EQ(answers(), "k");
}

}  // namespace
}  // namespace outro
