#include "jobs/export/preflight.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/machine.h"
#include "base/output_names.h"
#include "base/plural.h"
#include "base/units.h"
#include "base/utf8.h"
#include "output/output_directory.h"
#include "source/decoder.h"
#include "source/first_bytes.h"

namespace outro {

/// The bytes that a document takes in the ledger: its row, its entry in the index, and that entry once more
/// in the file by which SQLite sorts the index, which lies in OUT.
static constexpr double ledger_bytes = 500;

/// Documents for each byte on disk, from the beginning of a shard; 0 where that holds not a whole one.
static double documents_a_byte(const shard& s) {
  const auto file = open_regular(s.path);
  if (!file) return 0;  // what cannot be read is said elsewhere
  const auto raw = read_at(file->get(), 0, 64U << 10, s.path);
  if (!raw || raw->empty()) return 0;
  const auto decoded = first_decoded(*raw, 1U << 20);
  // Blank lines are no documents.
  std::uint64_t lines = 0;
  for (std::size_t i = 1; i < decoded.size(); ++i)
    if (decoded[i] == '\n' && decoded[i - 1] != '\n') ++lines;
  return static_cast<double>(lines) / static_cast<double>(raw->size());
}

/// The ledger of that many bytes of dumps, by the beginnings of some shards.
static std::uint64_t ledger_of(const std::vector<shard>& shards) {
  constexpr std::size_t most = 16;
  const auto step = std::max<std::size_t>(1, shards.size() / most);
  double bytes = 0, rates = 0, looked_at = 0;
  for (const auto& s : shards) bytes += static_cast<double>(s.size);
  for (std::size_t i = 0; i < shards.size(); i += step) {
    if (shards[i].is_pipe || shards[i].size == 0) continue;
    rates += documents_a_byte(shards[i]);
    ++looked_at;
  }
  return looked_at == 0 ? 0 : static_cast<std::uint64_t>(bytes * rates / looked_at * ledger_bytes);
}

/// Files that are open at once: those of a unit (its shard, pack, dead letters, part, and their folders), the
/// ledger's and the system's; at the end, the parts of the catalogue.
static result<std::uint64_t> open_files_of(const export_options& o, std::uint64_t slices) {
  constexpr std::uint64_t of_a_unit = 6, others = 40, parts_at_once = 256;  // catalogue/sweep.cpp
  std::uint64_t parts = 0;
  if (o.catalogue.value_or(true)) {
    const auto folder = o.out / parts_folder;
    const auto begun = is_folder(folder);
    if (!begun) return begun.error();
    std::size_t before = 0;
    if (*begun) {
      const auto files = list_directory(folder);
      if (!files) return files.error();
      before = files->size();
    }
    parts = std::min(parts_at_once, slices + before);
  }
  return others + std::max(of_a_unit * o.shards_in_flight, parts);
}

result<preflight_needs> needs_of(const export_options& o, const std::vector<shard>& shards,
                                 std::size_t units) {
  constexpr std::uint64_t ratio = 9;  // of what a service's export was compressed with, most likely
  preflight_needs n;
  bool known = true;
  std::uint64_t decoded = 0;
  for (const auto& s : shards) {
    known = known && !s.is_pipe;
    const bool is_packed = is_named_compressed(s.path);
    decoded += is_packed ? s.size * ratio : s.size;
    const auto longest = s.is_pipe || is_packed ? o.max_document : s.size;
    n.longest_document = std::max(n.longest_document, std::min(o.max_document, longest));
    // Real dumps become a fifth of their plain size; compressed ones grow, because every account has an
    // archive of its own. A tenth of that is the catalogue's.
    n.disk += is_packed ? 2 * s.size + s.size / 4 : s.size / 10 * 3;
  }
  n.disk = known ? n.disk + ledger_of(shards) + disk_reserve : 0;
  n.disk_free = free_disk(o.out);
  n.mount = mount_of(o.out);
  // Of each slice a pack and a part of the catalogue, at least; beside them the ledger with its companions
  // and temporary files, what is written at the end, and the folders.
  constexpr std::uint64_t other_files = 20;
  const auto slices = units + decoded / o.slice;
  n.files = known ? other_files + slices * (o.catalogue.value_or(true) ? 2 : 1) : 0;
  n.files_free = free_files(o.out);
  const auto open_files = open_files_of(o, slices);
  if (!open_files) return open_files.error();
  n.open_files = *open_files;
  n.open_files_usable = usable_open_files();
  n.memory = o.memory;
  n.memory_usable = usable_memory();
  return n;
}

static constexpr std::string_view anyway = ", or go on anyway with --ignore-preflight";

status check_disk(const preflight_needs& n, output_written written, const export_options& o) {
  if (o.ignore_preflight) return {};
  const auto* more = written.bytes > 0 ? " more" : "";
  const auto refuse = [&](const std::string& need, const std::string& free) {
    return fail(failure::refused,
                fmt::format("the output may need {}, and {} has {}; make room, choose another --out{}", need,
                            shown(o.out.native()), free, anyway));
  };
  const auto need = n.disk - std::min(n.disk, written.bytes);
  if (need > n.disk_free) return refuse(format_size(need) + more, format_size(n.disk_free) + " free");
  const auto files = n.files - std::min(n.files, written.files);
  if (n.files_free && files > *n.files_free)
    return refuse(
        plural(files, "file").insert(0, "about ") + more,
        fmt::format("{} left on {} (its inodes: df -i)", format_count(*n.files_free), text_of(n.mount)));
  return {};
}

status check_open_files(const preflight_needs& n, const export_options& o) {
  if (o.ignore_preflight || n.open_files <= n.open_files_usable) return {};
  return fail(
      failure::refused,
      fmt::format("about {} files have to be open at once, and this process may open {}; raise the limit "
                  "(ulimit -n {}; LimitNOFILE= of a service){}",
                  n.open_files, n.open_files_usable, n.open_files, anyway));
}

status check_existing(const preflight_needs& n, const export_options& o) {
  std::error_code error;
  if (!o.existing || std::filesystem::exists(o.out / ledger_name, error)) return {};
  // Packs without a ledger are told later, with what makes one.
  if (const auto packs = has_packs(o.out); packs && *packs) return {};
  return fail(failure::refused,
              fmt::format("{} holds no export, and --existing begins none. It lies on {}; mount what belongs "
                          "there, or leave --existing out to begin a new one",
                          shown(o.out.native()), text_of(n.mount)));
}

std::string text_of(const std::optional<mount_place>& mount) {
  if (!mount) return "an unknown device";
  return fmt::format("{} ({}, mounted at {})", shown(mount->device), mount->type, shown(mount->point));
}

status check_memory(const preflight_needs& n, const export_options& o) {
  if (o.ignore_preflight || n.memory <= n.memory_usable) return {};
  return fail(failure::refused, fmt::format("--memory is {}, and this process may use {}; lower it{}",
                                            format_size(n.memory), format_size(n.memory_usable), anyway));
}

}  // namespace outro
