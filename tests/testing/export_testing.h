/// @file
/// What tests of the whole job share: a folder that goes away, dumps written into it, exports run in-process.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

#include "jobs/export/export_job.h"
#include "ledger/ledger.h"
#include "testing/files.h"
#include "testing/scratch.h"

namespace outro::testing {

namespace fs = std::filesystem;

inline void write_bytes(const fs::path& path, std::string_view bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// All files below a folder by their relative name.
inline std::map<std::string, std::string> tree(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      files[fs::relative(entry.path(), folder).string()] = read_bytes(entry.path());
  return files;
}

/// A small dump with a few tracks; the same arguments give the same bytes.
inline std::string dump(std::string_view account, std::int64_t exported_at, std::string_view extra = {},
                        int tracks = 3) {
  std::string log;
  for (int i = 0; i < tracks; ++i) {
    if (i > 0) log += ",";
    log += R"({"playedAt":1611800000000,"song":{"songId":)" + std::to_string(100 + i) +
           R"(,"songName":"Track )" + std::to_string(i) + "\"}}";
  }
  std::string text = R"({"userId":")" + std::string(account) + R"(","exportedAt":)" +
                     std::to_string(exported_at) + R"(,"playLog":[)" + log + "]";
  if (!extra.empty()) text += "," + std::string(extra);
  return text + "}";
}

inline constexpr std::int64_t day_one = 1'611'800'000'000;

/// Dumps of the accounts from `from` up to and without `to`, a line each, a millisecond apart.
inline std::string accounts(int from, int to, std::string_view extra = {}, int tracks = 20) {
  std::string lines;
  for (int i = from; i < to; ++i) lines += dump(std::to_string(i), day_one + i, extra, tracks + i % 7) + "\n";
  return lines;
}

/// The books of the newest run.
inline books books_of(ledger& l) {
  return l.books_of(l.runs().back().run);
}

/// A test with a folder of its own, which is removed at its end.
class exporting : public ::testing::Test {
 protected:
  /// Options of an export into folder/out that says nothing.
  export_options options(std::vector<std::string> dumps, std::string_view out = "out") {
    export_options o;
    o.dumps = std::move(dumps);
    o.out = folder / out;
    o.threads = 2;
    o.memory = 256U << 20;
    o.quiet = true;
    return o;
  }
  /// Runs an export with what it says kept off the test's output; returns the exit code.
  int run(const export_options& o) {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    last = run_export(o);
    log = ::testing::internal::GetCapturedStderr();
    summary = ::testing::internal::GetCapturedStdout();
    return last.exit_code;
  }
  std::string write(std::string_view name, std::string_view bytes) {
    write_bytes(folder / name, bytes);
    return (folder / name).string();
  }
  ledger open_ledger(std::string_view out = "out") {
    return ledger::open(folder / out / "ledger.sqlite", database::access::read).value();
  }

  scratch held;
  fs::path folder = held.path();
  export_outcome last;
  std::string summary, log;
};

}  // namespace outro::testing
