/// @file
/// What the parts of verify share while it runs.
#pragma once

#include <fmt/format.h>
#include <tbb/blocked_range.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <semaphore>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/options.h"
#include "base/output_names.h"
#include "jobs/verify/findings.h"
#include "jobs/verify/ledger_checks.h"
#include "report/documents_in_work.h"

namespace outro {

/// Remedies that several checks name.
inline constexpr const char* restore_remedy =
    "restore the file from a copy, or export its shards again into a new directory";
inline std::string remake_remedy() {
  return fmt::format(
      "remove it and {}, then run the last `outro export` command again, which makes it anew from the ledger "
      "and {}",
      checksums_name, parts_folder);
}
inline std::string part_remedy() {
  return fmt::format(
      "restore it from a copy, or give the catalogue up: remove {} and the folder {}, then run the last "
      "`outro "
      "export` command again",
      checksums_name, catalogue_folder);
}
inline constexpr const char* rebuild_remedy = "`outro rebuild` makes the ledger anew from the packs";

/// Archives and dumps above this are opened one at a time, so that memory does not grow with threads. Each
/// thread may hold one that is smaller: its frame, its tar and the dump.
inline constexpr std::uint64_t large_copies = 4;
inline std::uint64_t large_archive(std::uint64_t memory, unsigned threads) {
  constexpr std::uint64_t least = 1U << 20, most = 64U << 20;
  const auto left = memory - std::min(memory, fixed_memory(threads));
  return std::clamp(left / large_copies / threads, least, most);
}

/// What brings back a file that is damaged or missing. The rest of the directory is made from the packs, the
/// dead letters and the catalogue's parts, and these are made from nothing else in it.
inline std::string remedy_for(std::string_view name) {
  switch (kind_of_output(name)) {
    case output_kind::ledger:
      return rebuild_remedy;
    case output_kind::part:
      return part_remedy();
    case output_kind::summary:
    case output_kind::report:
    case output_kind::catalogue:
      return remake_remedy();
    default:
      return restore_remedy;
  }
}

/// A file as the walk through OUT found it.
struct found_file {
  std::string name;  ///< relative to OUT
  std::uint64_t size = 0;
};

/// What the threads are at.
struct verify_places {
  documents_in_work comparing{};  ///< documents of the dumps
  documents_in_work restoring{};  ///< archives, by their slice (see place_of_archive)
  tbb::enumerable_thread_specific<document_in_work*> restorers{[this] { return &restoring.add(); }};
};

/// An archive's place in its pack; a slice has no lines, so that the line tells its run, and the shard its
/// number.
inline document_place place_of_archive(slice_id slice, std::uint64_t offset) {
  return {slice.number, offset, slice.run};
}
inline slice_id slice_of(const document_in_work::seen& archive) {
  return {static_cast<std::uint32_t>(archive.place.line), archive.unit, archive.place.shard};
}

struct verify_progress {
  std::atomic<std::uint64_t> total_bytes{0};  ///< of files to read
  std::atomic<std::uint64_t> file_bytes{0};
  std::atomic<std::uint64_t> files{0};
  std::atomic<std::uint64_t> packs{0};
  std::atomic<std::uint64_t> archives{0};
  std::atomic<std::uint64_t> letters{0};
  std::atomic<std::uint64_t> dump_bytes{0};   ///< restored
  std::atomic<std::uint64_t> input_bytes{0};  ///< of dumps, as they lie on disk
  std::atomic<std::uint64_t> documents{0};    ///< of dumps
  std::atomic<std::uint64_t> document_bytes{0};
};

/// Outlives all tasks. What is neither atomic nor locked does not change while they run.
struct verify_context {
  std::filesystem::path out;
  std::filesystem::path ledger_path{};
  database::access ledger_access = database::access::frozen;
  std::uint64_t memory = 0;
  unsigned threads = 1;
  finding_list& found;
  verify_progress progress{};
  verify_places places{};
  std::function<void(std::string_view)> on_document{};  ///< see verify_options

  std::map<std::string, std::string> sums{};  ///< SHA256SUMS: digest by name
  std::vector<std::string> links{};           ///< names in OUT that are links; each is a finding already
  std::set<std::string> missing{};            ///< files that were not there; each is a finding already
  bool sealed = true;                         ///< every run is finished, so SHA256SUMS lists everything
  /// An export opened the ledger and ended before its run was in it: nothing else is changed.
  bool never_begun = false;
  std::uint32_t open_run = 0;          ///< the run that is not finished; 0: none
  std::set<std::uint32_t> cut_runs{};  ///< that a rebuilt ledger calls cut short
  std::vector<run_row> runs{};
  std::vector<std::string> recipe_ids{};  ///< by run, from run 1 on
  tbb::enumerable_thread_specific<ledger_reader>* readers = nullptr;
  std::mutex large{};  ///< held while an archive or a dump above `large_archive` is in memory
  std::binary_semaphore large_window{1};  ///< of a shard's decoder; held until the shard ends
  /// Packs up to this size are held in memory.
  [[nodiscard]] std::uint64_t pack_in_memory() const {
    return std::min<std::uint64_t>(1ULL << 30, (memory - std::min(memory, fixed_memory(threads))) / 2);
  }
  [[nodiscard]] std::uint64_t large_above() const { return large_archive(memory, threads); }

  ledger_reader& reader() { return readers->local(); }

  void damage(std::string path, std::string place, std::string what,
              std::string remedy = restore_remedy) const {
    found.add({finding_kind::damage, std::move(path), std::move(place), std::move(what), std::move(remedy)});
  }
  /// The same where a call failed. What the system refused (a disk, a limit) says its own remedy, and no copy
  /// of the file would be read any better.
  void damage(std::string path, std::string place, const status& why) const {
    const auto split = why.message.find("; ");
    if (why.kind != failure::io || split == std::string::npos)
      return damage(std::move(path), std::move(place), why.message);
    damage(std::move(path), std::move(place), why.message.substr(0, split), why.message.substr(split + 2));
  }
  /// A dump, or a document of one, that is not safe in the directory.
  void loss(std::string path, std::string place, std::string what, std::string remedy) const {
    found.add({finding_kind::loss, std::move(path), std::move(place), std::move(what), std::move(remedy)});
  }
};

/// Calls `each` with 0 to `count - 1`, in order of their begin, at most `lanes` of them at once.
template <class Each>
void run_lanes(std::uint64_t lanes, std::size_t count, Each each) {
  std::atomic<std::size_t> next{0};
  tbb::parallel_for(
      tbb::blocked_range<std::uint64_t>(0, lanes, 1),
      [&](const auto&) {
        for (std::size_t i; (i = next++) < count;) each(i);
      },
      tbb::simple_partitioner{});
}

}  // namespace outro
