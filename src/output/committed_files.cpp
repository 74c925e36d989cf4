#include "output/committed_files.h"

#include <fmt/format.h>

#include <cerrno>

#include "base/file.h"
#include "base/utf8.h"
#include "pack/slice_id.h"

namespace outro {

namespace fs = std::filesystem;

static status check_size(const fs::path& path, std::uint64_t recorded) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error && error.value() != ENOENT && error.value() != ENOTDIR)
    return io_failure("read", path, error.value());
  if (!error && size == recorded) return {};
  return fail(
      failure::corrupt,
      fmt::format("{} {}, and the ledger has it as committed; put it back and run the same command again, or "
                  "export to a new directory",
                  shown(path.native()), error ? "is missing" : "is not as long as it was written"));
}

status check_committed_files(ledger& books, const fs::path& out) {
  for (const auto& s : books.slices()) {
    if (auto r = check_size(pack_path(out, s.id), s.pack_bytes); !r.ok()) return r;
    if (s.letters_bytes == 0) continue;
    if (auto r = check_size(letters_path(out, s.id), s.letters_bytes); !r.ok()) return r;
  }
  return {};
}

}  // namespace outro
