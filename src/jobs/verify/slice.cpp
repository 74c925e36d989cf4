// The checks of pack.h but those of the pack itself: the rows of a slice, and its dead letters.
#include <fmt/format.h>
#include <sys/stat.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <new>

#include "base/output_names.h"
#include "base/utf8.h"
#include "frame/framer.h"
#include "jobs/verify/files.h"
#include "jobs/verify/pack.h"

namespace outro {

namespace {

constexpr std::size_t piece_bytes = 1U << 20;

/// Decodes frames that come in pieces of any size.
class letter_decoder {
 public:
  letter_decoder() : zstd_(ZSTD_createDCtx()), out_(std::make_unique_for_overwrite<char[]>(piece_bytes)) {
    // Of frames that are written here none has a larger window.
    static_assert(dead_letter_frame <= 1U << 23);
    if (!zstd_ || ZSTD_isError(ZSTD_DCtx_setParameter(zstd_.get(), ZSTD_d_windowLogMax, 23)) != 0)
      throw std::bad_alloc();
  }

  bool decode(std::string_view bytes, const std::function<void(std::string_view)>& each) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (bool full = false; in.pos < in.size || full;) {
      ZSTD_outBuffer out{out_.get(), piece_bytes, 0};
      left_ = ZSTD_decompressStream(zstd_.get(), &out, &in);
      if (ZSTD_getErrorCode(left_) == ZSTD_error_memory_allocation) throw std::bad_alloc();
      if (ZSTD_isError(left_) != 0) return false;
      each(std::string_view(out_.get(), out.pos));
      full = out.pos == out.size && left_ != 0;
    }
    return true;
  }
  /// Whether the last frame is complete.
  [[nodiscard]] bool whole() const { return left_ == 0; }

 private:
  struct freer {
    void operator()(ZSTD_DCtx* c) const { ZSTD_freeDCtx(c); }
  };
  std::unique_ptr<ZSTD_DCtx, freer> zstd_;
  std::unique_ptr<char[]> out_;  ///< not cleared: most letters are far smaller
  std::size_t left_ = 0;
};

/// A document and the line feed after it, which come in pieces.
class letter_text {
 public:
  void append(std::string_view bytes) {
    if (bytes.empty()) return;
    // The last byte waits until it is known whether it is the line feed.
    if (size_ > 0) update({&last_, 1});
    update(bytes.substr(0, bytes.size() - 1));
    last_ = bytes.back();
    size_ += bytes.size();
  }
  /// Once, at its end.
  [[nodiscard]] bool is(const document_record& d) {
    return size_ == d.length + 1 && last_ == '\n' && digest_.value() == d.digest &&
           sure_digest_.finish_short() == d.content_digest;
  }

 private:
  void update(std::string_view bytes) {
    digest_.update(bytes);
    sure_digest_.update(bytes);
  }

  running_digest digest_;
  sha256 sure_digest_;
  char last_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace

bool decode_letters(std::string_view range, const std::function<void(std::string_view)>& each) {
  letter_decoder decoder;
  return decoder.decode(range, each) && decoder.whole();
}

void check_letters(verify_context& c, const slice_row& s, const std::vector<document_row>& rows) {
  const auto path = letters_path(c.out, s.id);
  const auto name = letters_name(name_of(s.id));
  const auto bad = [&](const std::string& place, const std::string& what) { c.damage(name, place, what); };
  std::vector<const document_row*> dead;
  for (const auto& row : rows)
    if (row.record.outcome == outcome::dead_letter) dead.push_back(&row);
  if ((dead.empty() && s.letters_bytes == 0) || c.missing.contains(name)) return;
  const auto file = open_at_rest(path);
  if (!file) return c.damage(name, "", file.error());
  struct stat info {};
  if (::fstat(file->get(), &info) != 0) return c.damage(name, "", io_failure("stat", path, errno));
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (size != s.letters_bytes)
    bad("", fmt::format("it has {} bytes, and the ledger says {}", size, s.letters_bytes));

  // One pass over the file, in order: each range is hashed, decoded and compared.
  sha256 hash;
  std::uint64_t at = 0;
  for (const auto* row : dead) {
    const auto& d = row->record;
    const auto place = fmt::format("document {} at byte {}", row->index, d.stored_offset);
    if (d.stored_offset != at || d.stored_bytes == 0 || d.stored_bytes > size - at) {
      bad(place, "its range does not follow the one before, or leads outside");
      break;
    }
    letter_decoder decoder;
    letter_text text;
    bool legal = true;
    for (const auto end = at + d.stored_bytes; at < end;) {
      const auto bytes = read_at(file->get(), at, std::min<std::uint64_t>(piece_bytes, end - at), path);
      if (!bytes) return c.damage(name, place, bytes.error());
      if (bytes->empty()) return bad(place, "it became shorter");
      hash.update(*bytes);
      at += bytes->size();
      c.progress.file_bytes += bytes->size();
      legal = legal && decoder.decode(*bytes, [&](std::string_view decoded) { text.append(decoded); });
    }
    ++c.progress.letters;
    if (!legal || !decoder.whole())
      bad(place, "its zstd frames are damaged");
    else if (!text.is(d))
      bad(place, "it is not the document that the ledger knows, with a line feed");
  }
  if (at != size) return bad(fmt::format("byte {}", at), "what follows belongs to no document");
  ++c.progress.files;
  const auto sum = hash.finish_hex();
  check_sum(c, name, sum);
  if (sum != s.letters_sha256) bad("", "its SHA-256 is not what the ledger says");
}

/// Documents that were not written again depend on an archive of an earlier run.
static void check_earlier(verify_context& c, const slice_row& s, const std::vector<document_row>& rows) {
  std::vector<const document_row*> dependent;
  for (const auto& row : rows)
    if (row.record.outcome == outcome::unchanged) dependent.push_back(&row);
  // Sorted, so that neighbours in the index are read once.
  std::sort(dependent.begin(), dependent.end(),
            [](const auto* a, const auto* b) { return a->record.account < b->record.account; });
  auto& earlier = c.reader().lookup;
  for (const auto* row : dependent) {
    const auto& d = row->record;
    if (earlier.archive_of_content(d.account, d.content_digest, s.id.run)) continue;
    // Where an earlier run lost packs, any other run may have written the document again.
    const bool in_order = c.cut_runs.empty() || *c.cut_runs.begin() >= s.id.run;
    c.damage(std::string(ledger_name),
             fmt::format("{}, document {}, account {}", name_of(s.id), row->index, shown(d.account)),
             fmt::format("it is called {}, and no {} run has such an archive", name_of(d.outcome),
                         in_order ? "earlier" : "other"),
             in_order ? rebuild_remedy : "export its dump again");
  }
}

void check_slice(verify_context& c, const slice_row& s) {
  if (s.documents > max_slice_documents)
    return c.damage(std::string(ledger_name), name_of(s.id), "it counts more documents than a slice can hold",
                    rebuild_remedy);
  const auto rows = c.reader().books.documents_of(s.id);
  std::uint64_t bytes = 0;
  bool complete = rows.size() == s.documents;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& r = rows[i];
    complete = complete && r.slice == s.id && r.index == i;
    bytes += r.record.length;
  }
  if (!complete || bytes != s.document_bytes)
    c.damage(std::string(ledger_name), name_of(s.id),
             "its documents are not as many, or not those, that it counts", rebuild_remedy);
  check_pack(c, s, rows);
  check_letters(c, s, rows);
  check_earlier(c, s, rows);
}

}  // namespace outro
