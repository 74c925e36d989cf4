#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "archive/names.h"
#include "archive/open_archive.h"
#include "archive/unpack.h"
#include "archive/zip.h"
#include "base/file.h"
#include "base/new_file.h"
#include "base/output_names.h"
#include "base/private_folder.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/tools.h"
#include "output/account_archive.h"

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

/// To a file, to a file of this name in a directory, or to standard output.
status deliver(const extract_options& o, std::string_view bytes, const std::string& name) {
  if (o.to == "-") {
    if (o.as != "dump" && ::isatty(STDOUT_FILENO) == 1)
      return fail(failure::usage, "standard output is a terminal; --to PATH writes a file");
    return write_all(STDOUT_FILENO, bytes, "standard output");
  }
  fs::path path = o.to.empty() ? fs::path(name) : fs::path(o.to);
  const auto folder = is_folder(path);
  if (!folder) return folder.error();
  if (*folder) path /= name;
  if (auto s = write_new_file(path, bytes, o.force); !s.ok()) return s;
  fmt::print(stderr, "{}, {}\n", shown(path.native()), format_size(bytes.size()));
  return {};
}

status deliver_files(const extract_options& o, const opened_archive& archive) {
  const fs::path into = o.to.empty() ? fs::path(".") : fs::path(o.to);
  // An existing directory keeps its mode: it may be everyone's, as /tmp is.
  const auto there = is_folder(into);
  if (!there) return there.error();
  if (!*there)
    if (auto s = make_private_directory(into); !s.ok()) return s;
  if (auto s = unpack(archive.folder, archive.members, into); !s.ok()) return s;
  fmt::print(stderr, "{}, {} files\n", shown((into / archive.folder).native()),
             format_count(archive.members.size()));
  return {};
}

status extract(extract_options o) {
  if (o.account.empty()) return fail(failure::usage, "the account's id is empty");
  if (o.as == "files" && o.to == "-")
    return fail(failure::usage, "--as files needs a directory; for standard output, --as archive");
  if (o.as == "files" && o.force)
    return fail(failure::usage, "--as files replaces nothing; remove the folder, or name another --to");
  if (o.as == "dump" && o.to.empty()) o.to = "-";
  forbid_core_dumps();
  auto books = open_ledger(o.out);
  if (!books) return books.error();
  const auto row = find_archive(*books, o.out, o.account, o.run);
  if (!row) return row.error();
  if (!row->proven)
    fmt::print(stderr, "outro: this archive is unproven: the shard that it came from was damaged\n");
  const auto read = read_archive(o.out, *row);
  if (!read) return read.error();
  const auto& archive = read->opened;
  if (o.as == "files") return deliver_files(o, archive);
  if (o.as == "archive") return deliver(o, read->frame, archive.folder + std::string(archive_suffix));
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
      "extract", "Write one account: its archive, its files, a zip, or the dump it was made from");
  command->add_option("out", options->out, "Output directory of an export")->required()->type_name("OUT");
  add_account(*command, [options](const std::string& id) { options->account = id; })->require_option(1);
  command
      ->add_option(
          "--as", options->as,
          "archive (default): the archive as it is, one zstd frame of a tar. files: unpacked into a new "
          "folder. zip: opens on any phone or Windows; the same bytes every time. dump: the service's "
          "JSON, byte for byte but for what was redacted, its digest checked")
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
  command->footer(R"(Files are readable by their owner alone. Uses memory for the whole archive, decompressed.
Exit codes: 0; 1 something is damaged or cannot be written; 2 there is no such archive, or the file exists
already.)");
  command->callback([options, &exit_code] { exit_code = report(extract(*options)); });
}

}  // namespace outro
