/// Memory is bounded, and nobody waits for ever, whatever units hold and in which order they give it back.
#include "jobs/export/memory_budget.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <deque>
#include <exception>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace outro {
namespace {

/// A block grows by these many bytes, one after another, before it is handed on.
using growth = std::vector<std::uint64_t>;
using unit_blocks = std::vector<growth>;

/// Units that share a budget: each grows its blocks one by one, and they are given back in order, as a
/// pipeline does. `next` gives one of them back; everything else happens by itself.
class simulation {
 public:
  simulation(std::uint64_t limit, std::size_t lanes, std::vector<unit_blocks> units)
      : budget(io_, limit), units_(std::move(units)), state_(units_.size()) {
    for (std::size_t i = 0; i < lanes; ++i) begin_unit();
    settle();
  }

  /// Runs all that can run now.
  void settle() {
    io_.restart();
    io_.poll();
    while (end_units()) {
      io_.restart();
      io_.poll();
    }
  }
  /// The units that have something to give back.
  [[nodiscard]] std::vector<std::uint32_t> finished_blocks() const {
    std::vector<std::uint32_t> units;
    for (const auto u : in_flight_)
      if (!state_[u].finished.empty()) units.push_back(u);
    return units;
  }
  void give_back(std::uint32_t u) {
    auto& s = state_[u];
    const auto bytes = s.finished.front();
    s.finished.pop_front();
    s.held -= bytes;
    budget.release(u, bytes);
  }
  [[nodiscard]] bool is_over() const { return in_flight_.empty() && next_ == units_.size(); }
  [[nodiscard]] std::size_t readers() const { return readers_; }
  [[nodiscard]] std::uint64_t held() const {
    std::uint64_t sum = 0;
    for (const auto& s : state_) sum += s.held;
    return sum;
  }

 private:
  asio::io_context io_{1};

 public:
  memory_budget budget;
  std::string broken;  ///< the first promise that was not kept
  bool stopped = false;

 private:
  struct unit_state {
    std::uint64_t held = 0;
    std::deque<std::uint64_t> finished;
    bool read = false;
  };

  void begin_unit() {
    if (next_ == units_.size()) return;
    const auto u = static_cast<std::uint32_t>(next_++);
    in_flight_.insert(u);
    budget.unit_begins(u);
    ++readers_;
    asio::co_spawn(io_, read(u), [this, u](const std::exception_ptr&) {
      --readers_;
      state_[u].read = true;
    });
  }

  asio::awaitable<void> read(std::uint32_t u) {
    for (const auto& block : units_[u]) {
      std::uint64_t already = 0;
      for (const auto more : block) {
        const auto place = waiting_.insert(u);
        co_await budget.reserve(u, already, more);
        waiting_.erase(place);
        check_let_in(u, already);
        already += more;
        state_[u].held += more;
      }
      state_[u].finished.push_back(already);
    }
  }

  void check_let_in(std::uint32_t u, std::uint64_t already) {
    if (stopped || !broken.empty()) return;
    const bool is_earliest = *in_flight_.begin() == u;
    const bool is_its_only_document = state_[u].held == already;
    if (budget.used() > budget.limit() && !(is_earliest && is_its_only_document))
      broken = "unit " + std::to_string(u) + " overdrew the budget";
    if (!waiting_.empty() && *waiting_.begin() < u)
      broken = "unit " + std::to_string(u) + " was let in before an earlier one";
  }

  /// Whether a unit ended, and another one may have begun.
  bool end_units() {
    for (const auto u : in_flight_)
      if (state_[u].read && state_[u].finished.empty()) {
        in_flight_.erase(u);
        budget.unit_ends(u);
        begin_unit();
        return true;
      }
    return false;
  }

  std::vector<unit_blocks> units_;
  std::vector<unit_state> state_;
  std::set<std::uint32_t> in_flight_;
  std::multiset<std::uint32_t> waiting_;
  std::size_t next_ = 0, readers_ = 0;
};

/// Only the numbers of units and blocks shrink: with all sizes, a failure would take minutes to show itself.
std::vector<unit_blocks> some_units(std::uint64_t limit) {
  using size = std::uint64_t;
  // Most fit, some fill the budget, a few are larger than all of it.
  const auto bytes = rc::gen::weightedOneOf<size>({{6, rc::gen::inRange<size>(1, limit / 4 + 2)},
                                                   {2, rc::gen::inRange<size>(1, limit + 2)},
                                                   {1, rc::gen::just(limit)},
                                                   {1, rc::gen::just(2 * limit + 1)}});
  std::vector<unit_blocks> units(*rc::gen::inRange<std::size_t>(1, 8));
  for (auto& blocks : units) {
    blocks.resize(*rc::gen::inRange<std::size_t>(0, 6));
    for (auto& block : blocks) {
      block.resize(*rc::gen::noShrink(rc::gen::inRange<std::size_t>(1, 4)));
      for (auto& more : block) more = *rc::gen::noShrink(bytes);
    }
  }
  return units;
}

RC_GTEST_PROP(memory_budget, lets_everybody_in_in_the_end_and_keeps_its_bound, ()) {
  const auto limit = *rc::gen::noShrink(rc::gen::inRange<std::uint64_t>(1, 1000));
  const auto lanes = *rc::gen::inRange<std::size_t>(1, 6);
  simulation s(limit, lanes, some_units(limit));
  std::mt19937 random(*rc::gen::noShrink(rc::gen::arbitrary<unsigned>()));
  while (!s.is_over()) {
    const auto units = s.finished_blocks();
    if (units.empty()) RC_FAIL("a deadlock: everybody waits, and nobody has anything to give back");
    s.give_back(units[random() % units.size()]);
    if (random() % 3 != 0) s.settle();  // else several are given back at once
    RC_ASSERT(s.broken == "");
    RC_ASSERT(s.budget.used() == s.held());
    if (s.finished_blocks().empty()) s.settle();
  }
  RC_ASSERT(s.readers() == 0U);
  RC_ASSERT(s.budget.used() == 0U);
}

RC_GTEST_PROP(memory_budget, lets_everybody_in_at_once_when_it_is_stopped, ()) {
  const auto limit = *rc::gen::noShrink(rc::gen::inRange<std::uint64_t>(1, 1000));
  const auto units = some_units(limit);
  simulation s(limit, units.size(), units);  // so that no reader has yet to begin
  std::mt19937 random(*rc::gen::noShrink(rc::gen::arbitrary<unsigned>()));
  for (auto n = random() % 8; n > 0 && !s.finished_blocks().empty(); --n) {
    s.give_back(s.finished_blocks().front());
    s.settle();
  }
  s.stopped = true;
  s.budget.stop();
  s.settle();
  RC_ASSERT(s.readers() == 0U);
}

TEST(memory_budget, never_refuses_the_earliest_unit_its_only_document) {
  simulation s(100, 2, {{{60, 60, 1000}}, {{30}}});
  EXPECT_EQ(s.budget.used(), 1120U);
  EXPECT_EQ(s.readers(), 1U) << "the later unit waits until the large document is gone";
  s.give_back(0);
  s.settle();
  EXPECT_EQ(s.readers(), 0U);
  EXPECT_EQ(s.budget.used(), 30U);
  EXPECT_EQ(s.broken, "");
}

TEST(memory_budget, keeps_a_later_unit_waiting_even_with_its_only_document) {
  simulation s(100, 2, {{{90}, {5}}, {{60}}});
  EXPECT_EQ(s.readers(), 1U);
  s.give_back(0);
  s.settle();
  EXPECT_EQ(s.readers(), 0U);
}

TEST(memory_budget, keeps_the_earliest_unit_waiting_for_what_it_can_give_back_itself) {
  simulation s(100, 1, {{{90}, {60}}});
  EXPECT_EQ(s.readers(), 1U);
  EXPECT_EQ(s.budget.used(), 90U);
  s.give_back(0);
  s.settle();
  EXPECT_EQ(s.readers(), 0U);
  EXPECT_EQ(s.budget.used(), 60U);
}

/// Coroutines that wait for a budget, and whether they were let in.
class waiters {
 public:
  explicit waiters(std::uint64_t limit) : budget(io_, limit) {}

  const bool& work(std::uint32_t unit, std::uint64_t bytes, bool is_first) {
    return spawn(budget.reserve_work(unit, bytes, [is_first] { return is_first; }));
  }
  const bool& block(std::uint32_t unit, std::uint64_t bytes) { return spawn(budget.reserve(unit, 0, bytes)); }
  const bool& window(std::uint32_t unit, std::uint64_t bytes) {
    return spawn(budget.reserve_window(unit, bytes));
  }
  const bool& turn(std::uint32_t unit, const bool& is_first) {
    return spawn(budget.wait_for_turn(unit, [&is_first] { return is_first; }));
  }
  void settle() {
    io_.restart();
    io_.poll();
  }

 private:
  const bool& spawn(asio::awaitable<void> waiting) {
    auto& in = let_in_.emplace_back(false);
    asio::co_spawn(io_, std::move(waiting), [&in](const std::exception_ptr&) { in = true; });
    settle();
    return in;
  }

  asio::io_context io_{1};
  std::deque<bool> let_in_;

 public:
  memory_budget budget;
};

TEST(memory_budget, lets_the_first_block_of_the_earliest_unit_work_whatever_it_takes) {
  waiters w(100);
  w.budget.unit_begins(1);
  w.budget.unit_begins(2);
  EXPECT_TRUE(w.work(2, 60, true)) << "there is room";
  EXPECT_FALSE(w.work(2, 60, true)) << "a later unit waits";
  EXPECT_FALSE(w.work(1, 60, false)) << "so does a later block of the earliest";
  const auto& first = w.work(1, 500, true);
  EXPECT_FALSE(first) << "other work has reserved memory, and ends by itself";
  w.budget.work_ends();
  w.settle();
  EXPECT_TRUE(first) << "what is done may hold memory until it is written, maybe behind this block";
  EXPECT_EQ(w.budget.used(), 560U);
}

TEST(memory_budget, lets_work_in_by_the_order_of_units) {
  waiters w(100);
  for (const std::uint32_t unit : {1U, 2U, 3U}) w.budget.unit_begins(unit);
  EXPECT_TRUE(w.block(1, 90));
  const auto& last = w.work(3, 50, true);
  const auto& second = w.work(2, 60, false);
  w.budget.release(1, 90);
  w.settle();
  EXPECT_TRUE(second);
  EXPECT_FALSE(last);
  w.budget.unit_ends(1);
  w.budget.unit_ends(2);
  w.settle();
  EXPECT_TRUE(last) << "its unit is the earliest now";
}

TEST(memory_budget, tries_a_document_again_when_nobody_is_before_it) {
  waiters w(100);
  w.budget.unit_begins(1);
  w.budget.unit_begins(2);
  bool first = false;
  const auto& in = w.turn(2, first);
  first = true;
  w.settle();
  EXPECT_FALSE(in);
  w.budget.unit_ends(1);
  w.settle();
  EXPECT_TRUE(in);
}

TEST(memory_budget, keeps_room_for_the_earliest_unit_s_window) {
  waiters w(100);
  for (const std::uint32_t unit : {1U, 2U, 3U}) w.budget.unit_begins(unit);
  EXPECT_TRUE(w.window(1, 60));
  EXPECT_TRUE(w.window(2, 30)) << "both fit";
  EXPECT_FALSE(w.window(3, 60));
  EXPECT_EQ(w.budget.used(), 90U);
  w.budget.release_windows(1);
  w.settle();
  EXPECT_EQ(w.budget.used(), 30U) << "the earliest unit may want another one of 60";
  EXPECT_TRUE(w.window(1, 60));
  w.budget.unit_ends(1);
  w.budget.unit_ends(2);
  w.settle();
  EXPECT_EQ(w.budget.used(), 60U) << "the third has its own now";
}

TEST(memory_budget, never_refuses_the_earliest_unit_its_window) {
  waiters w(100);
  w.budget.unit_begins(1);
  EXPECT_TRUE(w.window(1, 1000));
  w.budget.unit_ends(1);
  EXPECT_EQ(w.budget.used(), 0U);
}

TEST(memory_budget, keeps_what_is_retained_from_others_and_refuses_its_owner_nothing_for_it) {
  waiters w(100);
  w.budget.unit_begins(1);
  w.budget.unit_begins(2);
  EXPECT_TRUE(w.block(1, 90));
  w.budget.retain(1, 90);
  EXPECT_EQ(w.budget.used(), 90U);
  const auto& other = w.block(2, 20);
  EXPECT_FALSE(other);
  EXPECT_TRUE(w.block(1, 50)) << "or it could never end what the records belong to";
  w.budget.release(1, 50);
  w.budget.release_retained(1);
  w.settle();
  EXPECT_TRUE(other);
  EXPECT_EQ(w.budget.used(), 20U);
}

TEST(memory_budget, keeps_room_for_the_records_of_the_earliest_unit_s_slice_once_there_are_many) {
  constexpr std::uint64_t mib = 1U << 20;
  waiters w(100 * mib);
  for (const std::uint32_t unit : {1U, 2U, 3U}) w.budget.unit_begins(unit);
  EXPECT_TRUE(w.block(2, 10 * mib));
  EXPECT_TRUE(w.block(3, 70 * mib)) << "few records so far";
  w.budget.release(3, 70 * mib);
  w.budget.retain(2, 10 * mib);
  EXPECT_FALSE(w.block(3, 70 * mib)) << "a quarter is kept for the earliest unit";
  EXPECT_TRUE(w.block(1, 90 * mib));
}

}  // namespace
}  // namespace outro
