#include <fmt/format.h>

#include "base/file.h"
#include "base/output_names.h"
#include "base/utf8.h"
#include "ledger/ledger.h"
#include "ledger/schema.h"

namespace outro {

namespace {

/// Makes an empty ledger, so that it is there with all its tables or not at all: a power cut must not leave a
/// file that is no ledger.
status create(const std::filesystem::path& path) {
  // A log that outlived its database would be taken for the new one's.
  for (const auto suffix : database_suffixes)
    if (auto s = remove_file(path.native() + std::string(suffix)); !s.ok()) return s;
  const auto partial = partial_path(path);
  // SQLite would make it 0644: an access control list that the folder hands down (acl(5)) then lets others
  // read it, whatever the umask. It takes an empty file for a new database, and gives the log and the index
  // of the log the mode of the database.
  auto empty = create_private(partial);
  if (!empty) return empty.error();
  if (auto s = close_checked(std::move(*empty), partial); !s.ok()) return s;
  auto made = database::open(partial, database::access::create);
  if (!made) return made.error();
  // Until it has its name nothing needs undoing, so there is no journal; FULL syncs it at the commit.
  const auto setup = fmt::format(R"sql(
    PRAGMA journal_mode=MEMORY;
    PRAGMA synchronous=FULL;
    BEGIN;
    {}{}
    PRAGMA application_id={};
    PRAGMA user_version={};
    COMMIT;)sql",
                                 ledger_schema, pace_schema, ledger_application, ledger_version);
  if (auto s = made->run(setup); !s.ok()) return s;
  if (auto s = made->close(); !s.ok()) return s;
  if (auto s = rename_file(partial, path); !s.ok()) return s;
  return sync_parent(path);
}

/// Whether the file is a ledger that this version reads, and holds nothing that SQLite would carry out.
status check_is_ledger(database& opened, const std::filesystem::path& path) {
  auto version = opened.prepare(R"sql(
    SELECT (SELECT * FROM pragma_application_id), (SELECT * FROM pragma_user_version))sql");
  if (!version.step()) return version.error();
  if (version.integer(0) != ledger_application)
    return fail(failure::corrupt,
                fmt::format("{} is not a ledger of Outro; `outro rebuild` makes a new one from the packs",
                            shown(path.native())));
  if (version.integer(1) < ledger_version)
    return fail(
        failure::refused,
        fmt::format("{} is of version {}, and this Outro reads and writes version {} only; export to a "
                    "new directory, or use the Outro that wrote it",
                    shown(path.native()), version.integer(1), ledger_version));
  if (version.integer(1) > ledger_version)
    return fail(failure::refused,
                fmt::format("{} was written by a newer Outro; use that version", shown(path.native())));
  // Our tables hold what was written into them: nothing in them is computed while they are read.
  auto computed = opened.prepare(R"sql(
    SELECT (SELECT count(*) FROM sqlite_schema WHERE type NOT IN ('table', 'index') OR rootpage = 0)
         + (SELECT count(*) FROM sqlite_schema t, pragma_table_xinfo(t.name) c
            WHERE t.type = 'table' AND c.hidden <> 0))sql");
  if (!computed.step()) return computed.error();
  if (computed.integer(0) != 0)
    return fail(failure::corrupt,
                fmt::format("{} holds views, triggers or the like, as no ledger of Outro does; `outro "
                            "rebuild` makes a new one from the packs",
                            shown(path.native())));
  return {};
}

}  // namespace

result<ledger> ledger::open(const std::filesystem::path& path, database::access how) {
  if (how == database::access::create) {
    if (auto s = create(path); !s.ok()) return s;
    how = database::access::write;
  }
  auto opened = database::open(path, how);
  if (!opened) return opened.error();
  // A commit must survive a power cut, so every one syncs the log.
  if (auto s = opened->run("PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;"); !s.ok()) return s;
  if (how == database::access::write)
    if (auto s = opened->run("PRAGMA journal_mode=WAL"); !s.ok()) return s;
  if (auto s = check_is_ledger(*opened, path); !s.ok()) return s;
  if (how == database::access::write)
    if (auto s = opened->run(pace_schema); !s.ok()) return s;
  return ledger(std::move(*opened));
}

status ledger::close() {
  // At rest there is no log, and readers need not make one: not even in a directory that is read-only.
  if (auto s = database_.run("PRAGMA wal_checkpoint(TRUNCATE)"); !s.ok()) return s;
  if (auto s = database_.run_when_free("PRAGMA journal_mode=DELETE"); !s.ok()) return s;
  return database_.close();
}

status ledger::check_integrity() {
  auto s = database_.prepare("PRAGMA integrity_check(1)");
  if (!s.step()) return s.error();
  if (s.text(0) != "ok")
    return fail(
        failure::corrupt,
        fmt::format("the ledger is damaged: {}; `outro rebuild` makes a new one from the packs", s.text(0)));
  return {};
}

}  // namespace outro
