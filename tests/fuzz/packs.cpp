// The pack reader: crafted packs, slice records, seek tables and frames are read or refused, with memory that
// what they claim does not decide; and what is read is what was encoded.
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#include <string>

#include "archive/open_archive.h"
#include "base/file.h"
#include "fuzz/fuzzing.h"
#include "outro/pack_reader.h"
#include "pack/seek_table.h"
#include "pack/slice_record.h"

namespace outro {
namespace {

using fuzzing::must;

/// What a seek table may promise of an archive before it is read here.
constexpr std::uint64_t most_decoded = 64U << 20;

void read_record(std::string_view frame) {
  const auto record = decode_slice_record(frame);
  if (!record) return must(record.error().kind == failure::corrupt, "a refusal says corrupt");
  must(record->documents.size() <= max_slice_documents, "a slice has a bearable number of documents");
  const auto again = decode_slice_record(encode(*record));
  must(again && again->documents == record->documents && again->recipe == record->recipe &&
           again->begin == record->begin && again->end.offset == record->end.offset &&
           again->end.shards.size() == record->end.shards.size() && again->totals == record->totals,
       "a record is read as it was written");
}

/// The body of a slice record in a frame that is right, so that mutations reach what lies behind its
/// checksum.
std::string record_of_body(std::string_view body) {
  std::string packed(ZSTD_compressBound(body.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), body.data(), body.size(), 1));
  std::string frame;
  put(frame, std::uint32_t{ZSTD_MAGIC_SKIPPABLE_START | 0xA});
  put(frame, static_cast<std::uint32_t>(14 + 8 + packed.size()));
  frame += "outro-slice/1\n";
  put(frame, static_cast<std::uint64_t>(XXH3_64bits(packed.data(), packed.size())));
  return frame + packed;
}

void read_frame(std::string_view frame, std::uint64_t limit) {
  const auto archive = open_archive(frame, limit);
  if (!archive) return must(archive.error().kind == failure::corrupt, "a refusal says corrupt");
  must(archive->tar.size() <= limit, "no more is decoded than was allowed");
  std::string dump;
  const auto s = restore_dump(*archive, dump);
  must(s.ok() ? digest_of(dump) == archive->manifest.digest : dump.empty(),
       "a dump comes back whole or not at all");
}

void read_table(std::string_view table) {
  const auto frames = decode_seek_table(table);
  if (frames) must(encode(*frames) == table, "a seek table is what its entries say");
}

/// A whole pack, from a file that exists in memory alone.
void read_pack(std::string_view bytes) {
  const file_handle file(::memfd_create("pack", MFD_CLOEXEC));
  const auto path = "/proc/self/fd/" + std::to_string(file.get());
  if (!file.is_open() || !write_all(file.get(), bytes, path).ok()) return;
  const auto pack = pack_reader::open(path);
  if (!pack) return must(pack.error().kind == failure::corrupt, "a refusal says corrupt");
  must(pack->file_bytes() == bytes.size(), "a pack is as large as its file");
  for (std::size_t i = 0; i < pack->frames() && i < 64; ++i) {
    const auto frame = pack->read(pack->frame_offset(i), pack->frame_bytes(i));
    must(frame.has_value(), "every frame lies in the file");
    if (pack->decoded_bytes(i) <= most_decoded) read_frame(*frame, pack->decoded_bytes(i));
  }
  must(!pack->read(pack->file_bytes(), 1), "nothing is read behind the archives");
  if (const auto record = pack->read_slice_record()) read_record(*record);
}

}  // namespace
}  // namespace outro

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outro;
  fuzzing::choices choose(data, size);
  const auto kind = choose.byte() % 5;
  const auto bytes = choose.rest();
  if (kind == 0) read_pack(bytes);
  if (kind == 1) read_record(bytes);
  if (kind == 2) read_record(record_of_body(bytes));
  if (kind == 3) read_table(bytes);
  if (kind == 4) read_frame(bytes, most_decoded);
  return 0;
}
