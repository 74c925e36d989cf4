#include "output/account_archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "account/work_limit.h"
#include "base/file.h"
#include "base/output_names.h"
#include "base/utf8.h"
#include "output/output_directory.h"
#include "outro/pack_reader.h"

namespace outro {

namespace fs = std::filesystem;

namespace {

bool is_written(const document_row& r) {
  return r.record.outcome == outcome::written;
}

bool is_dead(const document_row& r) {
  return r.record.outcome == outcome::dead_letter;
}

/// Why there is no archive among the account's rows.
status no_archive(ledger& books, const fs::path& out, std::string_view account, std::uint32_t run,
                  const std::vector<document_row>& rows) {
  const auto who = "account " + shown(account);
  const auto runs = books.runs();
  const auto unfinished = runs.empty() || runs.back().finished
                              ? std::string()
                              : fmt::format("; run {} has not finished", runs.back().run);
  if (rows.empty())
    return fail(
        failure::usage,
        fmt::format("there is no {} in {}{}; dead letters whose account could not be read: `outro list "
                    "{} --dead-letters`",
                    who, shown(out.native()), unfinished, shown(out.native())));
  std::set<std::uint32_t> written;
  for (const auto& r : rows)
    if (is_written(r)) written.insert(r.slice.run);
  if (!written.empty())
    return fail(failure::usage, fmt::format("run {} wrote no archive of {}; there are archives of run {}",
                                            run, who, fmt::join(written, ", ")));
  const auto dead = std::find_if(rows.begin(), rows.end(), is_dead);
  if (dead == rows.end())
    return fail(failure::usage,
                fmt::format("{} has no archive in {}{}", who, shown(out.native()), unfinished));
  const auto& place = dead->record.place;
  const auto shard = shown(books.shard_path(dead->slice.run, dead->slice.unit, place.shard));
  return fail(failure::usage,
              fmt::format("{} has no archive, only dead letters{}: {} at {}:{}; its bytes are kept in {}",
                          who, unfinished, name_of(dead->record.reason), shard, place.line,
                          shown(letters_path(out, dead->slice).native())));
}

/// The decoded size of the frame at an offset, from the seek table; 0 where no frame of this size is there.
std::uint64_t decoded_bytes_at(const pack_reader& pack, std::uint64_t offset, std::uint64_t bytes) {
  std::size_t low = 0, high = pack.frames();
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    if (pack.frame_offset(middle) < offset)
      low = middle + 1;
    else
      high = middle;
  }
  const bool found =
      low < pack.frames() && pack.frame_offset(low) == offset && pack.frame_bytes(low) == bytes;
  return found ? pack.decoded_bytes(low) : 0;
}

}  // namespace

result<ledger> open_ledger(const fs::path& out) {
  const auto path = out / ledger_name;
  const auto there = is_there(path);
  if (!there) return there.error();
  if (*there) return ledger::open(path, database::access::read);
  const auto packs = has_packs(out);
  if (!packs) return packs.error();
  if (*packs)
    return fail(failure::refused,
                fmt::format("{0} has packs but no ledger; `outro rebuild {0}` makes a new one from them",
                            shown(out.native())));
  return fail(failure::usage, fmt::format("{} is not an output directory of Outro: it has no {}",
                                          shown(out.native()), ledger_name));
}

result<document_row> find_archive(ledger& books, const fs::path& out, std::string_view account,
                                  std::uint32_t run) {
  // Dead letters whose account could not be read have an empty one: they are nobody's.
  if (!account.empty() && run == 0)
    if (auto current = books.current_archive(std::string(account))) return std::move(*current);
  const auto rows = account.empty() ? std::vector<document_row>{} : books.history_of(std::string(account));
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [&](const document_row& r) { return is_written(r) && r.slice.run == run; });
  if (found == rows.end()) return no_archive(books, out, account, run, rows);
  return *found;
}

result<account_archive> read_archive(const fs::path& out, const document_row& row) {
  const auto& d = row.record;
  const auto path = pack_path(out, row.slice);
  const auto pack = pack_reader::open(path);
  if (!pack) return pack.error();
  const auto damaged = [&](std::string_view what) {
    return fail(failure::corrupt,
                fmt::format("{} at {}: {}; `outro verify {}` says what else is damaged", shown(path.native()),
                            d.stored_offset, what, shown(out.native())));
  };
  const auto decoded = decoded_bytes_at(*pack, d.stored_offset, d.stored_bytes);
  if (decoded == 0) return damaged("the ledger says that there is an archive, and the seek table does not");
  // No archive of ours is larger, so a crafted one cannot ask for memory.
  if (decoded > most_work(d.length))
    return damaged("its size is more than a document of this length can make");
  auto frame = pack->read(d.stored_offset, d.stored_bytes);
  if (!frame) return frame.error();
  auto opened = open_archive(*frame, decoded);
  if (!opened) return damaged(opened.error().message);
  if (opened->manifest.account != d.account || opened->manifest.digest != d.digest)
    return damaged("the archive there is not the one that the ledger names");
  return account_archive{std::move(*frame), std::move(*opened)};
}

}  // namespace outro
