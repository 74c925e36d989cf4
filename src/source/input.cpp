#include "source/input.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "base/file.h"
#include "base/output_names.h"
#include "base/standard_streams.h"
#include "base/units.h"
#include "base/utf8.h"
#include "source/first_bytes.h"

namespace outro {

namespace fs = std::filesystem;

namespace {

bool is_hidden(const fs::path& entry) {
  const auto name = entry.filename();
  return name.native().starts_with('.') || name.native().starts_with('_');
}

status add_shard(const fs::path& path, found_input& found) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return io_failure("read", path, errno);
  if (::access(path.c_str(), R_OK) != 0) return io_failure("read", path, errno);
  shard s{path, 0, 0, false};
  if (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode)) {
    s.is_pipe = true;
  } else if (S_ISREG(info.st_mode)) {
    s.note(info);
  } else {
    return fail(failure::usage,
                shown(path.native()) + (S_ISDIR(info.st_mode)
                                            ? " is a link to a directory; name that directory itself"
                                            : " is neither a file, a directory nor a pipe"));
  }
  found.shards.push_back(std::move(s));
  return {};
}

status add_directory(const fs::path& directory, found_input& found) {
  std::error_code error;
  std::vector<fs::path> names;
  for (auto it = fs::directory_iterator(directory, error); !error && it != fs::directory_iterator();
       it.increment(error))
    names.push_back(it->path());
  if (error) return io_failure("list", directory, error.value());
  std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) { return a.native() < b.native(); });
  for (const auto& path : names) {
    const bool is_lost_found = path.filename().native() == lost_found_name;
    if (is_hidden(path) || is_lost_found) {
      found.hidden.has_lost_found = found.hidden.has_lost_found || is_lost_found;
      if (found.hidden.count++ < left_out::most_named) found.hidden.some.push_back(path.string());
      continue;
    }
    // A link to a directory could lead in a circle; a link to a file cannot.
    const auto kind = fs::symlink_status(path, error);
    if (error) return io_failure("read", path, error.value());
    auto s = fs::is_directory(kind) ? add_directory(path, found) : add_shard(path, found);
    if (!s.ok()) return s;
  }
  return {};
}

/// What tells one shard from another: the path of a file, and the pipe itself of a pipe. A name under /dev/fd
/// leads to one that no path has (`outro export <(a) <(b)`), and /dev/stdin is "-".
std::string identity_of(const shard& s) {
  struct stat info {};
  const bool known =
      s.path == "-" ? ::fstat(STDIN_FILENO, &info) == 0 : s.is_pipe && ::stat(s.path.c_str(), &info) == 0;
  if (known) return fmt::format("{}:{}", info.st_dev, info.st_ino);
  std::error_code error;
  const auto path = fs::weakly_canonical(s.path, error);
  return (error ? s.path : path).string();
}

status add(const std::string& argument, found_input& found) {
  if (argument == "-" && is_standard_input_closed())
    return fail(failure::usage, "standard input (-) is closed; give it the dumps, or name files");
  if (argument == "-") {
    found.shards.push_back({"-", 0, 0, true});
    return {};
  }
  const auto folder = is_folder(argument);
  if (!folder) return folder.error();
  return *folder ? add_directory(argument, found) : add_shard(argument, found);
}

status check_named_once(const std::vector<shard>& shards) {
  std::set<std::string> seen;
  for (const auto& s : shards) {
    if (!seen.insert(identity_of(s)).second)
      return fail(failure::usage, shown(s.path.native()) + " is named twice");
  }
  return {};
}

bool lies_in(const fs::path& inner, const fs::path& outer) {
  const auto [o, i] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return o == outer.end();
}

}  // namespace

result<found_input> find_input(const std::vector<std::string>& arguments) {
  found_input found;
  for (const auto& argument : arguments) {
    const auto s = add(argument, found);
    if (!s.ok()) return s.kind == failure::io ? fail(failure::usage, s.message) : s;
  }
  if (found.shards.empty()) {
    const auto hidden = text_of(found.hidden);
    return fail(failure::usage,
                "no dumps: the directories named hold no files" +
                    (hidden.empty() ? "" : " but " + hidden + ", which are left out unless they are named"));
  }
  if (auto s = check_named_once(found.shards); !s.ok()) return s;
  if (auto s = check_first_bytes(found.shards); !s.ok()) return s;
  return found;
}

std::string text_of(const left_out& hidden) {
  if (hidden.count == 0) return {};
  std::vector<std::string> names;
  for (const auto& path : hidden.some) names.push_back(shown(path));
  const auto more = hidden.count - hidden.some.size();
  const auto lost = hidden.has_lost_found ? fmt::format(", or are {}", lost_found_name) : std::string();
  return fmt::format("{} {} begin{} with . or _{} ({}{})", format_count(hidden.count),
                     hidden.count == 1 ? "file or folder whose name" : "files or folders whose names",
                     hidden.count == 1 ? "s" : "", lost, fmt::join(names, ", "),
                     more > 0 ? fmt::format(" and {} more", format_count(more)) : "");
}

status check_apart(const std::vector<std::string>& arguments, const fs::path& out_path) {
  // An empty path would lie inside every other.
  const auto resolve = [](const fs::path& path) -> result<fs::path> {
    std::error_code error;
    auto resolved = fs::weakly_canonical(path, error);
    if (!error) return resolved;
    return fail(failure::refused, io_failure("look at", path, error.value()).message);
  };
  const auto resolved_out = resolve(out_path);
  if (!resolved_out) return resolved_out.error();
  const auto& out = *resolved_out;
  for (const auto& dump : arguments) {
    std::error_code unknown;
    const auto kind = fs::status(dump, unknown);
    // What is neither a file nor a folder lies nowhere: a pipe of the shell has a name and no path.
    if (dump == "-" || (fs::exists(kind) && !fs::is_regular_file(kind) && !fs::is_directory(kind))) continue;
    const auto resolved_in = resolve(dump);
    if (!resolved_in) return resolved_in.error();
    const auto& in = *resolved_in;
    std::error_code ignored;
    if (fs::is_directory(in, ignored) && lies_in(out, in))
      return fail(failure::refused,
                  fmt::format("{} lies inside the dumps ({}): erasing the source would erase the archives; "
                              "choose another --out",
                              shown(out_path.native()), shown(dump)));
    if (lies_in(in, out))
      return fail(failure::refused, fmt::format("{} lies inside {}, the output; copy it elsewhere first",
                                                shown(dump), shown(out_path.native())));
  }
  return {};
}

}  // namespace outro
