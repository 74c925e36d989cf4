#include "jobs/rebuild/checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/output_names.h"
#include "base/utf8.h"
#include "output/checksums.h"

namespace outro {

namespace fs = std::filesystem;

static bool is_of_slice(std::string_view name) {
  const auto kind = kind_of_output(name);
  return kind == output_kind::pack || kind == output_kind::letters;
}

/// The type of a file that SHA256SUMS names; not_found where a link on the way leads elsewhere. Errors: io.
static result<fs::file_type> type_of(const fs::path& out, const std::string& name) {
  auto type = fs::file_type::directory;
  auto path = out;
  for (const auto& step : fs::path(name)) {
    if (type != fs::file_type::directory) return fs::file_type::not_found;
    std::error_code error;
    type = fs::symlink_status(path /= step, error).type();
    if (error && type != fs::file_type::not_found) return io_failure("read", path, error.value());
  }
  return type;
}

result<listed_files> read_listed_files(const fs::path& out) {
  const auto path = out / checksums_name;
  std::error_code error;
  listed_files listed;
  const auto kind = fs::symlink_status(path, error);
  if (kind.type() == fs::file_type::not_found) return listed;
  if (fs::is_symlink(kind)) return fail(failure::refused, shown(path.native()).append(link_remedy));
  std::string wrong;
  auto sums = parse_checksums(path, [&](std::uint64_t line, const char* what) {
    if (wrong.empty()) wrong = line == 0 ? std::string(what) : fmt::format("line {}: {}", line, what);
  });
  if (!sums && sums.error().kind == failure::io) return sums.error();
  if (!sums) wrong = "it is not a regular file, or far too large";
  if (!wrong.empty())
    return fail(
        failure::refused,
        fmt::format("{} is damaged ({}), and nothing else says what the files were; restore it from a "
                    "copy, then run the same command again. Without a copy, remove it: then every file "
                    "is taken as it is now",
                    shown(path.native()), wrong));
  listed.sealed = true;
  listed.sums = std::move(*sums);
  listed.sums.erase(std::string(ledger_name));
  return listed;
}

status check_listed_packs(const fs::path& out, const listed_files& listed) {
  std::uint64_t missing = 0;
  std::string first;
  for (const auto& [name, sum] : listed.sums) {
    if (!is_of_slice(name)) continue;
    const auto type = type_of(out, name);
    if (!type) return type.error();
    if (*type != fs::file_type::not_found) continue;
    if (missing++ == 0) first = name;
  }
  if (missing == 0) return {};
  const auto more = missing == 1 ? std::string() : fmt::format(" (and {} more)", missing - 1);
  return fail(
      failure::refused,
      fmt::format("{}{} is missing, and {} lists it: restore it from a copy, then run the same command "
                  "again. If it is gone for good, delete its line from {}, run the same command again, "
                  "and export its dumps again afterwards",
                  shown(first), more, checksums_name, shown((out / checksums_name).native())));
}

void changed_files::add(std::string_view name, std::string_view what) {
  if (count++ < most_kept) kept.push_back(fmt::format("{}: {}", shown(name), what));
}

void changed_files::add_digest(std::string_view name) {
  add(name, fmt::format("its SHA-256 is not what {} says", checksums_name));
}

status compare_other_files(const fs::path& out, const listed_files& listed, changed_files& changed) {
  for (const auto& [name, sum] : listed.sums) {
    if (is_of_slice(name)) continue;
    const auto type = type_of(out, name);
    if (!type) return type.error();
    if (*type == fs::file_type::not_found) {
      changed.add(name, "it is missing");
      continue;
    }
    if (*type != fs::file_type::regular) {
      changed.add(name, "it is not a regular file");
      continue;
    }
    // Whoever may not read a file cannot say that it changed.
    const auto file = open_at_rest(out / name);
    if (!file) return file.error();
    const auto now = hash_all(file->get(), out / name, [](std::string_view) {});
    if (!now) return now.error();
    if (*now != sum) changed.add_digest(name);
  }
  return {};
}

}  // namespace outro
