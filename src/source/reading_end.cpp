#include "source/reading_end.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/units.h"

namespace outro {

/// The first difference between a planned shard and a file; empty where there is none.
static std::string difference(const shard& planned, const struct ::stat& file) {
  shard now;
  now.note(file);
  if (now.size != planned.size)
    return fmt::format("it has {} bytes, and had {} when it was planned", format_count(now.size),
                       format_count(planned.size));
  if (planned.inode != 0 && now.inode != planned.inode) return "another file has taken its name";
  if (now.mtime_ns != planned.mtime_ns) return "it was written to since it was planned";
  return {};
}

/// Empty where all is as it was planned, and for pipes.
static std::string change_since_plan(const shard& planned, int fd, std::optional<std::uint64_t> read_bytes) {
  if (planned.is_pipe) return {};
  struct stat file {};
  std::string what;
  if (::fstat(fd, &file) == 0) what = difference(planned, file);
  // One that was read whole and then moved away is no change: there is nothing under its name to miss.
  if (what.empty() && ::stat(planned.path.c_str(), &file) == 0) what = difference(planned, file);
  if (what.empty() && read_bytes && *read_bytes != planned.size)
    what = fmt::format("{} of its {} bytes were read", format_count(*read_bytes), format_count(planned.size));
  return what.empty() ? what : fmt::format("{}: {}", changed_mark, what);
}

reading_end end_of_reading(decoder& decode, const shard& planned, int fd,
                           std::optional<std::uint64_t> read_bytes) {
  decode.finish();
  reading_end end{decode.damage(), decode.proven_end()};
  if (!end.damage.empty()) read_bytes.reset();  // what lies behind damage is not read
  if (auto change = change_since_plan(planned, fd, read_bytes); !change.empty())
    end = {end.damage.empty() ? change : change + "; " + end.damage, 0};
  return end;
}

}  // namespace outro
