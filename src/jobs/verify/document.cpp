#include "jobs/verify/document.h"

#include <sys/stat.h>
#include <zstd.h>

#include <algorithm>
#include <bit>
#include <cerrno>

#include "archive/archive_writer.h"
#include "archive/decompress.h"
#include "archive/library.h"
#include "archive/tar.h"
#include "frame/framer.h"
#include "jobs/verify/pack.h"
#include "output/checksums.h"

namespace outro {

namespace fs = std::filesystem;

/// Documents of the latest run, by its slices. A crafted ledger may count any number in a slice.
static std::uint64_t documents_of_last(const std::vector<slice_row>& slices) {
  std::uint64_t n = 0;
  for (const auto& s : slices)
    if (s.id.run == slices.back().id.run && s.documents <= max_slice_documents) n += s.documents;
  return n;
}

matched_documents::matched_documents(const std::vector<slice_row>& slices)
    : count_(slices.empty() ? 0 : documents_of_last(slices)),
      bits_(static_cast<std::size_t>(count_ / 64 + 1)) {
  if (slices.empty()) return;
  run_ = slices.back().id.run;
  std::uint64_t at = 0;
  for (const auto& s : slices) {
    if (s.id.run != run_ || s.documents > max_slice_documents) continue;
    first_[{s.id.unit, s.id.number}] = {at, s.documents};
    at += s.documents;
  }
}

void matched_documents::mark(const found_row& row) {
  if (row.slice.run != run_) return;
  const auto slice = first_.find({row.slice.unit, row.slice.number});
  if (slice == first_.end() || row.index >= slice->second.second) return;
  const auto at = slice->second.first + row.index;
  bits_[at / 64].fetch_or(1ULL << (at % 64), std::memory_order_relaxed);
}

std::uint64_t matched_documents::unmatched() const {
  std::uint64_t marked = 0;
  for (const auto& word : bits_)
    marked += static_cast<std::uint64_t>(std::popcount(word.load(std::memory_order_relaxed)));
  return count_ - marked;
}

document_match document_comparer::compare(std::string_view bytes) {
  constexpr std::size_t kept = 16U << 20;  // scratch of larger documents is given back
  // To be walked and restored a document may take several times its size.
  alone_ = std::unique_lock(c_.large, std::defer_lock);
  if (bytes.size() > c_.large_above() / 2) alone_.lock();
  const auto why = reader_.read(bytes, view_);
  document_match best{"the ledger has no such document"};
  if (why == reason::none) {
    const auto rows = c_.reader().lookup.rows_of(view_.account, view_.digest);
    for (const auto& row : rows) matched_.mark(row);
    for (const auto& row : rows) {
      best = compare_row(row);
      if (best.problem == nullptr) break;
    }
  } else {
    view_.account.clear();  // it may be half of an id
  }
  // The rules of its run may have made it a dead letter where these do not.
  if (best.problem != nullptr)
    if (const auto letter = compare_letter(bytes); letter.problem == nullptr || why != reason::none)
      best = letter;
  if (bytes.size() > kept || view_.noted_work > kept) {
    view_ = {};
    restored_ = {};
    reader_.release();
  }
  alone_ = {};
  return best;
}

document_match document_comparer::compare_row(const found_row& row) {
  switch (row.outcome) {
    case outcome::written:
      return {compare_archive(row), row.outcome};
    case outcome::unchanged:
      if (c_.reader().lookup.has_content(view_.account, row.content, c_.depends_before(row.slice.run)))
        return {nullptr, row.outcome};
      return {"it is called unchanged, and no earlier run has an archive with its content", row.outcome};
    case outcome::older:
      if (c_.reader().lookup.has_newer(view_.account, row.exported_at, c_.depends_before(row.slice.run)))
        return {nullptr, row.outcome};
      return {"it is called older, and no earlier run has a newer archive", row.outcome};
    case outcome::dead_letter:
      break;
  }
  return {"the ledger has it as a dead letter only", row.outcome};
}

/// The bytes of a frame in a file. The range must lie within the file, whatever the ledger says.
result<std::string> document_comparer::stored(const fs::path& path, const found_row& row) {
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
  if (row.stored_offset > size || row.stored_bytes > size - row.stored_offset)
    return fail(failure::corrupt, "its range lies outside");
  return read_at(file->second.get(), row.stored_offset, row.stored_bytes, path);
}

/// Restores the archive and compares every byte. Null where they are the same.
const char* document_comparer::compare_archive(const found_row& row) {
  const auto frame = stored(pack_path(c_.out, row.slice), row);
  if (!frame) return "its archive cannot be read";
  const auto tar_bytes = ZSTD_getFrameContentSize(frame->data(), frame->size());
  if (tar_bytes > c_.large_above() && !alone_.owns_lock()) alone_.lock();
  const auto tar = decompress_archive(*frame, max_tar_bytes);
  if (!tar) return "its archive is damaged";
  bool same = false;
  const auto read = read_tar(*tar, [&](const tar_member& member) -> status {
    if (same || !member.path.ends_with("/library.json")) return {};
    restored_.clear();
    if (auto s = restore_document(member.content, view_.document.size(), restored_); !s.ok()) return s;
    same = restored_ == view_.document;
    return {};
  });
  return read.ok() && same ? nullptr : "its archive does not give back its bytes";
}

document_match document_comparer::compare_letter(std::string_view bytes) {
  for (const auto& row : letters_.of(digest_of(bytes))) {
    matched_.mark(row);
    const auto range = stored(letters_path(c_.out, row.slice), row);
    if (!range) return {"its dead letter cannot be read", outcome::dead_letter};
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
    if (whole && same && ended && rest.empty()) return {nullptr, outcome::dead_letter};
    return {"its dead letter does not hold its bytes", outcome::dead_letter};
  }
  return {"the ledger has no such document", outcome::dead_letter};
}

document_match document_comparer::compare_oversize(const oversize_piece& last) {
  view_.account.clear();
  const auto rows = letters_.of(last.digest);
  for (const auto& row : rows) matched_.mark(row);
  // The kept bytes were compared with their digest and length when the dead letters were read.
  return {rows.empty() ? "the ledger has no such document" : nullptr, outcome::dead_letter};
}

}  // namespace outro
