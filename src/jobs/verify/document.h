/// @file
/// Verify, one document of the dumps: whether the ledger has it, and what was kept gives back its bytes.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "account/walk.h"
#include "base/file.h"
#include "frame/block.h"
#include "jobs/verify/context.h"

namespace outro {

/// Which documents of all runs were found in the dumps, one bit each. `mark` is thread-safe.
class matched_documents {
 public:
  explicit matched_documents(const std::vector<slice_row>& slices);
  /// False where it was marked before.
  bool mark(const found_row& row);
  [[nodiscard]] bool is_marked(slice_id slice, std::uint64_t index) const;
  [[nodiscard]] std::uint64_t unmatched() const;

 private:
  /// The document's bit; nothing where no slice has it.
  [[nodiscard]] std::optional<std::uint64_t> bit_of(slice_id slice, std::uint64_t index) const;

  struct range {
    std::uint64_t first = 0, documents = 0;
  };
  std::uint64_t count_ = 0;
  std::map<slice_id, range> ranges_;
  std::vector<std::atomic<std::uint64_t>> bits_;
};

/// Looks up dead letters by the SHA-256 of their bytes, and rows that are in a crowd. Few documents need it,
/// so all threads share one connection.
class rare_finder {
 public:
  rare_finder(const std::filesystem::path& path, database::access how)
      : books_(ledger::open(path, how).value()) {}
  /// The last one with these bytes. Marks all of them; they are marked together, so behind one that was
  /// marked before nothing is new.
  std::optional<found_row> last_letter(const digest128& content, matched_documents& matched) {
    const std::lock_guard lock(mutex_);
    if (!letters_) letters_.emplace(books_);
    marker mark(matched);
    letters_->for_each_letter(content, std::ref(mark));
    return mark.last;
  }
  /// Likewise, of the rows that a document in a crowd has.
  std::optional<found_row> last_in_crowd(const account_view& view, matched_documents& matched) {
    const std::lock_guard lock(mutex_);
    if (!crowds_) crowds_.emplace(books_);
    marker mark(matched);
    crowds_->for_each_row(view.account, view.exported_at, view.digest, view.content_digest, std::ref(mark));
    return mark.last;
  }

 private:
  struct marker {
    explicit marker(matched_documents& into) : matched(into) {}
    bool operator()(const found_row& row) {
      if (!last) last = row;
      return matched.mark(row);
    }
    matched_documents& matched;
    std::optional<found_row> last{};
  };

  std::mutex mutex_;
  ledger books_;
  std::optional<letter_lookup> letters_;  ///< made when it is needed, as it reads all letters' rows
  std::optional<crowd_lookup> crowds_;    ///< likewise
};

/// How a document of the dumps compares.
struct document_match {
  const char* problem = nullptr;  ///< why it is not safe; null where it is
  bool volatile_only = false;     ///< its archive has other volatile values, and all else alike
  outro::outcome outcome = outro::outcome::written;
};

/// Compares documents. Each thread has its own, with scratch memory and open packs.
class document_comparer {
 public:
  document_comparer(verify_context& context, const layout& rules, version_limits limits, rare_finder& rare,
                    matched_documents& matched)
      : c_(context),
        reader_(rules, limits),
        archived_reader_(rules, limits),
        rare_(rare),
        matched_(matched),
        mine_(context.places.comparing.add()) {}

  /// `bytes` as document_reader wants them. `unit` and `place` are where they came from. What takes more
  /// memory than a thread's share is compared while no other such document is.
  document_match compare(std::string_view bytes, std::uint32_t unit, const document_place& place);
  /// A document that is too long to be held: by its SHA-256.
  document_match compare_oversize(const oversize_piece& last);
  /// Whether a dead letter's bytes are archived as well: reads and compares them. False also where it cannot
  /// be read.
  bool is_letter_archived(slice_id slice, const document_record& letter);

  /// The account that the last document named; empty where it named none.
  [[nodiscard]] const std::string& account() const { return view_.account; }

 private:
  document_match compare_within_share(std::string_view bytes);
  document_match compare_once(std::string_view bytes);
  document_match compare_with_rows();
  void release();
  document_match compare_row(const found_row& row);
  document_match compare_unchanged(const found_row& row);
  document_match compare_letter(std::string_view bytes);
  std::optional<std::string> read_letter(slice_id slice, const document_record& letter);
  const char* restore(slice_id slice, std::uint64_t offset, std::uint64_t bytes);
  result<std::string> stored(const std::filesystem::path& path, std::uint64_t offset, std::uint64_t bytes);

  verify_context& c_;
  document_reader reader_;
  account_view view_;
  document_reader archived_reader_;  ///< of restored documents
  account_view archived_;
  rare_finder& rare_;
  matched_documents& matched_;
  document_in_work& mine_;  ///< of this thread
  std::map<std::filesystem::path, file_handle> open_;
  std::unique_lock<std::mutex> alone_;  ///< of verify_context::large, while a document is compared
  std::string restored_;
  bool archives_only_ = false;  ///< what is kept as a dead letter only is not there
  std::int64_t used_ = 0;       ///< bytes that this thread holds for it all (base/work_meter.h)
};

}  // namespace outro
