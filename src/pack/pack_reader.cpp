#include "outro/pack_reader.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <vector>

#include "base/file.h"
#include "base/utf8.h"
#include "pack/seek_table.h"
#include "pack/slice_record.h"

namespace outro {

struct pack_reader::state {
  std::filesystem::path path;
  file_handle file;
  std::uint64_t size = 0;
  std::vector<seek_entry> entries;     ///< the last one is the slice record
  std::vector<std::uint64_t> offsets;  ///< one more than entries
};

pack_reader::pack_reader(std::unique_ptr<state> s) : state_(std::move(s)) {}
pack_reader::pack_reader(pack_reader&&) noexcept = default;
pack_reader& pack_reader::operator=(pack_reader&&) noexcept = default;
pack_reader::~pack_reader() = default;

result<pack_reader> pack_reader::open(const std::filesystem::path& path) {
  auto s = std::make_unique<state>();
  s->path = path;
  const auto in_pack = [&](status why) {
    why.message = fmt::format("{}: {}", shown(path.native()), why.message);
    return why;
  };
  auto file = open_regular(path);
  if (!file) return file.error();
  s->file = std::move(*file);
  struct stat info {};
  if (::fstat(s->file.get(), &info) != 0) return io_failure("stat", path, errno);
  s->size = static_cast<std::uint64_t>(info.st_size);
  if (s->size < seek_footer_bytes) return in_pack(fail(failure::corrupt, "too short for a pack"));
  const auto footer = read_at(s->file.get(), s->size - seek_footer_bytes, seek_footer_bytes, path);
  if (!footer) return footer.error();
  const auto table_size = seek_table_size(*footer);
  if (!table_size) return in_pack(table_size.error());
  if (*table_size > s->size) return in_pack(fail(failure::corrupt, "the seek table is larger than the pack"));
  const auto table = read_at(s->file.get(), s->size - *table_size, *table_size, path);
  if (!table) return table.error();
  auto entries = decode_seek_table(*table);
  if (!entries) return in_pack(entries.error());
  s->entries = std::move(*entries);
  std::uint64_t offset = 0;
  for (const auto& e : s->entries) {
    s->offsets.push_back(offset);
    offset += e.frame_bytes;
  }
  s->offsets.push_back(offset);
  if (s->entries.size() < 2 || offset != s->size - *table_size)
    return in_pack(fail(failure::corrupt, "the seek table does not add up to the pack's size"));
  return pack_reader(std::move(s));
}

std::size_t pack_reader::frames() const {
  return state_->entries.size() - 1;
}
std::uint64_t pack_reader::frame_offset(std::size_t i) const {
  return state_->offsets[i];
}
std::uint64_t pack_reader::frame_bytes(std::size_t i) const {
  return state_->entries[i].frame_bytes;
}
std::uint64_t pack_reader::decoded_bytes(std::size_t i) const {
  return state_->entries[i].decoded_bytes;
}
std::uint32_t pack_reader::checksum(std::size_t i) const {
  return state_->entries[i].checksum;
}
std::uint64_t pack_reader::file_bytes() const {
  return state_->size;
}

result<std::string> pack_reader::read(std::uint64_t offset, std::uint64_t bytes) const {
  const auto archives_end = state_->offsets[frames()];
  if (offset > archives_end || bytes > archives_end - offset)
    return fail(failure::corrupt, fmt::format("{}: the range asked for is not among its archives",
                                              shown(state_->path.native())));
  auto got = read_at(state_->file.get(), offset, bytes, state_->path);
  if (got && got->size() != bytes)
    return fail(failure::corrupt, fmt::format("{} became shorter", shown(state_->path.native())));
  return got;
}

result<std::string> pack_reader::read_slice_record() const {
  const auto i = frames();
  if (state_->entries[i].frame_bytes > max_slice_record_bytes)
    return fail(failure::corrupt,
                fmt::format("{}: its slice record is larger than it can be", shown(state_->path.native())));
  return read_at(state_->file.get(), state_->offsets[i], state_->entries[i].frame_bytes, state_->path);
}

}  // namespace outro
