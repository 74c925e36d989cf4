/// What a child process gets of its parent, what the parent learns of its end, and that nothing is left of
/// it.
#include "base/child_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <set>
#include <string>

#include "base/file.h"
#include "base/scratch_folder.h"

namespace outro {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> shell(const std::string& script) {
  return {"/bin/sh", "-c", script};
}

child_end end_of(const std::string& script) {
  return child_process::start({.command = shell(script)}).value().wait();
}

std::set<std::string> descriptors_of_this_process() {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) names.insert(entry.path().filename());
  return names;
}

/// The kernel knows no such child any more.
bool is_reaped(pid_t id) {
  return ::waitpid(id, nullptr, WNOHANG) < 0 && errno == ECHILD;
}

class child_streams : public ::testing::Test {
 protected:
  scratch_folder scratch = scratch_folder::make("/tmp", "outro-child").value();
  fs::path out = scratch.path / "out", error = scratch.path / "error";
};

TEST(child_process, says_which_exit_code_it_ended_with) {
  EXPECT_EQ(end_of("exit 0").exit_code, 0);
  EXPECT_EQ(end_of("exit 3").exit_code, 3);
  EXPECT_EQ(end_of("exit 3").signal, 0);
}

TEST(child_process, says_which_signal_ended_it) {
  const auto end = end_of("kill -9 $$");
  EXPECT_EQ(end.signal, SIGKILL);
  EXPECT_EQ(end.exit_code, 0);
}

TEST(child_process, names_a_program_that_is_not_there) {
  const auto started = child_process::start({.command = {"/nowhere/program"}});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, failure::io);
  EXPECT_NE(started.error().message.find("/nowhere/program"), std::string::npos);
}

TEST(child_process, says_what_the_child_used) {
  const auto end = end_of("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done");
  EXPECT_GT(end.cpu_seconds, 0);
  EXPECT_LT(end.cpu_seconds, 60);
  EXPECT_GT(end.peak_memory, 64U << 10);
}

TEST(child_process, says_the_same_once_more_and_signals_nobody_after_its_end) {
  auto child = child_process::start({.command = shell("exit 7")}).value();
  EXPECT_EQ(child.wait().exit_code, 7);
  child.kill(SIGKILL);
  EXPECT_EQ(child.wait().exit_code, 7);
  ASSERT_TRUE(child.poll());
  EXPECT_EQ(child.poll()->exit_code, 7);
}

TEST(child_process, a_running_child_has_no_end_until_it_is_killed) {
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  const file_handle ours(pair[0]), theirs(pair[1]);
  auto child = child_process::start({.command = {"/bin/cat"}, .in = theirs.get()}).value();
  EXPECT_FALSE(child.poll());  // cat ends with its input, and we hold the other side
  child.kill(SIGTERM);
  EXPECT_EQ(child.wait().signal, SIGTERM);
}

TEST_F(child_streams, lead_to_files) {
  const auto in = open_to_read("/dev/null").value(), to_out = create_private(out).value(),
             to_error = create_private(error).value();
  auto child = child_process::start({.command = shell("cat; echo answer; echo complaint >&2"),
                                     .in = in.get(),
                                     .out = to_out.get(),
                                     .error = to_error.get()});
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait().exit_code, 0);
  EXPECT_EQ(read_file(out).value(), "answer\n");
  EXPECT_EQ(read_file(error).value(), "complaint\n");
}

TEST_F(child_streams, lead_to_a_socket_that_ends_with_the_child) {
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  const file_handle ours(pair[0]);
  auto theirs = file_handle(pair[1]);
  auto child = child_process::start(
      {.command = shell("read word; echo \"$word too\""), .in = theirs.get(), .out = theirs.get()});
  ASSERT_TRUE(child);
  { const file_handle closed = std::move(theirs); }
  ASSERT_TRUE(write_all(ours.get(), "this\n", "socket").ok());
  std::string heard(64, '\0');
  heard.resize(read_full(ours.get(), heard.data(), heard.size(), "socket").value());  // up to the end
  EXPECT_EQ(heard, "this too\n");
}

TEST_F(child_streams, are_all_that_the_child_gets) {
  // Without O_CLOEXEC, as a library may open one.
  const file_handle careless(::open("/dev/null", O_RDONLY));
  ASSERT_GT(careless.get(), 2);
  const auto to_out = create_private(out).value();
  auto child = child_process::start(
      {.command = shell("for d in 0 1 2 " + std::to_string(careless.get()) + " " +
                        std::to_string(to_out.get()) + "; do [ -e /proc/self/fd/$d ] && echo $d; done; true"),
       .out = to_out.get()});
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait().exit_code, 0);
  EXPECT_EQ(read_file(out).value(), "0\n1\n2\n");
}

TEST(child_process, takes_the_signal_mask_that_it_is_given) {
  sigset_t with_term;
  sigemptyset(&with_term);
  sigaddset(&with_term, SIGTERM);
  sigset_t none;
  sigemptyset(&none);
  // Blocked, the signal waits for as long as the child lives.
  auto deaf = child_process::start({.command = shell("kill -TERM $$; exit 5"), .signal_mask = with_term});
  EXPECT_EQ(deaf.value().wait().exit_code, 5);
  auto open = child_process::start({.command = shell("kill -TERM $$; exit 5"), .signal_mask = none});
  EXPECT_EQ(open.value().wait().signal, SIGTERM);
}

TEST(child_process, leaves_no_zombie_whatever_becomes_of_its_owner) {
  pid_t id = -1;
  {
    auto first = child_process::start({.command = shell("exit 0")}).value();
    const auto owner = std::move(first);  // waited for once, and by the second
    id = owner.id();
    EXPECT_GT(id, 0);
  }
  EXPECT_TRUE(is_reaped(id));
}

TEST(child_process, leaves_no_descriptor_open) {
  const auto before = descriptors_of_this_process();
  (void)end_of("exit 0");
  (void)child_process::start({.command = {"/nowhere/program"}});
  EXPECT_EQ(descriptors_of_this_process(), before);
}

}  // namespace
}  // namespace outro
