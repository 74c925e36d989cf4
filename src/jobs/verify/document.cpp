#include "jobs/verify/document.h"

#include <malloc.h>
#include <sys/stat.h>
#include <zstd.h>

#include <algorithm>
#include <bit>
#include <cerrno>

#include "archive/archive_writer.h"
#include "archive/open_archive.h"
#include "frame/framer.h"
#include "jobs/verify/pack.h"
#include "output/checksums.h"

namespace outro {

namespace fs = std::filesystem;

static constexpr std::size_t readable_behind = 64;  // as a document reader wants them

matched_documents::matched_documents(const std::vector<slice_row>& slices) {
  for (const auto& s : slices) {
    if (s.documents > max_slice_documents) continue;  // a crafted ledger may count any number
    ranges_[s.id] = {count_, s.documents};
    count_ += s.documents;
  }
  bits_ = std::vector<std::atomic<std::uint64_t>>(static_cast<std::size_t>(count_ / 64 + 1));
}

std::optional<std::uint64_t> matched_documents::bit_of(slice_id slice, std::uint64_t index) const {
  const auto found = ranges_.find(slice);
  if (found == ranges_.end() || index >= found->second.documents) return std::nullopt;
  return found->second.first + index;
}

bool matched_documents::mark(const found_row& row) {
  const auto at = bit_of(row.slice, row.index);
  if (!at) return false;
  const auto bit = 1ULL << (*at % 64);
  return (bits_[*at / 64].fetch_or(bit, std::memory_order_relaxed) & bit) == 0;
}

bool matched_documents::is_marked(slice_id slice, std::uint64_t index) const {
  const auto at = bit_of(slice, index);
  return at && (bits_[*at / 64].load(std::memory_order_relaxed) >> (*at % 64) & 1) != 0;
}

std::uint64_t matched_documents::unmatched() const {
  std::uint64_t marked = 0;
  for (const auto& word : bits_)
    marked += static_cast<std::uint64_t>(std::popcount(word.load(std::memory_order_relaxed)));
  return count_ - marked;
}

void document_comparer::release() {
  view_ = {};
  archived_ = {};
  give_back(restored_);
  reader_.release();
  archived_reader_.release();
  (void)::malloc_trim(0);
}

document_match document_comparer::compare(std::string_view bytes, std::uint32_t unit,
                                          const document_place& place) {
  const document_in_work::scope in_work(mine_, unit, place, bytes.size());
  if (c_.on_document) c_.on_document(bytes);
  return compare_within_share(bytes);
}

document_match document_comparer::compare_within_share(std::string_view bytes) {
  const auto share = static_cast<std::int64_t>(large_copies * c_.large_above());
  alone_ = std::unique_lock(c_.large, std::defer_lock);
  // To be walked and restored a document may take several times its size.
  if (bytes.size() > c_.large_above() / 2) alone_.lock();
  document_match match;
  bool is_done = false;
  if (!alone_.owns_lock()) {
    work_meter meter(used_, share);
    try {
      match = compare_once(bytes);
      is_done = true;
    } catch (const std::bad_alloc&) {
      if (!meter.has_refused()) throw;
      meter.lift();
      release();
    }
  }
  work_meter meter(used_);
  if (!is_done) {
    if (!alone_.owns_lock()) alone_.lock();
    match = compare_once(bytes);
  }
  // What is kept for the next document is half of the share at most.
  if (used_ > share / 2) {
    auto account = std::move(view_.account);
    release();
    view_.account = std::move(account);
  }
  alone_ = {};
  return match;
}

document_match document_comparer::compare_once(std::string_view bytes) {
  const auto why = reader_.read(bytes, view_, false);
  document_match best{"the ledger has no such document"};
  if (why == reason::none)
    best = compare_with_rows();
  else
    view_.account.clear();  // it may be half of an id
  // The rules of its run may have made it a dead letter where these do not.
  if (best.problem != nullptr && !archives_only_)
    if (const auto letter = compare_letter(bytes); letter.problem == nullptr || why != reason::none)
      best = letter;
  return best;
}

/// With the rows of its account, date and digest. Of several only those of its content count, as the digest
/// can be forged; they are marked together.
document_match document_comparer::compare_with_rows() {
  document_match best{"the ledger has no such document"};
  const auto rows = c_.reader().lookup.rows_of(view_.account, view_.exported_at, view_.digest);
  if (!rows || rows->size() > 1) reader_.digest_content(view_);
  if (!rows) {
    const auto row = rare_.last_in_crowd(view_, matched_);
    return row ? compare_row(*row) : best;
  }
  bool safe = false;
  for (const auto& row : *rows) {
    if (rows->size() > 1 && row.content != view_.content_digest) continue;
    (void)matched_.mark(row);
    if (safe) continue;
    best = compare_row(row);
    safe = best.problem == nullptr;
  }
  return best;
}

document_match document_comparer::compare_row(const found_row& row) {
  if (row.outcome == outcome::unchanged) return compare_unchanged(row);
  if (row.outcome != outcome::written) return {"the ledger has it as a dead letter only", false, row.outcome};
  const auto* problem = restore(row.slice, row.stored_offset, row.stored_bytes);
  if (problem == nullptr && restored_ != view_.document) problem = "its archive does not give back its bytes";
  return {problem, false, row.outcome};
}

/// The archive that the row stands for has the same bytes, or the same content: then it is read as the dump
/// was.
document_match document_comparer::compare_unchanged(const found_row& row) {
  const auto differs = [&](const char* what) { return document_match{what, false, row.outcome}; };
  // The row was found by a digest that can be forged; what counts is the content of these bytes.
  reader_.digest_content(view_);
  const auto archive =
      c_.reader().lookup.archive_of_content(view_.account, view_.content_digest, row.slice.run);
  if (row.content != view_.content_digest || !archive)
    return differs("it is called unchanged, and no earlier run has an archive with its content");
  const auto& a = archive->record;
  if (const auto* problem = restore(archive->slice, a.stored_offset, a.stored_bytes)) return differs(problem);
  if (restored_ == view_.document) return {nullptr, false, row.outcome};
  const auto size = restored_.size();
  restored_.append(readable_behind, '\0');
  const auto text = std::string_view(restored_).substr(0, size);
  if (archived_reader_.read(text, archived_) != reason::none || archived_.account != view_.account ||
      archived_.content_digest != view_.content_digest)
    return differs("the archive with its content does not give it back");
  return {nullptr, true, row.outcome};
}

/// The bytes of a frame in a file. The range must lie within the file, whatever the ledger says.
result<std::string> document_comparer::stored(const fs::path& path, std::uint64_t offset,
                                              std::uint64_t bytes) {
  constexpr std::size_t most_open = 16;
  auto file = open_.find(path);
  if (file == open_.end()) {
    auto opened = open_at_rest(path);
    if (!opened) return opened.error();
    if (open_.size() >= most_open) open_.clear();
    file = open_.emplace(path, std::move(*opened)).first;
  }
  struct stat info {};
  if (::fstat(file->second.get(), &info) != 0) return io_failure("stat", path, errno);
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (offset > size || bytes > size - offset) return fail(failure::corrupt, "its range lies outside");
  return read_at(file->second.get(), offset, bytes, path);
}

/// Restores the document of an archive into `restored_`. Null where that went well.
const char* document_comparer::restore(slice_id slice, std::uint64_t offset, std::uint64_t bytes) {
  const auto frame = stored(pack_path(c_.out, slice), offset, bytes);
  if (!frame) return "its archive cannot be read";
  const auto tar_bytes = ZSTD_getFrameContentSize(frame->data(), frame->size());
  if (tar_bytes > c_.large_above() && !alone_.owns_lock()) alone_.lock();
  const auto archive = open_archive(*frame, max_tar_bytes);
  if (!archive) return "its archive is damaged";
  restored_.clear();
  return restore_dump(*archive, restored_).ok() ? nullptr : "its archive does not give back its bytes";
}

document_match document_comparer::compare_letter(std::string_view bytes) {
  const auto compared = [](const char* problem) {
    return document_match{problem, false, outcome::dead_letter};
  };
  const auto row = rare_.last_letter(sure_digest_of(bytes), matched_);
  if (!row) return compared("the ledger has no such document");
  const auto range = stored(letters_path(c_.out, row->slice), row->stored_offset, row->stored_bytes);
  if (!range) return compared("its dead letter cannot be read");
  auto rest = bytes;
  bool same = true;
  bool ended = false;
  const bool whole = decode_letters(*range, [&](std::string_view decoded) {
    const auto n = std::min(decoded.size(), rest.size());
    same = same && !ended && decoded.substr(0, n) == rest.substr(0, n);
    rest.remove_prefix(n);
    decoded.remove_prefix(n);
    if (decoded.empty()) return;
    same = same && decoded == "\n";
    ended = true;
  });
  return compared(whole && same && ended && rest.empty() ? nullptr
                                                         : "its dead letter does not hold its bytes");
}

/// The kept bytes, readable behind their end as a document reader wants them, without their line feed.
std::optional<std::string> document_comparer::read_letter(slice_id slice, const document_record& letter) {
  const auto range = stored(letters_path(c_.out, slice), letter.stored_offset, letter.stored_bytes);
  if (!range) return std::nullopt;
  std::string bytes;
  bytes.reserve(letter.length + 1 + readable_behind);
  bool fits = true;  // whatever the ledger says of its length
  const bool whole = decode_letters(*range, [&](std::string_view decoded) {
    fits = fits && bytes.size() + decoded.size() <= letter.length + 1;
    if (fits) bytes.append(decoded);
  });
  if (!whole || !fits || bytes.size() != letter.length + 1 || bytes.back() != '\n') return std::nullopt;
  bytes.append(readable_behind - 1, '\0');
  return bytes;
}

bool document_comparer::is_letter_archived(slice_id slice, const document_record& letter) {
  const auto bytes = read_letter(slice, letter);
  if (!bytes) return false;
  archives_only_ = true;
  const auto match = compare_within_share(std::string_view(*bytes).substr(0, letter.length));
  archives_only_ = false;
  return match.problem == nullptr;
}

document_match document_comparer::compare_oversize(const oversize_piece& last) {
  view_.account.clear();
  // That the kept bytes have this digest was seen when the dead letters were read.
  const auto row = rare_.last_letter(last.sure_digest, matched_);
  return {row ? nullptr : "the ledger has no such document", false, outcome::dead_letter};
}

}  // namespace outro
