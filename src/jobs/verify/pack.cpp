#include "jobs/verify/pack.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "account/work_limit.h"
#include "archive/decompress.h"
#include "archive/open_archive.h"
#include "archive/tar.h"
#include "base/output_names.h"
#include "base/utf8.h"
#include "jobs/verify/files.h"
#include "pack/slice_record.h"

namespace outro {

status verified_pack::load(const std::filesystem::path& path, std::uint64_t most_in_memory,
                           std::atomic<std::uint64_t>& read_bytes) {
  path_ = path;
  auto file = open_at_rest(path);
  if (!file) return file.error();
  file_ = std::move(*file);
  struct stat info {};
  if (::fstat(file_.get(), &info) != 0) return io_failure("stat", path, errno);
  size_ = static_cast<std::uint64_t>(info.st_size);
  is_whole_ = size_ <= most_in_memory;
  if (is_whole_) {
    auto bytes = read_at(file_.get(), 0, size_, path);
    if (!bytes) return bytes.error();
    whole_ = std::move(*bytes);
    size_ = whole_.size();
    class sha256 hash;
    hash.update(whole_);
    sha256_ = hash.finish_hex();
    read_bytes += size_;
  } else {
    auto sum = hash_all(file_.get(), path, [&](std::string_view bytes) { read_bytes += bytes.size(); });
    if (!sum) return sum.error();
    sha256_ = std::move(*sum);
  }
  return read_table();
}

status verified_pack::read_table() {
  std::string scratch;
  if (size_ < seek_footer_bytes) return fail(failure::corrupt, "it is too short for a pack");
  const auto footer = range(size_ - seek_footer_bytes, seek_footer_bytes, scratch);
  if (!footer) return footer.error();
  const auto table_size = seek_table_size(*footer);
  if (!table_size) return table_size.error();
  if (*table_size > size_) return fail(failure::corrupt, "its seek table is larger than the pack");
  const auto table = range(size_ - *table_size, *table_size, scratch);
  if (!table) return table.error();
  auto frames = decode_seek_table(*table);
  if (!frames) return frames.error();
  frames_ = std::move(*frames);
  std::uint64_t offset = 0;
  for (const auto& f : frames_) {
    offsets_.push_back(offset);
    offset += f.frame_bytes;
  }
  if (frames_.size() < 2 || offset != size_ - *table_size) {
    frames_.clear();
    return fail(failure::corrupt, "its seek table does not add up to its size");
  }
  return {};
}

result<std::string_view> verified_pack::range(std::uint64_t offset, std::uint64_t n,
                                              std::string& scratch) const {
  if (offset > size_ || n > size_ - offset) return fail(failure::corrupt, "a frame lies outside");
  if (is_whole_) return std::string_view(whole_).substr(offset, n);
  auto bytes = read_at(file_.get(), offset, n, path_);
  if (!bytes) return bytes.error();
  if (bytes->size() != n) return fail(failure::corrupt, "it became shorter");
  scratch = std::move(*bytes);
  return std::string_view(scratch);
}

result<std::string_view> verified_pack::frame(std::size_t i, std::string& scratch) const {
  return range(offsets_[i], frames_[i].frame_bytes, scratch);
}

namespace {

constexpr const char* tampered_remedy =
    "one of the two was changed: restore both from a copy, or `outro rebuild` the ledger";

/// Sums over the manifests of a pack's archives.
struct archive_sums {
  std::atomic<std::uint64_t> tar_bytes{0}, rows{0}, references{0}, suspects{0}, defused{0},
      lone_surrogates{0};
};

/// The checks of one pack. Its findings name the pack.
class pack_check {
 public:
  pack_check(verify_context& c, const slice_row& s, const std::vector<document_row>& rows)
      : c_(c), slice_(s), rows_(rows), path_(pack_path(c.out, s.id)), name_(pack_name(name_of(s.id))) {}

  void run() {
    if (c_.missing.contains(name_)) return;
    const auto loaded = pack_.load(path_, c_.pack_in_memory(), c_.progress.file_bytes);
    if (!loaded.ok() && loaded.kind != failure::corrupt) return bad("", loaded);
    ++c_.progress.files;
    check_sum(c_, name_, pack_.sha256());
    if (pack_.sha256() != slice_.pack_sha256) bad("", "its SHA-256 is not what the ledger says");
    if (pack_.size() != slice_.pack_bytes)
      bad("", fmt::format("it has {} bytes, and the ledger says {}", pack_.size(), slice_.pack_bytes));
    if (!loaded.ok()) return bad("", loaded);
    ++c_.progress.packs;
    compare_record();
    match_frames();
  }

 private:
  void bad(const std::string& place, const std::string& what, const char* remedy = restore_remedy) const {
    c_.damage(name_, place, what, remedy);
  }

  void bad(const std::string& place, const status& why) const { c_.damage(name_, place, why); }

  void compare_record() {
    const auto& entry = pack_.frames().back();
    std::string scratch;
    const auto bytes = pack_.frame(pack_.frames().size() - 1, scratch);
    if (!bytes) return bad("slice record", bytes.error());
    const auto decoded = decode_slice_record(*bytes);
    if (!decoded) return bad("slice record", decoded.error());
    const auto& r = *decoded;
    const auto differs = [&](const char* what) {
      bad("slice record", fmt::format("{} is not what the ledger says", what), tampered_remedy);
    };
    if (entry.decoded_bytes != 0 || entry.checksum != checksum_of_nothing())
      bad("seek table", "the slice record's entry is wrong");
    if (r.id != slice_.id) differs("its place");
    if (r.begin != slice_.begin || r.end.offset != slice_.end || r.end.last_of_unit != slice_.last)
      differs("its byte range");
    if (r.end.digest != slice_.digest) differs("its running digest");
    if (slice_.id.run < 1 || slice_.id.run > c_.runs.size() || r.recipe != c_.runs[slice_.id.run - 1].recipe)
      differs("its recipe");
    else if (r.units != c_.runs[slice_.id.run - 1].units)
      differs("the number of its run's units");
    if (r.totals != slice_.totals) differs("one of its sums");
    for (const auto& e : r.end.shards)
      if (c_.reader().lookup.end_of_shard(slice_.id.run, slice_.id.unit, e.shard) != e)
        differs("the end of a shard");
    if (r.documents.size() != rows_.size()) differs("its number of documents");
    for (std::size_t i = 0; i < std::min(r.documents.size(), rows_.size()); ++i)
      if (!(r.documents[i] == rows_[i].record))
        bad(fmt::format("document {}, account {}", i, shown(r.documents[i].account)),
            "the slice record and the ledger differ", tampered_remedy);
  }

  /// Every written document has one frame, in order, and no frame is left over.
  void match_frames() {
    std::vector<const document_row*> written;
    for (const auto& row : rows_)
      if (row.record.outcome == outcome::written) written.push_back(&row);
    const auto frames = pack_.frames().size() - 1;
    if (written.empty()) {
      if (frames != 1) bad("seek table", "it has frames, and the ledger no archives", tampered_remedy);
      return check_empty();
    }
    if (frames != written.size())
      bad("seek table", fmt::format("it has {} frames, and the ledger {} archives", frames, written.size()),
          tampered_remedy);
    // Isolated, so that a thread that waits here does not begin another pack.
    tbb::this_task_arena::isolate([&] {
      tbb::parallel_for(tbb::blocked_range<std::size_t>(0, std::min(frames, written.size())),
                        [&](const auto& range) {
                          for (auto i = range.begin(); i != range.end(); ++i) check_frame(i, *written[i]);
                        });
    });
    if (frames != written.size()) return;
    const auto& t = slice_.totals;
    if (sums_.tar_bytes != t.tar_bytes || sums_.rows != t.rows || sums_.references != t.references ||
        sums_.suspects != t.suspects || sums_.defused != t.defused ||
        sums_.lone_surrogates != t.lone_surrogates)
      bad("", "the sums of its archives are not what the ledger says", tampered_remedy);
  }

  void check_frame(std::size_t i, const document_row& row) {
    const auto& d = row.record;
    const auto place = [&] {
      return fmt::format("archive {} at byte {}, account {}", i, pack_.offset(i), shown(d.account));
    };
    if (pack_.offset(i) != d.stored_offset || pack_.frames()[i].frame_bytes != d.stored_bytes)
      return bad(place(), "it does not lie where the ledger says", tampered_remedy);
    // No archive of ours is larger, so a crafted one cannot ask for memory.
    if (pack_.frames()[i].decoded_bytes > most_work(d.length))
      return bad(place(), "its size is more than a document of this length can make", tampered_remedy);
    const document_in_work::scope in_work(*c_.places.restorers.local(), slice_.id.unit,
                                          place_of_archive(slice_.id, d.stored_offset), d.length);
    std::unique_lock<std::mutex> alone(c_.large, std::defer_lock);
    if (pack_.frames()[i].decoded_bytes > c_.large_above()) alone.lock();
    std::string scratch;
    const auto bytes = pack_.frame(i, scratch);
    if (!bytes) return bad(place(), bytes.error());
    if (const auto s = check_checksums(pack_.frames()[i], *bytes); !s.ok()) return bad(place(), s.message);
    if (const auto s = check_archive(pack_.frames()[i], *bytes, row, alone); !s.ok())
      return bad(place(), s.message);
    ++c_.progress.archives;
  }

  /// The frame carries a checksum, which is that of the seek table, and nothing follows the frame. zstd
  /// checks the content against it while it decompresses.
  static status check_checksums(const seek_entry& entry, std::string_view bytes) {
    constexpr std::size_t descriptor_at = 4;
    constexpr unsigned has_checksum = 4;
    std::uint32_t checksum = 0;
    if (bytes.size() < descriptor_at + sizeof checksum ||
        (static_cast<unsigned char>(bytes[descriptor_at]) & has_checksum) == 0)
      return fail(failure::corrupt, "its frame has no checksum");
    std::memcpy(&checksum, bytes.data() + bytes.size() - sizeof checksum, sizeof checksum);
    if (checksum != entry.checksum) return fail(failure::corrupt, "its checksum is not the seek table's");
    if (ZSTD_findFrameCompressedSize(bytes.data(), bytes.size()) != bytes.size())
      return fail(failure::corrupt, "it is not exactly one zstd frame");
    if (ZSTD_getFrameContentSize(bytes.data(), bytes.size()) != entry.decoded_bytes)
      return fail(failure::corrupt, "its size is not the seek table's");
    return {};
  }

  status check_archive(const seek_entry& entry, std::string_view bytes, const document_row& row,
                       std::unique_lock<std::mutex>& alone) {
    const auto& d = row.record;
    const auto archive = open_archive(bytes, entry.decoded_bytes);
    if (!archive) return archive.error();
    const auto& m = archive->manifest;
    const auto differs = [](const char* what) {
      return fail(failure::corrupt, fmt::format("its manifest names another {} than the ledger", what));
    };
    if (m.account != d.account) return differs("account");
    if (m.exported_at != d.exported_at) return differs("exportedAt");
    if (m.digest != d.digest) return differs("digest");
    if (m.redacted.empty() && m.dump_bytes != d.length) return differs("size");
    if (slice_.id.run < 1 || slice_.id.run > c_.runs.size() || m.recipe != c_.recipe_ids[slice_.id.run - 1])
      return differs("recipe");
    if (m.service != c_.runs[slice_.id.run - 1].service) return differs("service");
    if (m.dump_bytes > c_.large_above() && !alone.owns_lock()) alone.lock();
    std::string dump;
    dump.reserve(m.dump_bytes <= 32 * archive->tar.size() ? m.dump_bytes : 0);
    if (auto s = restore_dump(*archive, dump); !s.ok()) return s;
    if (c_.on_document) c_.on_document(dump);
    c_.progress.dump_bytes += dump.size();
    sums_.tar_bytes += archive->tar.size();
    sums_.rows += m.rows;
    sums_.references += m.references;
    sums_.suspects += m.suspects;
    sums_.defused += m.defused;
    sums_.lone_surrogates += m.lone_surrogates;
    return {};
  }

  /// A slice without archives holds one frame with an empty tar.
  void check_empty() {
    std::string scratch;
    const auto& entry = pack_.frames().front();
    const auto bytes = pack_.frame(0, scratch);
    if (!bytes) return bad("", bytes.error());
    if (const auto s = check_checksums(entry, *bytes); !s.ok()) return bad("", s.message);
    const auto tar = decompress_archive(*bytes, 2 * tar_block);
    if (!tar) return bad("", tar.error().message);
    if (tar->size() != 2 * tar_block || tar->find_first_not_of('\0') != tar->npos)
      bad("", "its empty tar is not empty");
    if (slice_.totals != slice_totals{})
      bad("", "the ledger has sums, and there are no archives", tampered_remedy);
  }

  verify_context& c_;
  const slice_row& slice_;
  const std::vector<document_row>& rows_;
  std::filesystem::path path_;
  std::string name_;
  verified_pack pack_;
  archive_sums sums_;
};

}  // namespace

void check_pack(verify_context& c, const slice_row& slice, const std::vector<document_row>& rows) {
  pack_check(c, slice, rows).run();
}

}  // namespace outro
