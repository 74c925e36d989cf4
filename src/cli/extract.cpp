#include <unistd.h>

#include <algorithm>
#include <memory>
#include <set>

#include "archive/names.h"
#include "archive/open_archive.h"
#include "archive/unpack.h"
#include "archive/zip.h"
#include "base/output_names.h"
#include "base/file.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/tools.h"
#include "outro/pack_reader.h"
#include "pack/slice_id.h"

namespace outro {

namespace fs = std::filesystem;

namespace {

struct extract_options {
  fs::path out;
  std::string account;
  std::string as = "archive";
  std::string to;
  std::uint32_t run = 0;  ///< 0: the current archive
  bool force = false;
};

/// Why there is no archive to hand out: never "not found" alone.
status no_archive(ledger& books, const extract_options& o, const std::vector<document_row>& rows) {
  const auto who = "account " + legible(o.account), out = o.out.string();
  const auto runs = books.runs();
  const std::string unfinished = runs.empty() || runs.back().finished
                                     ? ""
                                     : "; run " + std::to_string(runs.back().run) + " has not finished";
  if (rows.empty())
    return fail(failure::usage, "there is no " + who + " in " + out + unfinished +
                                    "; dead letters whose account could not be read: `outro list " + out +
                                    " --dead-letters`");
  std::set<std::uint32_t> written;
  for (const auto& r : rows)
    if (r.record.what == outcome::written) written.insert(r.slice.run);
  if (!written.empty()) {
    std::string all;
    for (const auto run : written) all += (all.empty() ? "" : ", ") + std::to_string(run);
    return fail(failure::usage, "run " + std::to_string(o.run) + " wrote no archive of " + who +
                                    "; there are archives of run " + all);
  }
  const auto dead = std::find_if(rows.begin(), rows.end(),
                                 [](const auto& r) { return r.record.what == outcome::dead_letter; });
  if (dead == rows.end()) return fail(failure::usage, who + " has no archive in " + out + unfinished);
  const auto& d = dead->record;
  return fail(failure::usage, who + " has no archive, only dead letters" + unfinished + ": " +
                                  std::string(name_of(d.why)) + " at " +
                                  legible(books.shard_path(dead->slice.run, dead->slice.unit, d.place.shard)) + ":" +
                                  std::to_string(d.place.line) + "; its bytes are kept in " +
                                  letters_path(o.out, dead->slice).string());
}

result<document_row> find_archive(const extract_options& o) {
  auto books = open_ledger(o.out);
  if (!books) return books.error();
  const auto rows = books->history_of(o.account);
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const document_row& r) {
    return r.record.what == outcome::written && (o.run == 0 || r.slice.run == o.run);
  });
  if (found == rows.end()) return no_archive(*books, o, rows);
  return *found;
}

/// What the seek table says that the frame at an offset decodes to; nothing where no frame of this size is
/// there.
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

/// One read of the pack.
result<std::string> read_archive(const extract_options& o, const document_row& row, opened_archive& archive) {
  const auto& d = row.record;
  const auto path = pack_path(o.out, row.slice);
  const auto pack = pack_reader::open(path);
  if (!pack) return pack.error();
  const auto in_pack = [&](std::string_view what) {
    return fail(failure::corrupt, path.string() + " at " + std::to_string(d.stored_offset) + ": " +
                                      std::string(what) + "; `outro verify " + o.out.string() +
                                      "` tells what else is damaged");
  };
  const auto decoded = decoded_bytes_at(*pack, d.stored_offset, d.stored_bytes);
  if (decoded == 0) return in_pack("the ledger says that there is an archive, and the seek table does not");
  auto frame = pack->read(d.stored_offset, d.stored_bytes);
  if (!frame) return frame.error();
  auto opened = open_archive(*frame, decoded);
  if (!opened) return in_pack(opened.error().message);
  archive = std::move(*opened);
  // Whatever is wrong with the ledger or the pack: nobody gets another one's data.
  if (archive.manifest.account != o.account || archive.manifest.digest != d.digest)
    return in_pack("the archive there is not the one that the ledger names");
  return frame;
}

/// To a file, to a file of this name in a directory, or to standard output.
status deliver(const extract_options& o, std::string_view bytes, const std::string& name) {
  if (o.to == "-") {
    if (o.as != "dump" && ::isatty(STDOUT_FILENO) == 1)
      return fail(failure::usage, "standard output is a terminal; --to PATH writes a file");
    return write_all(STDOUT_FILENO, bytes, "standard output");
  }
  std::error_code error;
  fs::path path = o.to.empty() ? fs::path(name) : fs::path(o.to);
  if (fs::is_directory(path, error)) path /= name;
  if (auto s = write_new_file(path, bytes, o.force); !s.ok()) return s;
  (void)std::fprintf(stderr, "%s, %s\n", path.c_str(), format_size(bytes.size()).c_str());
  return {};
}

status deliver_files(const extract_options& o, const opened_archive& archive) {
  const fs::path into = o.to.empty() ? fs::path(".") : fs::path(o.to);
  // One that is there keeps its mode: it may be everyone's, as /tmp is.
  std::error_code error;
  if (!fs::is_directory(into, error))
    if (auto s = make_private_directory(into); !s.ok()) return s;
  if (auto s = unpack(archive.folder, archive.members, into); !s.ok()) return s;
  (void)std::fprintf(stderr, "%s, %s files\n", (into / archive.folder).c_str(),
                     format_count(archive.members.size()).c_str());
  return {};
}

status extract(extract_options o) {
  if (o.as == "files" && o.to == "-")
    return fail(failure::usage, "--as files needs a directory; for standard output, --as archive");
  if (o.as == "files" && o.force)
    return fail(failure::usage,
                "--as files never replaces anything; remove the folder, or name another --to");
  if (o.as == "dump" && o.to.empty()) o.to = "-";
  forbid_core_dumps();
  const auto row = find_archive(o);
  if (!row) return row.error();
  if (!row->proven)
    (void)std::fprintf(stderr, "outro: this archive is unproven: the shard that it came from was damaged\n");
  opened_archive archive;
  const auto frame = read_archive(o, *row, archive);
  if (!frame) return frame.error();
  if (o.as == "files") return deliver_files(o, archive);
  if (o.as == "archive") return deliver(o, *frame, archive.folder + std::string(archive_suffix));
  std::string bytes;
  auto made = o.as == "zip" ? append_zip(bytes, archive.members, archive.manifest.exported_at)
                            : restore_dump(archive, bytes);
  if (!made.ok()) return made;
  return deliver(o, bytes, archive.folder + (o.as == "zip" ? ".zip" : ".json"));
}

}  // namespace

void add_extract(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<extract_options>();
  auto* command = app.add_subcommand(
      "extract", "Hand over one account: its archive, its files, a zip, or the dump it was made from");
  command->add_option("out", options->out, "Output directory of an export")->required()->type_name("OUT");
  command->add_option("--account", options->account, "Whose")
      ->required()
      ->type_name("ID")
      ->check([](const std::string& id) {
        return id.empty() ? std::string("an account has a name") : std::string();
      });
  command
      ->add_option("--as", options->as,
                   "archive (default): the .tar.zst as it is. files: unpacked into a new folder. zip: opens "
                   "on any phone or Windows; "
                   "the same bytes every time. dump: the service's JSON, byte for byte but for what was "
                   "redacted, its digest checked")
      ->check(CLI::IsMember({"archive", "files", "zip", "dump"}));
  command
      ->add_option("--to", options->to,
                   "File, or directory to put it in; - is standard output (default: the current directory; "
                   "for a dump, standard output)")
      ->type_name("PATH");
  command->add_option("--run", options->run, "The archive that this run wrote (default: the current one)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command->add_flag("--force", options->force, "Replace the file that is there");
  command->footer(
      "Files are readable by their owner alone. Uses memory for the whole archive, decompressed.\n"
      "Exit codes: 0; 1 something is damaged or cannot be written; 2 there is no such archive, or a file is "
      "there already.");
  command->callback([options, &exit_code] { exit_code = report(extract(*options)); });
}

}  // namespace outro
