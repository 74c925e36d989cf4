/// What is asked of the generator.
#include <gtest/gtest.h>

#include <cmath>

#include "testing/generate_testing.h"

namespace outro::generate {
namespace {

TEST(generate_options, that_are_impossible_are_refused) {
  const scratch dir;
  const auto refused = [&](auto&& change) {
    options wanted = small_job(dir / "out");
    change(wanted);
    const result done = run(wanted, {});
    return done.usage && !done.error.empty() && !fs::exists(wanted.out);
  };
  EXPECT_TRUE(refused([](options& o) { o.accounts = 0; }));
  EXPECT_TRUE(refused([](options& o) { o.malformed = -0.1; }));
  EXPECT_TRUE(refused([](options& o) { o.malformed = std::nan(""); }));
  EXPECT_TRUE(refused([](options& o) { o.malformed = 0.6, o.deep = 0.6; }));
  EXPECT_TRUE(refused([](options& o) { o.traps = 0.95; }));
  EXPECT_TRUE(refused([](options& o) { o.level = 30; }));
  EXPECT_TRUE(refused([](options& o) { o.huge = 10; }));
  EXPECT_TRUE(refused([](options& o) { o.delta = 0.1; }));
}

}  // namespace
}  // namespace outro::generate
