/// @file
/// The tables of the ledger. See FORMAT.md for what each row means and when it is written.
#pragma once

namespace outro {

/// `pragma user_version`; a ledger with another one is refused.
inline constexpr int ledger_version = 3;
/// `pragma application_id`: "Otro" in ASCII, so that file(1) and this program recognise it.
inline constexpr int ledger_application = 0x4f74726f;

inline constexpr const char* ledger_schema = R"sql(
CREATE TABLE runs (
  run INTEGER PRIMARY KEY,
  state TEXT NOT NULL,              -- 'planned' while it may be resumed, then 'finished'; 'cut': see FORMAT.md
  started_ms INTEGER NOT NULL,      -- fixes which exportedAt is from the future, also for a resume
  finished_ms INTEGER,
  recipe TEXT NOT NULL,             -- canonical JSON
  service TEXT NOT NULL,
  units INTEGER NOT NULL,           -- of its plan; after a rebuild more than the table of units has, where some are lost
  cpu_seconds REAL NOT NULL DEFAULT 0,
  wall_seconds REAL NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE units (
  run INTEGER NOT NULL, unit INTEGER NOT NULL,
  PRIMARY KEY (run, unit)
) STRICT, WITHOUT ROWID;
CREATE TABLE shards (
  run INTEGER NOT NULL, unit INTEGER NOT NULL, shard INTEGER NOT NULL,
  path TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, pipe INTEGER NOT NULL,
  decoded_bytes INTEGER, proven_end INTEGER, lines INTEGER, blank_lines INTEGER, bom INTEGER,
  damage TEXT,                      -- NULL until the shard ended; '' where nothing is wrong
  decoded_sha256 TEXT NOT NULL DEFAULT '', proven_sha256 TEXT NOT NULL DEFAULT '',   -- of a damaged one, where known
  PRIMARY KEY (run, unit, shard)
) STRICT, WITHOUT ROWID;
CREATE TABLE repairs (              -- the first shard is whole, and makes good the second one of an earlier run
  run INTEGER NOT NULL, unit INTEGER NOT NULL, shard INTEGER NOT NULL,
  of_run INTEGER NOT NULL, of_unit INTEGER NOT NULL, of_shard INTEGER NOT NULL,
  PRIMARY KEY (of_run, of_unit, of_shard, run, unit, shard)
) STRICT, WITHOUT ROWID;
CREATE INDEX repairs_by ON repairs (run, unit, shard);
CREATE TABLE slices (
  run INTEGER NOT NULL, unit INTEGER NOT NULL, slice INTEGER NOT NULL,
  begin INTEGER NOT NULL, end INTEGER NOT NULL, digest BLOB NOT NULL, last INTEGER NOT NULL,
  first_row INTEGER NOT NULL,       -- its documents are the rows from here on
  documents INTEGER NOT NULL, document_bytes INTEGER NOT NULL,
  pack_bytes INTEGER NOT NULL, pack_sha256 TEXT NOT NULL,
  letters_bytes INTEGER NOT NULL, letters_sha256 TEXT NOT NULL,   -- 0 and '' without dead letters
  tar_bytes INTEGER NOT NULL, track_rows INTEGER NOT NULL, track_refs INTEGER NOT NULL,
  playlists INTEGER NOT NULL, entries INTEGER NOT NULL, listens INTEGER NOT NULL, suspects INTEGER NOT NULL,
  defused INTEGER NOT NULL, lone_surrogates INTEGER NOT NULL,
  PRIMARY KEY (run, unit, slice)
) STRICT, WITHOUT ROWID;
CREATE TABLE documents (
  row INTEGER PRIMARY KEY,
  run INTEGER NOT NULL, unit INTEGER NOT NULL, slice INTEGER NOT NULL, idx INTEGER NOT NULL,
  account TEXT NOT NULL, exported_at INTEGER, digest BLOB NOT NULL, content BLOB NOT NULL,
  outcome INTEGER NOT NULL,         -- 0 written, 1 unchanged, 2 dead letter
  reason INTEGER NOT NULL, proven INTEGER NOT NULL,
  shard INTEGER NOT NULL, offset INTEGER NOT NULL, line INTEGER NOT NULL, length INTEGER NOT NULL,
  stored_offset INTEGER NOT NULL, stored_bytes INTEGER NOT NULL,
  entries INTEGER NOT NULL, favourites INTEGER NOT NULL, listens INTEGER NOT NULL, suspects INTEGER NOT NULL,
  kept INTEGER NOT NULL,            -- percent of what was current before; 255: there was nothing to compare with
  older INTEGER NOT NULL, volatile_only INTEGER NOT NULL
) STRICT;
CREATE TABLE roster (account TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
)sql";

/// A later addition that only the forecast of a resumed run needs. A ledger without it gets it when it is
/// opened for writing, and keeps its version.
inline constexpr const char* pace_schema = R"sql(
CREATE TABLE IF NOT EXISTS paces (
  run INTEGER NOT NULL,
  process_ms INTEGER NOT NULL,      -- when the process began that committed a slice; tells processes apart
  threads INTEGER NOT NULL,
  work_ms INTEGER NOT NULL,         -- from then on to this commit, without the time for which it was stopped
  bytes INTEGER NOT NULL            -- of documents that the process had finished by then
) STRICT;
)sql";

}  // namespace outro
