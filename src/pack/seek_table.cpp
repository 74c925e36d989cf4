#include "pack/seek_table.h"

#include <xxhash.h>

#include "base/bytes.h"

namespace outro {

static constexpr std::uint32_t skippable_magic = 0x184D2A5E, seekable_magic = 0x8F92EAB1;
static constexpr std::uint8_t has_checksums = 0x80, reserved_bits = 0x7C;
static constexpr std::size_t head_bytes = 8, entry_bytes = 12;

std::uint32_t checksum_of_nothing() {
  return static_cast<std::uint32_t>(XXH64("", 0, 0));
}

std::string encode(const std::vector<seek_entry>& frames) {
  std::string out;
  put(out, skippable_magic);
  put(out, static_cast<std::uint32_t>(frames.size() * entry_bytes + seek_footer_bytes));
  for (const auto& f : frames) {
    put(out, f.frame_bytes);
    put(out, f.decoded_bytes);
    put(out, f.checksum);
  }
  put(out, static_cast<std::uint32_t>(frames.size()));
  put(out, has_checksums);
  put(out, seekable_magic);
  return out;
}

static status bad(const char* what) {
  return fail(failure::corrupt, std::string("the seek table is damaged: ") + what);
}

result<std::uint64_t> seek_table_size(std::string_view footer) {
  field_reader in(footer);
  const auto frames = in.get<std::uint32_t>();
  const auto descriptor = in.get<std::uint8_t>();
  if (in.get<std::uint32_t>() != seekable_magic || !in.ok())
    return bad("its footer is missing (is the pack cut off?)");
  if (descriptor != has_checksums || (descriptor & reserved_bits) != 0)
    return bad("its descriptor is not ours");
  if (frames > max_seek_frames) return bad("it has more frames than a pack of ours");
  return head_bytes + std::uint64_t{frames} * entry_bytes + seek_footer_bytes;
}

result<std::vector<seek_entry>> decode_seek_table(std::string_view table) {
  if (table.size() < head_bytes + seek_footer_bytes) return bad("it is too short");
  const auto size = seek_table_size(table.substr(table.size() - seek_footer_bytes));
  if (!size) return size.error();
  if (*size != table.size()) return bad("its number of frames is wrong");
  field_reader in(table);
  if (in.get<std::uint32_t>() != skippable_magic || in.get<std::uint32_t>() != table.size() - head_bytes)
    return bad("its frame header is wrong");
  std::vector<seek_entry> frames((table.size() - head_bytes - seek_footer_bytes) / entry_bytes);
  for (auto& f : frames) {
    f.frame_bytes = in.get<std::uint32_t>();
    f.decoded_bytes = in.get<std::uint32_t>();
    f.checksum = in.get<std::uint32_t>();
  }
  return frames;
}

}  // namespace outro
