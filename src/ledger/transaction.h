/// @file
/// A change of several statements that takes place whole or not at all.
#pragma once

#include <utility>

#include "ledger/sqlite.h"
#include "outro/status.h"

namespace outro {

/// An open transaction of a database. Ends in one of two ways: `commit` succeeds, or the destructor rolls it
/// back, whether the scope is left by a return or by an exception. So no path leaves it open, where the next
/// one could not begin.
///
/// Statements that it runs are prepared after it, so that they are gone before it ends.
class transaction {
 public:
  /// Takes the lock for writing at once: a transaction that begins by reading may lose the race for it later.
  static result<transaction> begin(database& changed);

  transaction(transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  transaction& operator=(transaction&&) = delete;
  ~transaction();

  /// A commit that fails changes nothing: the destructor rolls back.
  status commit();

 private:
  explicit transaction(database& changed) : database_(&changed) {}

  database* database_;  ///< null: committed, or moved from
};

}  // namespace outro
