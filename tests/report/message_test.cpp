#include "report/message.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <set>

#include "report/run_log.h"

namespace outro {
namespace {

std::string readme() {
  std::ifstream in(OUTRO_SOURCE_DIR "/README.md");
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(message, each_id_has_one_name_and_one_line_in_the_runbook) {
  const auto text = readme();
  std::set<std::string_view> names;
  for (const auto& kind : message_kinds) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    const auto row = "\n| `" + std::string(kind.name) + "` | ";
    const auto at = text.find(row);
    EXPECT_NE(at, text.npos) << kind.name << " has no line in README.md's runbook";
    EXPECT_EQ(text.find(row, at + 1), text.npos) << kind.name << " has two";
  }
}

TEST(message, a_failure_has_the_id_of_its_kind) {
  EXPECT_EQ(message_of(fail(failure::usage, "")), message_id::usage_wrong);
  EXPECT_EQ(message_of(fail(failure::refused, "")), message_id::run_refused);
  EXPECT_EQ(message_of(fail(failure::busy, "")), message_id::output_busy);
  EXPECT_EQ(message_of(fail(failure::io, "")), message_id::system_failed);
  EXPECT_EQ(message_of(fail(failure::corrupt, "")), message_id::file_corrupt);
  EXPECT_EQ(message_of({failure::stopped, 15, ""}), message_id::run_stopped);
  EXPECT_EQ(message_of(fail(failure::bug, "")), message_id::outro_bug);
}

TEST(message, a_log_line_is_one_json_object_whatever_the_text) {
  const auto line =
      log_line(message_id::shard_damaged, "a \"b\"\n\x01", {{"shard", "d/é.zst"}}, 1612483200000);
  EXPECT_EQ(line.find('\n'), line.npos);
  const auto o = boost::json::parse(line).as_object();
  EXPECT_EQ(o.at("time"), "2021-02-05T00:00:00Z");
  EXPECT_EQ(o.at("id"), "SHARD_DAMAGED");
  EXPECT_EQ(o.at("level"), "warning");
  EXPECT_EQ(o.at("message"), "a \"b\"\n\x01");
  EXPECT_EQ(o.at("shard"), "d/é.zst");
}

}  // namespace
}  // namespace outro
