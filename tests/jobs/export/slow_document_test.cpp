/// A document that takes long is said while it is in work: in the log, and by `outro status`.
#include <gtest/gtest.h>

#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <thread>

#include "output/live_writer.h"
#include "testing/export_testing.h"

namespace outro {
namespace {

using testing::day_one;
using testing::dump;
using testing::exporting;

/// What a command says on standard output.
std::string said_by(const std::string& command) {
  std::string text;
  FILE* from = ::popen(command.c_str(), "r");
  if (from == nullptr) return text;
  std::array<char, 4096> piece{};
  while (const auto n = std::fread(piece.data(), 1, piece.size(), from)) text.append(piece.data(), n);
  (void)::pclose(from);
  return text;
}

class slow_documents : public exporting {
 protected:
  /// An export that works on the second document until OUT/lock names a slow one; what status says then.
  void run_slowly(export_options o) {
    o.slow_document_ms = 0;
    o.threads = 1;
    o.json = true;
    o.before_document = [&](std::string_view document) {
      if (document.find("\"slow\"") == document.npos) return;
      // Ends when the event has come, however long that takes.
      for (;;) {
        const auto state = read_live_state(folder / "out");
        if (state && !state->slow.empty() && state->slow.front().line == 2) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
      const auto status = std::string(OUTRO_BINARY) + " status " + (folder / "out").string();
      text = said_by(status);
      object = boost::json::parse(said_by(status + " --json")).as_object();
    };
    ASSERT_EQ(run(o), 0) << last.failure.message << log;
  }

  std::string text;
  boost::json::object object;
};

TEST_F(slow_documents, are_said_with_their_place_while_they_are_in_work) {
  const auto first = dump("quick", day_one) + "\n";
  const auto second = dump("slow", day_one);
  const auto input = write("in.ndjson", first + second + "\n" + dump("last", day_one) + "\n");
  run_slowly(options({input}));
  EXPECT_NE(log.find("\"id\":\"SLOW_DOCUMENT\",\"level\":\"warning\""), std::string::npos) << log;
  EXPECT_NE(text.find("  slow          " + input + ": line 2, byte " + std::to_string(first.size()) +
                      ": a document of "),
            std::string::npos)
      << text;
  const auto& d = object.at("slowDocuments").as_array().at(0).as_object();
  EXPECT_EQ(d.at("file").as_string(), input);
  EXPECT_EQ(d.at("line").to_number<int>(), 2);
  EXPECT_EQ(d.at("offset").to_number<std::size_t>(), first.size());
  EXPECT_EQ(d.at("bytes").to_number<std::size_t>(), second.size());
  EXPECT_EQ(d.at("stage").as_string(), "read");
  // Behind it nothing is said of it.
  EXPECT_TRUE(read_live_state(folder / "out")->slow.empty());
}

TEST_F(slow_documents, of_a_delta_are_said_too) {
  ASSERT_EQ(run(options({write("1.ndjson", dump("quick", day_one) + "\n")})), 0);
  const auto input = write("2.ndjson", dump("quick", day_one) + "\n" + dump("slow", day_one) + "\n");
  run_slowly(options({input}));
  EXPECT_NE(text.find("  slow          " + input + ": line 2, "), std::string::npos) << text;
}

}  // namespace
}  // namespace outro
