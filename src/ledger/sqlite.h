/// @file
/// SQLite with every return code checked: a database and prepared statements (see transaction.h for changes).
/// Used by one thread at a time. A failure is carried as a status that names the file.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "outro/status.h"

namespace outro {

/// A prepared statement: bind in order, step, read columns in order, reset. The first failure sticks.
class statement {
 public:
  statement() = default;

  statement& bind(std::int64_t value);
  statement& bind_text(std::string_view value);
  statement& bind_blob(std::string_view value);
  statement& bind_null();

  /// True while there is a row; false at the end or on failure (see `error`).
  bool step();
  /// Steps a statement that yields no rows, and makes it ready for the next use.
  status run();
  /// The first failure since the last `rewind`.
  [[nodiscard]] status error() const;
  /// As `step`, but throws std::runtime_error on failure: for queries whose rows would look like the answer
  /// when they are only the part that could be read.
  bool next();
  void rewind();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::string_view blob(int column) const;
  [[nodiscard]] bool is_null(int column) const;

 private:
  friend class database;
  struct freer {
    void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
  };
  std::unique_ptr<sqlite3_stmt, freer> handle_;
  int bound_ = 0;
  int code_ = SQLITE_OK;
  int errno_ = 0;  ///< of the system, where `code_` is a failure
};

class database {
 public:
  enum class access : std::uint8_t {
    create,
    write,
    read,
    /// To read a file that nobody writes and that has no log: leaves no log and no index beside it.
    frozen
  };

  static result<database> open(const std::filesystem::path& path, access how);

  status run(const std::string& sql);
  /// The same for what needs the file alone, and for which SQLite does not wait as it does elsewhere (turning
  /// the log off): tries again for ten seconds while others read it. Any other failure is final.
  status run_when_free(const std::string& sql);
  /// Undoes the open transaction, if there is one. Says nothing of a failure: what is not committed is gone
  /// once the file is closed, and the failure that led here is the one that counts.
  void roll_back() noexcept;
  /// Throws std::runtime_error where the SQL does not compile: the tables are not as we make them.
  statement prepare(std::string_view sql);
  status close();

 private:
  struct freer {
    void operator()(sqlite3* d) const { sqlite3_close_v2(d); }
  };
  std::unique_ptr<sqlite3, freer> handle_;
};

}  // namespace outro
