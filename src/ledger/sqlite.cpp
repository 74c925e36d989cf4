#include "ledger/sqlite.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/digest.h"
#include "base/file.h"
#include "base/output_names.h"
#include "base/utf8.h"
#include "ledger/temporary_files.h"

namespace outro {

/// The errno for a database, or a file beside it, that could not be opened. Where SQLite may not make a file,
/// it tries to open it for reading, and what remains is that there is none: then the folder says why.
static int why_not_opened(const std::filesystem::path& file, int system) {
  if (system != ENOENT) return system;
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0) return errno;
  return has_no_inodes(file) ? ENOSPC : system;
}

/// `system`: the errno after the call that failed, 0 where there was none. It is kept by the caller because
/// SQLite's own memory of it (sqlite3_system_errno) leaves out what fails within a commit.
static status sqlite_failure(sqlite3* handle, int code, int system,
                             const std::filesystem::path& opened = {}) {
  const char* file = handle == nullptr ? nullptr : sqlite3_db_filename(handle, "main");
  if (!opened.empty()) file = opened.c_str();  // one that was not opened is not known to SQLite by its name
  if (file != nullptr && (code & 0xff) == SQLITE_CANTOPEN) system = why_not_opened(file, system);
  const auto what = fmt::format("the ledger {}: {}", file == nullptr ? "" : file,
                                handle == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle));
  // SQLite says "disk I/O error" of whatever the system refused; the errno says what it was.
  const auto refused = [&](std::string_view otherwise) {
    if (system == 0) return fail(failure::io, what + std::string(otherwise));
    const auto remedy = remedy_of(system, file == nullptr ? "." : file);
    return fail(failure::io, fmt::format("{} ({}){}", what, std::strerror(system),
                                         remedy.empty() ? std::string(otherwise) : remedy));
  };
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_TOOBIG:  // a value that no writer of ours makes; so are those that SQL cannot add up
    case SQLITE_ERROR:
      return fail(failure::corrupt, what + "; `outro rebuild` makes a new one from the packs");
    case SQLITE_FULL:
      return fail(failure::io, what + remedy_of(ENOSPC, file == nullptr ? "." : file));
    case SQLITE_BUSY:
      // Also one that only reads keeps a ledger from being opened for writing, or closed.
      return fail(failure::io, what +
                                   "; another program has it open, for reading or writing (fuser names it): "
                                   "wait for it or end it, then run the same command again");
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return refused("; check that it is there and may be written, then run the same command again");
    default:
      return refused("; check the disk, then run the same command again");
  }
}

statement& statement::bind(std::int64_t value) {
  if (code_ == SQLITE_OK) code_ = sqlite3_bind_int64(handle_.get(), ++bound_, value);
  return *this;
}
statement& statement::bind_text(std::string_view value) {
  // Static: the caller's bytes outlive the step, which spares a copy for each value.
  if (code_ == SQLITE_OK)
    code_ = sqlite3_bind_text64(handle_.get(), ++bound_, value.data() == nullptr ? "" : value.data(),
                                value.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}
statement& statement::bind_blob(std::string_view value) {
  if (code_ == SQLITE_OK)
    code_ = sqlite3_bind_blob64(handle_.get(), ++bound_, value.data(), value.size(), SQLITE_STATIC);
  return *this;
}
statement& statement::bind_null() {
  if (code_ == SQLITE_OK) code_ = sqlite3_bind_null(handle_.get(), ++bound_);
  return *this;
}

bool statement::step() {
  if (code_ != SQLITE_OK && code_ != SQLITE_ROW) return false;
  errno = 0;
  code_ = sqlite3_step(handle_.get());
  if (code_ != SQLITE_ROW && code_ != SQLITE_DONE) errno_ = errno;
  return code_ == SQLITE_ROW;
}

status statement::error() const {
  if (code_ == SQLITE_OK || code_ == SQLITE_ROW || code_ == SQLITE_DONE) return {};
  return sqlite_failure(sqlite3_db_handle(handle_.get()), code_, errno_);
}

bool statement::next() {
  const bool row = step();
  if (const auto s = error(); !s.ok()) throw std::runtime_error(s.message);
  return row;
}

void statement::rewind() {
  sqlite3_reset(handle_.get());
  bound_ = 0;
  code_ = SQLITE_OK;
  errno_ = 0;
}

status statement::run() {
  while (step()) {
  }
  auto s = error();
  rewind();
  return s;
}

std::int64_t statement::integer(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}
std::string_view statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
  return {text == nullptr ? "" : text, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}
std::string_view statement::blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle_.get(), column));
  return {bytes == nullptr ? "" : bytes,
          static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}
bool statement::is_null(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

/// The path as a URI that tells SQLite that the file does not change, so that it makes no files beside it.
static std::string frozen_uri(const std::filesystem::path& path) {
  std::string uri = "file://";
  const auto full = std::filesystem::absolute(path);
  for (const char c : full.native()) {
    if (c == '%' || c == '?' || c == '#')
      uri += '%' + to_hex({&c, 1});
    else
      uri += c;
  }
  return uri + "?immutable=1";
}

namespace {

/// Holds SQLite's own lock of its folder for temporary files.
class temporary_folder_lock {
 public:
  temporary_folder_lock() { sqlite3_mutex_enter(mutex_); }
  ~temporary_folder_lock() { sqlite3_mutex_leave(mutex_); }
  temporary_folder_lock(const temporary_folder_lock&) = delete;
  temporary_folder_lock& operator=(const temporary_folder_lock&) = delete;

 private:
  sqlite3_mutex* mutex_ = (sqlite3_initialize(), sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_VFS1));
};

bool has_temporary_folder() {
  const temporary_folder_lock lock;
  return sqlite3_temp_directory != nullptr && ::access(sqlite3_temp_directory, W_OK | X_OK) == 0;
}

}  // namespace

void keep_temporary_files_in(const std::filesystem::path& folder) {
  const auto name = std::filesystem::absolute(folder);
  const temporary_folder_lock lock;
  sqlite3_free(sqlite3_temp_directory);
  sqlite3_temp_directory = sqlite3_mprintf("%s", name.c_str());
}

/// Opening a pipe would wait for a writer, and a link leads elsewhere; that holds for what SQLite keeps
/// beside the database too. A file that is not there is SQLite's to report.
static status check_files(const std::filesystem::path& path) {
  std::vector<std::filesystem::path> files{path};
  for (const auto suffix : database_suffixes) files.emplace_back(path.native() + std::string(suffix));
  for (const auto& file : files) {
    std::error_code ignored;
    const auto kind = std::filesystem::symlink_status(file, ignored);
    if (!std::filesystem::exists(kind) || std::filesystem::is_regular_file(kind)) continue;
    if (std::filesystem::is_symlink(kind))
      return fail(failure::refused, shown(file.native()).append(link_remedy));
    return fail(failure::corrupt,
                fmt::format("{} is not a regular file; `outro rebuild` makes a new ledger from the packs",
                            shown(file.native())));
  }
  return {};
}

result<database> database::open(const std::filesystem::path& path, access how) {
  if (auto s = check_files(path); !s.ok()) return s;
  const int flags = how == access::create   ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                    : how == access::write  ? SQLITE_OPEN_READWRITE
                    : how == access::frozen ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
                                            : SQLITE_OPEN_READONLY;
  const auto name = how == access::frozen ? frozen_uri(path) : path.native();
  sqlite3* handle = nullptr;
  errno = 0;
  const int code =
      sqlite3_open_v2(name.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, nullptr);
  database d;
  d.handle_.reset(handle);
  if (code != SQLITE_OK) {
    return sqlite_failure(handle, code, errno, path);
  }
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, 10'000);
  // A crafted ledger must not run code of its own through triggers, views or virtual tables.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  // Nor ask for memory: no value of ours, and no row, is near this.
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, 16 << 20);
  if (!has_temporary_folder())
    if (auto s = d.run("PRAGMA temp_store=MEMORY"); !s.ok()) return s;
  return d;
}

status database::run(const std::string& sql) {
  errno = 0;
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? status{} : sqlite_failure(handle_.get(), code, errno);
}

status database::run_when_free(const std::string& sql) {
  constexpr int most_attempts = 100;
  constexpr std::chrono::milliseconds interval(100);
  for (int attempt = 1;; ++attempt) {
    errno = 0;
    const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) return {};
    if ((code & 0xff) != SQLITE_BUSY || attempt == most_attempts)
      return sqlite_failure(handle_.get(), code, errno);
    std::this_thread::sleep_for(interval);
  }
}

void database::roll_back() noexcept {
  const bool open = sqlite3_get_autocommit(handle_.get()) == 0;
  if (open) sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

statement database::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  statement s;
  s.code_ = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                               SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  s.handle_.reset(raw);
  if (raw == nullptr)
    throw std::runtime_error(
        fmt::format("the ledger cannot be queried ({}); `outro rebuild` makes a new one from the packs",
                    sqlite3_errmsg(handle_.get())));
  return s;
}

status database::close() {
  errno = 0;
  const int code = sqlite3_close(handle_.get());
  if (code != SQLITE_OK) return sqlite_failure(handle_.get(), code, errno);
  (void)handle_.release();
  return {};
}

}  // namespace outro
