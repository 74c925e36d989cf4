/// @file
/// The listings of `outro list`.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <tuple>

#include "cli/tools.h"
#include "ledger/ledger.h"

namespace outro {

enum class listing : std::uint8_t {
  overview,
  accounts,
  account,
  packs,
  slices,
  dead_letters,
  shards,
  shrunk,
  suspects
};

struct list_options {
  std::filesystem::path out;
  listing what = listing::overview;
  unsigned given = 0;        ///< how many listings were asked for
  std::string account;       ///< of listing::account
  double shrink_warn = 0.5;  ///< of listing::shrunk
  bool json = false;
};

/// One listing on its way to standard output. Rows come one at a time and are written as they come, so that
/// millions of them take no memory. As text for people, or one JSON object a line.
class lister {
 public:
  lister(ledger& books, const list_options& options) : books_(books), options_(options) {}

  status run();

 private:
  void overview();
  status accounts();
  status account();
  void packs();
  void slices();
  status dead_letters();
  status shards();
  status shrunk();
  status suspects();
  void counted(const document_row& row);

  void object(const boost::json::object& o);
  void line(const std::string& text) { out_.write(text + "\n"); }
  /// The names of the columns, for people only.
  void head(const std::string& text) {
    if (!options_.json) line(text);
  }
  const std::string& shard_of(const document_row& row);

  ledger& books_;
  const list_options& options_;
  standard_output out_;
  std::tuple<std::uint32_t, std::uint32_t, std::uint32_t> shard_key_;
  std::string shard_path_;
};

}  // namespace outro
