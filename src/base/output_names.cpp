#include "base/output_names.h"

#include <algorithm>

namespace outro {

namespace {

constexpr std::string_view partial_suffix = ".partial";

std::string in_folder(std::string_view folder, std::string_view name, std::string_view suffix) {
  std::string path(folder);
  return path.append("/").append(name).append(suffix);
}

bool lies_in(std::string_view name, std::string_view folder) {
  return name.size() > folder.size() && name.starts_with(folder) && name[folder.size()] == '/';
}

/// Whether `name` is `of` with one of SQLite's suffixes.
bool is_companion(std::string_view name, std::string_view of) {
  return name.starts_with(of) && std::find(database_suffixes.begin(), database_suffixes.end(),
                                           name.substr(of.size())) != database_suffixes.end();
}

/// A half-written ledger has companions as well.
bool is_partial(std::string_view name) {
  const auto at = name.rfind(partial_suffix);
  if (at == name.npos) return false;
  return at + partial_suffix.size() == name.size() ||
         is_companion(name, name.substr(0, at + partial_suffix.size()));
}

}  // namespace

std::string pack_name(std::string_view slice) {
  return in_folder(packs_folder, slice, archive_suffix);
}

std::string letters_name(std::string_view slice) {
  return in_folder(letters_folder, slice, ".ndjson.zst");
}

std::string part_name(std::string_view slice) {
  return in_folder(parts_folder, slice, ".part");
}

std::filesystem::path partial_path(const std::filesystem::path& path) {
  return path.native() + std::string(partial_suffix);
}

output_kind kind_of_output(std::string_view name) {
  if (is_partial(name)) return output_kind::partial;
  if (name == ledger_name) return output_kind::ledger;
  if (is_companion(name, ledger_name)) return output_kind::ledger_companion;
  if (name == checksums_name) return output_kind::checksums;
  if (name == summary_name) return output_kind::summary;
  if (name == report_name) return output_kind::report;
  if (name == lock_name) return output_kind::lock;
  if (name == lost_found_name) return output_kind::file_system;
  if (std::find(output_folders.begin(), output_folders.end(), name) != output_folders.end())
    return output_kind::folder;
  if (lies_in(name, packs_folder)) return output_kind::pack;
  if (lies_in(name, letters_folder)) return output_kind::letters;
  if (lies_in(name, parts_folder)) return output_kind::part;
  if (lies_in(name, catalogue_folder)) return output_kind::catalogue;
  return output_kind::unknown;
}

bool is_unlisted(output_kind kind) {
  return kind == output_kind::checksums || kind == output_kind::lock ||
         kind == output_kind::ledger_companion || kind == output_kind::file_system;
}

}  // namespace outro
