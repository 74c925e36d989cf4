/// Random numbers that are a pure function of (seed, purpose, index).
///
/// Every account, track and album has a stream of its own, so that any of them can be made by any thread, in
/// any order, with the same bytes. Nothing from <random> is used: its distributions differ between standard
/// libraries.
#pragma once

#include <cstddef>
#include <cstdint>

namespace outro::generate {

/// The purpose of a stream. Values are part of the output: never renumber them.
enum class purpose : std::uint64_t {
  account = 1,
  account_revision = 2,
  second_dump = 3,
  fault = 4,
  fault_order = 5,
  delta_order = 6,
  exported_at = 7,
  string_id = 8,
  filler = 9,
  track_kind = 20,
  track_core = 21,
  track_release = 22,
  track_id = 23,
  track_base = 24,
  track_album = 25,
  album = 26,
  artist = 27,
  recording_version = 28,
  label_sample = 29,
};

/// The finaliser of splitmix64: a bijection on 64-bit numbers with good avalanche.
constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

constexpr std::uint64_t golden_gamma = 0x9e3779b97f4a7c15U;

constexpr std::uint64_t hash(std::uint64_t seed, purpose what, std::uint64_t index, std::uint64_t extra = 0) {
  std::uint64_t h = mix(seed + golden_gamma);
  h = mix(h ^ (static_cast<std::uint64_t>(what) * 0xd6e8feb86659fd93U));
  h = mix(h + (index + 1) * golden_gamma);
  return extra == 0 ? h : mix(h ^ (extra * 0xa0761d6478bd642fU));
}

/// Maps a uniform 64-bit number to [0, bound). `bound` may be 0, which gives 0.
constexpr std::uint64_t scale(std::uint64_t bits, std::uint64_t bound) {
  __extension__ using wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<wide>(bits) * bound) >> 64);
}

/// Maps a 64-bit number to [0, 1).
constexpr double to_unit(std::uint64_t bits) {
  return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

/// A splitmix64 stream.
class random_stream {
 public:
  explicit constexpr random_stream(std::uint64_t state) : state_(state) {}
  constexpr random_stream(std::uint64_t seed, purpose what, std::uint64_t index, std::uint64_t extra = 0)
      : state_(hash(seed, what, index, extra)) {}

  constexpr std::uint64_t next() { return mix(state_ += golden_gamma); }
  constexpr std::uint64_t below(std::uint64_t bound) { return scale(next(), bound); }
  /// Uniform in [low, high], both included.
  constexpr std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + below(high - low + 1);
  }
  constexpr double unit() { return to_unit(next()); }
  constexpr bool chance(double probability) { return unit() < probability; }

 private:
  std::uint64_t state_;
};

/// A keyed bijection on [0, size): a four-round Feistel network with cycle walking. It picks an exact number
/// of distinct accounts for a fault, and spreads track ids, without a table.
class permutation {
 public:
  permutation(std::uint64_t size, std::uint64_t key);

  /// The place of `value` in the permuted order; `value` must be below the size.
  [[nodiscard]] std::uint64_t place_of(std::uint64_t value) const;
  /// The inverse: the value at `place`.
  [[nodiscard]] std::uint64_t value_at(std::uint64_t place) const;

 private:
  [[nodiscard]] std::uint64_t round(std::uint64_t half, unsigned number) const;

  std::uint64_t size_;
  std::uint64_t key_;
  unsigned half_bits_;
  std::uint64_t half_mask_;
};

}  // namespace outro::generate
