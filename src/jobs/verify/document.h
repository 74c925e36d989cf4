/// @file
/// Verify, one document of the dumps: whether the ledger has it, and what was kept gives back its bytes.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "account/walk.h"
#include "base/file.h"
#include "frame/block.h"
#include "jobs/verify/context.h"

namespace outro {

/// Which documents of the latest run were found in the dumps, one bit each. `mark` is thread-safe.
class matched_documents {
 public:
  explicit matched_documents(const std::vector<slice_row>& slices);
  void mark(const found_row& row);
  [[nodiscard]] std::uint64_t unmatched() const;

 private:
  std::uint32_t run_ = 0;
  std::uint64_t count_ = 0;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::pair<std::uint64_t, std::uint64_t>>
      first_;  ///< by unit, slice
  std::vector<std::atomic<std::uint64_t>> bits_;
};

/// Looks up dead letters by the digest of their bytes. Few documents need it, so all threads share one
/// connection.
class letter_finder {
 public:
  letter_finder(const std::filesystem::path& path, database::access how)
      : books_(ledger::open(path, how).value()), letters_(books_) {}
  std::vector<found_row> of(const digest128& digest) {
    const std::lock_guard lock(mutex_);
    return letters_.letters_of(digest);
  }

 private:
  std::mutex mutex_;
  ledger books_;
  letter_lookup letters_;
};

/// How a document of the dumps compares.
struct document_match {
  const char* problem = nullptr;  ///< why it is not safe; null where it is
  outro::outcome outcome = outro::outcome::written;
};

/// Compares documents. Each thread has its own, with scratch memory and open packs.
class document_comparer {
 public:
  document_comparer(verify_context& context, const layout& rules, version_limits limits,
                    letter_finder& letters, matched_documents& matched)
      : c_(context), reader_(rules, limits), letters_(letters), matched_(matched) {}

  /// `bytes` as document_reader wants them.
  document_match compare(std::string_view bytes);
  /// A document that is too long to be held: by digest and length.
  document_match compare_oversize(const oversize_piece& last);

  /// The account that the last document named; empty where it named none.
  [[nodiscard]] const std::string& account() const { return view_.account; }

 private:
  document_match compare_row(const found_row& row);
  document_match compare_letter(std::string_view bytes);
  const char* compare_archive(const found_row& row);
  result<std::string> stored(const std::filesystem::path& path, const found_row& row);

  verify_context& c_;
  document_reader reader_;
  account_view view_;
  letter_finder& letters_;
  matched_documents& matched_;
  std::map<std::filesystem::path, file_handle> open_;
  std::unique_lock<std::mutex> alone_;  ///< of verify_context::large, while a document is compared
  std::string restored_;
};

}  // namespace outro
