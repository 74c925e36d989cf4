/// @file
/// An account view -> files -> tar -> one zstd frame: the archive that one person will open.
///
/// The bytes are a pure function of the document, the layout and the recipe: no clock, no host, no threads.
#pragma once

#include <array>
#include <cstdint>
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

/// One per thread, reused. Throws bad_alloc and std::runtime_error where zstd fails.
class archive_writer {
 public:
  /// `memory`: shared by the writers of a run; null: the writer has its own.
  archive_writer(const layout& rules, int level, std::string recipe_id,
                 std::shared_ptr<track_memory> memory = nullptr, bool catalogue = false);

  /// Appends the archive of the account to `out`. Where the tar would be above max_tar_bytes, appends nothing
  /// and returns 0 frame bytes.
  archive_facts write(const account_view& view, buffer& out, stage_clock& clock);
  archive_facts write(const account_view& view, buffer& out) {  // untimed
    stage_times unused{};
    stage_clock clock(unused);
    return write(view, out, clock);
  }

  /// The recordings of the account that was written last.
  [[nodiscard]] const recording_finder& recordings() const { return recordings_; }

  /// Only the tar; for the benchmark of the stages.
  std::string_view render(const account_view& view, archive_facts& facts) {  // untimed
    stage_times unused{};
    stage_clock clock(unused);
    return render(view, facts, clock);
  }

 private:
  std::string_view render(const account_view& view, archive_facts& facts, stage_clock& clock);
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
