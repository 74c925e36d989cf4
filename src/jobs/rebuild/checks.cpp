#include "jobs/rebuild/checks.h"

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

/// What stands at a name of SHA256SUMS; nothing, where a link on the way leads elsewhere.
static fs::file_type kind_of(const fs::path& out, const std::string& name) {
  auto kind = fs::file_type::directory;
  auto path = out;
  for (const auto& step : fs::path(name)) {
    if (kind != fs::file_type::directory) return fs::file_type::not_found;
    std::error_code error;
    kind = fs::symlink_status(path /= step, error).type();
    if (error) return fs::file_type::not_found;
  }
  return kind;
}

result<sealed_files> read_sealed_files(const fs::path& out) {
  const auto path = out / checksums_name;
  std::error_code error;
  sealed_files sealed;
  if (fs::symlink_status(path, error).type() == fs::file_type::not_found) return sealed;
  std::string wrong;
  auto sums = parse_checksums(path, [&](std::uint64_t line, const char* what) {
    if (wrong.empty()) wrong = (line == 0 ? "" : "line " + std::to_string(line) + ": ") + std::string(what);
  });
  if (!sums && sums.error().kind == failure::io) return sums.error();
  if (!sums) wrong = "it is not a regular file, or far too large";
  if (!wrong.empty())
    return fail(failure::refused, path.string() + " is damaged (" + wrong +
                                      "), and only it says what the files were; restore it from a copy, "
                                      "then run the same command again. Without a copy, remove it: then "
                                      "every file is taken as it is now");
  sealed.at_rest = true;
  sealed.sums = std::move(*sums);
  sealed.sums.erase(std::string(ledger_name));
  return sealed;
}

status check_listed_packs(const fs::path& out, const sealed_files& sealed) {
  std::uint64_t missing = 0;
  std::string first;
  for (const auto& [name, sum] : sealed.sums) {
    if (!is_of_slice(name) || kind_of(out, name) != fs::file_type::not_found) continue;
    if (missing++ == 0) first = name;
  }
  if (missing == 0) return {};
  const auto more = missing == 1 ? std::string() : " (and " + std::to_string(missing - 1) + " more)";
  return fail(failure::refused,
              shown(first) + more +
                  " is missing, and SHA256SUMS lists it: bring it back from a copy, then run "
                  "the same command again. If it is gone for good, take its line out of " +
                  (out / checksums_name).string() +
                  ", run the same command again, and export its dumps again afterwards");
}

void changed_files::add(const std::string& name, const char* what) {
  if (count++ < most_kept) kept.push_back(shown(name) + ": " + what);
}

status compare_other_files(const fs::path& out, const sealed_files& sealed, changed_files& changed) {
  for (const auto& [name, sum] : sealed.sums) {
    if (is_of_slice(name)) continue;
    const auto kind = kind_of(out, name);
    if (kind == fs::file_type::not_found) {
      changed.add(name, "it is missing");
      continue;
    }
    const auto file = kind == fs::file_type::regular
                          ? open_at_rest(out / name)
                          : result<file_handle>(fail(failure::corrupt, "it is no regular file"));
    if (!file) {
      changed.add(name, "it cannot be read");
      continue;
    }
    const auto now = hash_all(file->get(), out / name, [](std::string_view) {});
    if (!now) return now.error();
    if (*now != sum) changed.add(name, "its SHA-256 is not what SHA256SUMS says");
  }
  return {};
}

}  // namespace outro
