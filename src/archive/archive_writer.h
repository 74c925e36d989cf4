/// @file
/// An account view -> files -> tar -> one zstd frame: the archive that one person will open.
///
/// The bytes are a pure function of the document, the layout and the recipe: no clock, no host, no threads.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include "account/account_view.h"
#include "archive/frame.h"
#include "archive/tables.h"
#include "base/bytes.h"
#include "base/stage_clock.h"
#include "layout/layout.h"
#include "tracks/recordings.h"

namespace outro {

/// The version of everything in FORMAT.md of this folder; part of the recipe.
inline constexpr int archive_format = 2;

/// No archive decodes to more: sizes in a seek table have 32 bits.
inline constexpr std::uint64_t max_tar_bytes = 0xffffffff;

/// What one archive holds, for counters and the ledger.
struct archive_facts {
  std::uint64_t tar_bytes = 0;
  std::uint32_t frame_bytes = 0;
  std::uint32_t checksum = 0;  ///< low 32 bits of XXH64 of the tar: the frame's own, and the seek table's
  std::uint32_t rows = 0;
  std::uint32_t references = 0;
  std::uint32_t playlists = 0;
  std::uint32_t entries = 0;
  std::uint32_t listens = 0;
  std::uint32_t suspects = 0;
  std::uint64_t defused = 0;
  std::uint64_t lone_surrogates = 0;
};

/// Bytes that a tar may have.
struct tar_room {
  std::uint64_t now = max_tar_bytes;   ///< for which there is memory
  std::uint64_t most = max_tar_bytes;  ///< by the rule (see account/work_limit.h); a larger one is never made
};

/// One per thread, reused. Throws bad_alloc and std::runtime_error where zstd fails.
class archive_writer {
 public:
  /// `memory`: shared by the writers of a run; null: the writer has its own.
  archive_writer(const layout& rules, int level, std::string recipe_id,
                 std::shared_ptr<track_memory> memory = nullptr, bool catalogue = false);

  /// Appends the archive of the account to `out`. A tar that may need more room than there is, is counted
  /// before it is made. Where it needs more, appends nothing and returns 0 frame bytes, and in `tar_bytes`
  /// how many it needs, or one more than `room.most`.
  /// `counted`: called with the size of a huge document's tar before it is built; may be empty.
  archive_facts write(const account_view& view, const tar_room& room, buffer& out, stage_clock& clock,
                      const std::function<void(std::uint64_t)>& counted = {});
  archive_facts write(const account_view& view, buffer& out) {  // untimed, whatever it takes
    stage_times unused{};
    stage_clock clock(unused);
    return write(view, {}, out, clock);
  }

  /// Gives back the memory that a huge account took.
  void release();

  /// The recordings of the account that was written last.
  [[nodiscard]] const recording_finder& recordings() const { return recordings_; }

  /// Only the tar; for the benchmark of the stages.
  std::string_view render(const account_view& view, archive_facts& facts) {  // untimed
    stage_times unused{};
    stage_clock clock(unused);
    find_recordings(view, clock);
    (void)build(view, max_tar_bytes, facts);
    return tar_.view();
  }

 private:
  void find_recordings(const account_view& view, stage_clock& clock);
  std::uint64_t count(const account_view& view, std::uint64_t most);
  bool build(const account_view& view, std::uint64_t most, archive_facts& facts, bool warns = false);
  void write_manifest(const account_view& view);

  const layout& rules_;
  std::string recipe_id_;
  recording_finder recordings_;
  table_writer tables_;
  buffer tar_;
  std::string manifest_;
  std::array<std::size_t, 2> seams_{};  ///< in the tar: behind the tracks, and behind library.json
  frame_encoder frames_;
};

}  // namespace outro
