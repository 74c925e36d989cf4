/// What writes does not wait behind blocks that nobody has begun.
#include "base/compute.h"

#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>
#include <future>
#include <string>
#include <vector>

#include "jobs/export/block_queue.h"

namespace outro {
namespace {

TEST(compute, runs_short_work_that_others_wait_for_before_all_that_has_not_begun) {
  asio::io_context io(1);
  compute_pool pool(1);
  std::promise<void> begun, let_go;
  std::vector<std::string> order;  // the pool's only thread writes it
  pool.enqueue([&] {
    begun.set_value();
    let_go.get_future().wait();
  });
  begun.get_future().wait();
  const auto note = [&](std::string what, urgency when) -> asio::awaitable<void> {
    co_await compute(
        pool, io, [&] { order.push_back(what); }, when);
  };
  asio::co_spawn(io, note("block 1", urgency::in_turn), asio::detached);
  asio::co_spawn(io, note("block 2", urgency::in_turn), asio::detached);
  asio::co_spawn(io, note("write 1", urgency::first), asio::detached);
  asio::co_spawn(io, note("write 2", urgency::first), asio::detached);
  asio::post(io, [&] { let_go.set_value(); });
  io.run();
  pool.wait();
  // Among themselves, blocks keep no order.
  ASSERT_EQ(order.size(), 4U);
  EXPECT_EQ(order[0], "write 1");
  EXPECT_EQ(order[1], "write 2");
}

TEST(compute, runs_short_work_where_nothing_else_comes) {
  asio::io_context io(1);
  compute_pool pool(1);
  bool ran = false;
  const auto work = [&]() -> asio::awaitable<void> {
    co_await compute(
        pool, io, [&] { ran = true; }, urgency::first);
  };
  asio::co_spawn(io, work(), asio::detached);
  io.run();
  pool.wait();
  EXPECT_TRUE(ran);
}

TEST(block_queue, hands_out_at_once_all_that_is_done_and_in_order) {
  asio::io_context io(1);
  block_queue queue(io);
  std::vector<std::shared_ptr<pending_block>> blocks;
  for (int i = 0; i < 4; ++i) queue.push(blocks.emplace_back(std::make_shared<pending_block>()));
  EXPECT_EQ(queue.pop_done(), nullptr);
  blocks[0]->done = blocks[1]->done = blocks[3]->done = true;
  EXPECT_EQ(queue.pop_done(), blocks[0]);
  EXPECT_EQ(queue.pop_done(), blocks[1]);
  EXPECT_EQ(queue.pop_done(), nullptr) << "the third is not done, and the fourth comes after it";
  blocks[2]->done = true;
  EXPECT_EQ(queue.pop_done(), blocks[2]);
  EXPECT_EQ(queue.pop_done(), blocks[3]);
  EXPECT_EQ(queue.pop_done(), nullptr);
}

}  // namespace
}  // namespace outro
