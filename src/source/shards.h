/// @file
/// Input files, how they become units, and whether they stay what they were.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace outro {

/// One input file of dumps, or standard input.
struct shard {
  std::filesystem::path path;  ///< as the operator named it; "-" for standard input
  std::uint64_t size = 0;      ///< bytes on disk; 0 for pipes
  std::int64_t mtime_ns = 0;   ///< 0 for pipes
  bool is_pipe = false;        ///< standard input, FIFOs: read once, size unknown
  std::uint64_t inode = 0;     ///< 0: not known, as in a plan that the ledger keeps

  /// Takes over size, time and inode of a regular file.
  void note(const struct ::stat& file);
  /// The same name, size and time of change. Not the inode, which a copy of the dumps changes.
  bool operator==(const shard& other) const;
};

/// The piece of input that one reader takes in order: a large shard, or a run of consecutive small ones.
struct unit {
  std::uint32_t number;  ///< counted from 1 within a run
  std::vector<shard> shards;

  [[nodiscard]] std::uint64_t size() const;
};

/// A shard at least this large on disk is a unit of its own, so that large shards are read in parallel.
inline constexpr std::uint64_t own_unit_size = 16U << 20;
/// Consecutive smaller shards share a unit of up to this many bytes on disk.
inline constexpr std::uint64_t unit_size = 256U << 20;

std::vector<unit> plan_units(std::vector<shard> shards);

/// The path of a shard of these units; empty where there is none.
std::string shard_path(const std::vector<unit>& units, std::uint32_t unit, std::size_t shard);

}  // namespace outro
