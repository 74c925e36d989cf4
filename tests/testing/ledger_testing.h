/// @file
/// A ledger of its own for each test, with a plan of two units.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/ledger.h"

namespace outro {

class ledger_file : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/outro-ledger-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    folder_ = name;
    books_.emplace(ledger::open(folder_ / "ledger.sqlite", database::access::create).value());
  }
  void TearDown() override {
    books_.reset();
    std::filesystem::remove_all(folder_);
  }

  static std::vector<unit> two_units() {
    return {{1, {{"a.ndjson", 10, 20, false}}}, {2, {{"b.ndjson", 30, 40, false}, {"-", 0, 0, true}}}};
  }
  static run_row planned(std::uint32_t run) { return {run, false, 5, 0, "{}", "xiami", 2, 0, 0}; }
  void begin(std::uint32_t run) { ASSERT_TRUE(books_->begin_run(planned(run), two_units()).ok()); }
  static document_record document(std::string account, std::int64_t at, std::string_view content) {
    document_record d;
    d.account = std::move(account);
    d.exported_at = at;
    d.digest = d.content_digest = digest_of(content);
    d.length = 10;
    d.stored_bytes = 5;
    return d;
  }
  static slice_commit slice(slice_id id, std::vector<document_record> documents, bool last = false) {
    slice_commit c;
    c.record.id = id;
    c.record.end.offset = id.number * 100;
    c.record.end.digest = digest_of("x");
    c.record.end.last_of_unit = last;
    c.record.documents = std::move(documents);
    return c;
  }
  void commit(std::uint32_t run, std::uint32_t unit, std::uint32_t number,
              std::vector<document_record> documents, bool last = false) {
    const auto s = books_->commit_slice(slice({run, unit, number}, std::move(documents), last));
    ASSERT_TRUE(s.ok()) << s.message;
  }
  void finish(std::uint32_t run) { ASSERT_TRUE(books_->finish_run(run, 9, 1.5, 2.5).ok()); }

  std::filesystem::path folder_;
  std::optional<ledger> books_;
};

}  // namespace outro
