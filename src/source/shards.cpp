#include "source/shards.h"

namespace outro {

void shard::note(const struct ::stat& file) {
  size = static_cast<std::uint64_t>(file.st_size);
  mtime_ns = file.st_mtim.tv_sec * 1'000'000'000LL + file.st_mtim.tv_nsec;
  inode = file.st_ino;
}

bool shard::operator==(const shard& other) const {
  return path == other.path && size == other.size && mtime_ns == other.mtime_ns && is_pipe == other.is_pipe;
}

std::uint64_t unit::size() const {
  std::uint64_t bytes = 0;
  for (const auto& s : shards) bytes += s.size;
  return bytes;
}

std::vector<unit> plan_units(std::vector<shard> shards) {
  std::vector<unit> units;
  const auto open_unit = [&units] { units.push_back({static_cast<std::uint32_t>(units.size() + 1), {}}); };
  bool joinable = false;  // whether the last unit takes more small shards
  for (auto& s : shards) {
    const bool alone = s.is_pipe || s.size >= own_unit_size;
    if (alone || !joinable || units.back().size() + s.size > unit_size) open_unit();
    units.back().shards.push_back(std::move(s));
    joinable = !alone;
  }
  return units;
}

std::string shard_path(const std::vector<unit>& units, std::uint32_t number, std::size_t shard) {
  for (const auto& u : units)
    if (u.number == number) return shard < u.shards.size() ? u.shards[shard].path.string() : std::string();
  return {};
}

}  // namespace outro
