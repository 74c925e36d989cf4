#include "base/threads.h"

#include <gtest/gtest.h>

#include <boost/system/system_error.hpp>
#include <system_error>
#include <thread>

namespace outro {
namespace {

TEST(threads, one_that_cannot_be_started_is_told_whoever_started_it) {
  const std::system_error of_std(std::make_error_code(std::errc::resource_unavailable_try_again));
  const boost::system::system_error of_asio(
      boost::system::error_code(EAGAIN, boost::system::system_category()), "thread");
  const std::runtime_error of_tbb("pthread_create has failed: Resource temporarily unavailable");
  for (const std::exception* e :
       {static_cast<const std::exception*>(&of_std), static_cast<const std::exception*>(&of_asio),
        static_cast<const std::exception*>(&of_tbb)}) {
    const auto why = thread_failure(*e);
    ASSERT_TRUE(why) << e->what();
    EXPECT_EQ(exit_code_of(*why), 1);
    EXPECT_NE(why->message.find("cannot start a thread"), std::string::npos) << why->message;
  }
  EXPECT_FALSE(thread_failure(std::runtime_error("something else")));
  EXPECT_FALSE(thread_failure(std::system_error(std::make_error_code(std::errc::io_error))));
}

/// oneTBB throws on a worker's thread, where nobody catches it.
TEST(threads_death_test, nobody_can_catch_it_and_still_the_process_ends_in_order) {
  const auto fail_on_a_thread = [](const char* what) {
    end_in_order_without_threads();
    std::thread([what] { throw std::runtime_error(what); }).join();
  };
  EXPECT_EXIT(fail_on_a_thread("pthread_create has failed: Resource temporarily unavailable"),
              testing::ExitedWithCode(1), "outro: cannot start a thread: Resource temporarily unavailable");
  EXPECT_EXIT(fail_on_a_thread("a bug"), testing::KilledBySignal(SIGABRT), "a bug");
}

TEST(threads, as_many_as_are_needed_can_be_had_again_and_again) {
  for (const unsigned workers : {0U, 1U, 5U, 3U})
    EXPECT_TRUE(prepare_threads({.workers = workers, .others = 2}).ok()) << workers;
}

}  // namespace
}  // namespace outro
