/// @file
/// Which input files there are, and how they become units.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "outro/status.h"

namespace outro {

/// One input file of dumps, or standard input.
struct shard {
  std::filesystem::path path;  ///< as the operator named it; "-" for standard input
  std::uint64_t size = 0;      ///< bytes on disk; 0 for pipes
  std::int64_t mtime_ns = 0;   ///< 0 for pipes
  bool is_pipe = false;        ///< standard input, FIFOs: read once, size unknown

  bool operator==(const shard&) const = default;
};

/// The piece of input that one reader takes in order: a large shard, or a run of consecutive small ones.
struct unit {
  std::uint32_t number;  ///< counted from 1 within a run
  std::vector<shard> shards;

  [[nodiscard]] std::uint64_t size() const;
};

/// Shards at least this large on disk are units of their own.
inline constexpr std::uint64_t own_unit_size = 16U << 20;
/// Consecutive smaller ones go together up to this many bytes on disk.
inline constexpr std::uint64_t unit_size = 256U << 20;

/// The shards that the arguments name, in order; directories are walked in sorted order, and hidden files in
/// them are left out (`hidden` counts them). Errors: usage (nothing there, named twice), io (unreadable).
result<std::vector<shard>> find_shards(const std::vector<std::string>& arguments, std::uint64_t& hidden);

std::vector<unit> plan_units(std::vector<shard> shards);

}  // namespace outro
