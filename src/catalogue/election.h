/// @file
/// What most accounts say of a track, where they say different things.
///
/// Every account has one voice for an id. First the title is elected, then the artists by those who say that
/// title, then the album by those who say both: so what is elected was said together, by at least as many as
/// elected its last part. An object without a title, artists or album has no voice in that question. Of
/// equally many voices those win that hold the newest dump, then the greatest content: no order of threads or
/// files matters.
///
/// Whether the service still has the track is another question: there the newest dump is right, since what
/// was taken down later was there before.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/digest.h"

namespace outro {

/// The questions that are put one after the other.
inline constexpr std::size_t elected_texts = 3;  ///< title, artists, album

/// One content of an id, and who says it.
struct ballot {
  std::array<std::uint64_t, elected_texts> texts{};  ///< hashes of title, artists, album; 0: none
  std::uint64_t status = 0;                          ///< hash of the availability; 0: none
  std::uint64_t accounts = 0;
  std::uint64_t newest = 0, second = 0;  ///< the greatest two times of dumps that say it
  hash128 content;
  std::uint32_t variant = 0;
};

/// The hash of a text as ballots hold it, equal where the texts are; 0 for none. By the key of the process,
/// so that no dump can be made to vote for what it does not say.
std::uint64_t text_hash(std::string_view text);

/// How a group of voices compares with others: the greatest wins.
struct rank {
  std::uint64_t accounts = 0, newest = 0;
  hash128 content;
  auto operator<=>(const rank&) const = default;
  rank& operator+=(const rank& o);
};
inline rank rank_of(const ballot& b) {
  return {b.accounts, b.newest, b.content};
}

struct elected {
  std::span<ballot> by;  ///< those who say all that was elected
  std::array<bool, elected_texts> decided{};
};

/// Elects title, artists and album. Changes the order of the ballots.
/// @param least accounts that must say a text, or nothing is elected in its place; at least 1
elected elect(std::span<ballot> ballots, std::uint64_t least);

/// The ballot that most accounts hold. `ballots` is not empty.
const ballot& most_held(std::span<const ballot> ballots);

/// The newest ballot of the newest availability that at least `least` accounts say; null if there is none.
/// From two accounts on, the second newest dump of each decides, so that a single wrong clock does not.
/// Changes the order of the ballots.
const ballot* newest_status(std::span<ballot> ballots, std::uint64_t least);

}  // namespace outro
