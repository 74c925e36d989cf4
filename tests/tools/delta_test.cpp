/// A later generation of the same accounts.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "testing/document_judge.h"
#include "testing/generate_testing.h"

namespace outro::generate {
namespace {

TEST(generated_delta, changes_the_chosen_share_and_the_time_of_all) {
  const scratch dir;
  const auto dumps = [&](std::uint64_t generation) {
    options wanted = small_job(dir / std::to_string(generation));
    wanted.delta = generation == 0 ? 0 : 0.1;
    wanted.generation = generation;
    run_well(wanted);
    if (generation > 0) {
      EXPECT_EQ(truth_number(read_file(wanted.out / "truth.json"), "expected", "changedDocuments"), 30U);
    }
    std::map<std::string, std::pair<std::uint64_t, std::string>> accounts;
    for (const auto& [name, bytes] : shards_of(wanted.out)) {
      for (const std::string_view document : lines_of(bytes)) {
        EXPECT_EQ(judge(document).reason(1 << 30), "-");
        const std::string time = digits_after(document, "\"exportedAt\":");
        std::string rest(document);
        rest.erase(rest.find("\"exportedAt\":" + time), 13 + time.size());
        accounts[account_of(document)] = {std::stoull(time), rest};
      }
    }
    EXPECT_EQ(accounts.size(), wanted.accounts);
    return accounts;
  };
  auto before = dumps(0);
  for (const std::uint64_t generation : {1U, 2U}) {
    const auto after = dumps(generation);
    std::size_t changed = 0;
    for (const auto& [account, dump] : after) {
      EXPECT_EQ(dump.first, before.at(account).first + 86'400'000);
      if (dump.second == before.at(account).second) continue;
      ++changed;
      EXPECT_GT(dump.second.size(), before.at(account).second.size());
    }
    EXPECT_EQ(changed, 30U);
    before = after;
  }
}

}  // namespace
}  // namespace outro::generate
