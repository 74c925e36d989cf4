#include "output/checksums.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/output_names.h"
#include "base/utf8.h"

namespace outro {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t max_sums_bytes = 1ULL << 30;
constexpr std::size_t digest_digits = 64;
constexpr std::string_view separator = "  ";

bool is_digest(std::string_view hex) {
  return hex.size() == digest_digits && hex.find_first_not_of("0123456789abcdef") == hex.npos;
}

/// Whether a name is as the writer makes it: relative, and without steps that lead elsewhere.
bool is_name(std::string_view name) {
  return !name.empty() && name.front() != '/' && name.find("..") == name.npos && name.find('\0') == name.npos;
}

/// Adds the digests of the files under `folder` that have none in `sums` yet; names are relative to `out`.
status add_checksums(const fs::path& out, const fs::path& folder, std::map<std::string, std::string>& sums) {
  const auto paths = list_directory(folder);
  if (!paths) return paths.error();
  for (const auto& path : *paths) {
    const auto name = path.lexically_relative(out).generic_string();
    const auto output = kind_of_output(name);
    if (is_unlisted(output) || output == output_kind::partial || sums.contains(name)) continue;
    std::error_code error;
    const auto kind = fs::symlink_status(path, error);  // what a link leads to is not ours
    if (error) return io_failure("read", path, error.value());
    if (fs::is_directory(kind)) {
      if (auto s = add_checksums(out, path, sums); !s.ok()) return s;
    } else if (fs::is_regular_file(kind)) {
      auto sum = hash_file(path);
      if (!sum) return sum.error();
      sums[name] = *sum;
    }
  }
  return {};
}

}  // namespace

result<file_handle> open_at_rest(const fs::path& path) {
  file_handle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.is_open()) return io_failure("open", path, errno);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return io_failure("stat", path, errno);
  if (!S_ISREG(info.st_mode)) return fail(failure::io, shown(path.native()) + " is not a regular file");
  return file;
}

result<std::string> hash_file(const fs::path& path) {
  const auto file = open_at_rest(path);
  if (!file) return file.error();
  return hash_all(file->get(), path, [](std::string_view) {});
}

status write_checksums(const fs::path& out, const file_sums& known) {
  std::map<std::string, std::string> sums(known.begin(), known.end());
  if (auto s = add_checksums(out, out, sums); !s.ok()) return s;
  std::string text;
  for (const auto& [name, sum] : sums) text.append(sum).append(separator).append(name).append("\n");
  return replace_file(out / checksums_name, text);
}

result<std::map<std::string, std::string>> parse_checksums(
    const fs::path& path, const std::function<void(std::uint64_t, const char*)>& bad) {
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(path, error)))
    return fail(failure::corrupt, shown(path.native()) + " is not a regular file");
  const auto text = read_file(path, max_sums_bytes);
  if (!text) return text.error();
  std::map<std::string, std::string> sums;
  std::string_view rest = *text, last;
  for (std::uint64_t line = 1; !rest.empty(); ++line) {
    constexpr auto name_at = digest_digits + separator.size();
    const auto end = rest.find('\n');
    const auto row = rest.substr(0, end);
    const auto name = row.size() > name_at ? row.substr(name_at) : std::string_view();
    const bool well_formed = end != rest.npos && is_digest(row.substr(0, digest_digits)) &&
                             row.substr(digest_digits, separator.size()) == separator && is_name(name);
    if (!well_formed) {
      bad(line, "it is not a digest and a name");
      if (end == rest.npos) break;
    } else {
      if (line > 1 && name <= last) bad(line, "its lines are not sorted");
      last = name;
      sums.emplace(name, row.substr(0, digest_digits));
    }
    rest.remove_prefix(end + 1);
  }
  if (text->empty()) bad(0, "it is empty");
  return sums;
}

}  // namespace outro
