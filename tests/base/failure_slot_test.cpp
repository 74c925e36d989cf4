#include "base/failure_slot.h"

#include <gtest/gtest.h>

namespace outro {
namespace {

TEST(failure_slot, keeps_the_first_failure) {
  failure_slot slot;
  slot.set({});
  EXPECT_FALSE(slot.failed()) << "success is no failure";
  slot.set(fail(failure::io, "first"));
  slot.set(fail(failure::bug, "second"));
  slot.set({});
  EXPECT_TRUE(slot.failed());
  EXPECT_EQ(slot.why().kind, failure::io);
  EXPECT_EQ(slot.why().message, "first");
}

TEST(failure_slot, wakes_everybody_once_and_not_before_it_has_failed) {
  failure_slot slot;
  int first = 0, second = 0;
  slot.on_failure([&] {
    EXPECT_TRUE(slot.failed()) << "who is woken looks again";
    ++first;
    slot.set(fail(failure::bug, "of somebody who was woken"));
  });
  slot.on_failure([&] { ++second; });
  slot.set({});
  EXPECT_EQ(first + second, 0);
  slot.set(fail(failure::late, "the one"));
  slot.set(fail(failure::io, "another"));
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 1);
  EXPECT_EQ(slot.why().message, "the one");
}

}  // namespace
}  // namespace outro
