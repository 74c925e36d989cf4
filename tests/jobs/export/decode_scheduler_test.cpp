#include "jobs/export/decode_scheduler.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <memory>
#include <vector>

namespace outro {
namespace {

/// Runs all that can run now. Nothing here waits: what is due is due already.
void run_what_is_due(asio::io_context& io) {
  while (io.poll() > 0) io.restart();
  io.restart();
}

/// Readers that ask for a turn when told to, and keep it until told otherwise.
struct readers {
  asio::io_context io{1};
  decode_scheduler turns;
  std::vector<std::uint32_t> order;  ///< of the units that got a turn
  std::vector<std::unique_ptr<decode_scheduler::turn>> held;

  explicit readers(unsigned threads) : turns(io, threads) {}
  ~readers() {
    turns.stop();
    run_what_is_due(io);
    held.clear();
  }

  asio::awaitable<void> take(std::uint32_t unit) {
    co_await turns.wait(unit);
    held.push_back(std::make_unique<decode_scheduler::turn>(turns));
    order.push_back(unit);
  }
  void ask(std::uint32_t unit) {
    asio::co_spawn(io, take(unit), asio::detached);
    run_what_is_due(io);
  }
  void end_turn() {
    held.erase(held.begin());
    run_what_is_due(io);
  }
  void work(int blocks) {
    for (int i = 0; i < blocks; ++i) turns.block_begins();
  }
  void worked(int blocks) {
    for (int i = 0; i < blocks; ++i) turns.block_ends();
    run_what_is_due(io);
  }
};

using units = std::vector<std::uint32_t>;

TEST(decode_scheduler, one_worker_has_one_reader_and_the_earliest_goes_first) {
  readers r(1);
  r.ask(2);
  r.ask(3);
  r.ask(1);
  EXPECT_EQ(r.order, (units{2})) << "nobody else asked by then";
  r.end_turn();
  EXPECT_EQ(r.order, (units{2, 1}));
  r.ask(1);
  r.end_turn();
  EXPECT_EQ(r.order, (units{2, 1, 1})) << "as long as it asks, the earliest unit goes on";
  r.end_turn();
  EXPECT_EQ(r.order, (units{2, 1, 1, 3})) << "an earlier unit that waits for its bytes does not ask";
}

TEST(decode_scheduler, nobody_decodes_far_ahead_of_the_workers) {
  readers r(2);
  r.work(5);
  r.ask(1);
  EXPECT_EQ(r.order, units{});
  r.worked(1);
  EXPECT_EQ(r.order, (units{1}));
}

TEST(decode_scheduler, idle_workers_get_a_second_reader_at_once) {
  readers r(16);
  r.work(16);
  for (std::uint32_t unit = 1; unit <= 8; ++unit) r.ask(unit);
  EXPECT_EQ(r.order, (units{1, 2, 3, 4})) << "sixteen blocks and four readers: a quarter more than workers";
  r.worked(2);
  EXPECT_EQ(r.order, (units{1, 2, 3, 4, 5, 6}));
}

TEST(decode_scheduler, a_huge_document_keeps_no_other_worker_idle) {
  readers r(2);
  r.ask(1);  // megabyte by megabyte, and no block for a long time
  r.ask(2);
  EXPECT_EQ(r.order, (units{1, 2}));
}

TEST(decode_scheduler, after_a_failure_nobody_waits) {
  readers r(1);
  for (std::uint32_t unit = 1; unit <= 3; ++unit) r.ask(unit);
  EXPECT_EQ(r.order, (units{1}));
  r.turns.stop();
  run_what_is_due(r.io);
  EXPECT_EQ(r.order, (units{1, 2, 3}));
}

}  // namespace
}  // namespace outro
