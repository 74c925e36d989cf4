/// @file
/// A history of an output directory as plain values, so that RapidCheck can shrink one that fails.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace outro::histories {

/// What happens next. The numbers of a command say to what: they count modulo what there is.
enum class verb : std::uint8_t {
  put,           ///< a new shard `a`, packed as `b`, of the command's documents
  cut,           ///< shard `a` loses its end, from about `b` thousandths on
  flip,          ///< one bit of it
  empty,         ///< all of its bytes
  restore,       ///< shard `a` is whole again, packed as `b`, under its name or (odd `c`) another
  rename,        ///< shard `a` gets the name of shard number `b`
  hide,          ///< shard `a` gets a name that is left out
  remove,        ///< shard `a` is no more
  run,           ///< an export of all shards
  run_one,       ///< an export of shard `a` alone
  run_piped,     ///< of shard `a` through a pipe, with all others
  run_changing,  ///< of all shards, while shard `a` changes as `b` says
  run_crashing,  ///< of all shards, which dies at its step `a`; and where `b` is even, the same command again
  lose,          ///< pack `a` is gone, or damaged, and with it what `b` says
  rebuild,       ///< of the ledger
  verify,        ///< alone
  verify_against,  ///< all shards
  verify_against_one,
  verify_accepting,     ///< the damaged shard `a` of those there were (or all, where `b` is odd), against all
                        ///< shards
  verify_accepting_cut  ///< run `a`, against all shards
};

struct document_spec {
  std::uint8_t account = 0;  ///< of five
  std::uint8_t content = 0;  ///< of four
  std::uint8_t hour = 0;     ///< of its clock, 0 to 23; 24: it has no `exportedAt`
  std::uint8_t visits = 0;   ///< a value that may change
  bool bad = false;          ///< no dump, but a dead letter
};

struct command {
  verb what = verb::verify;
  std::uint16_t a = 0, b = 0, c = 0;
  std::vector<document_spec> documents;  ///< of `put`
};

using history = std::vector<command>;

std::ostream& operator<<(std::ostream& out, const command& c);

/// The line of a document; `nonce` is in the bytes of a shard's first one, so that two shards begin alike
/// only where one is a copy of the other.
std::string text_of(const document_spec& d, unsigned nonce);

}  // namespace outro::histories
