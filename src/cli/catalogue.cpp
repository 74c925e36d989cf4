#include <algorithm>
#include <memory>

#include "base/file.h"
#include "base/machine.h"
#include "base/output_names.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/tools.h"
#include "output/account_archive.h"
#include "output/catalogue_parts.h"

namespace outro {

namespace {

struct catalogue_options {
  std::vector<std::filesystem::path> outs;
  std::filesystem::path to;
  std::uint64_t memory = 0;
  unsigned threads = 0;
  bool json = false;
};

/// The files go where nothing stands yet, or where only a catalogue does.
status check_target(const std::filesystem::path& to) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(to, error)) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with(tracks_name) && !name.starts_with(recordings_name))
      return fail(failure::refused, to.string() + " holds " + legible(name) + "; choose an empty directory");
  }
  return {};
}

status run(const catalogue_options& options) {
  forbid_core_dumps();
  const auto threads = options.threads == 0 ? usable_cpus() : options.threads;
  const auto memory =
      options.memory == 0 ? std::min<std::uint64_t>(usable_memory() / 2, 4ULL << 30) : options.memory;
  if (auto s = check_target(options.to); !s.ok()) return s;
  for (std::size_t i = 1; i < options.outs.size(); ++i)
    for (std::size_t k = 0; k < i; ++k) {
      std::error_code error;
      if (std::filesystem::equivalent(options.outs[i], options.outs[k], error))
        return fail(failure::refused, options.outs[i].string() + " is named twice, and would count twice");
    }
  std::vector<part_source> parts;
  for (const auto& out : options.outs) {
    auto books = open_ledger(out);
    if (!books) return books.error();
    if (const auto runs = books->runs(); !runs.empty() && !runs.back().finished)
      return fail(failure::refused, out.string() + ": run " + std::to_string(runs.back().run) +
                                        " is not finished; run the same `outro export` again first");
    std::error_code error;
    if (!std::filesystem::is_directory(out / "catalogue" / "parts", error))
      return fail(failure::refused, out.string() +
                                        " was exported with --no-catalogue, and keeps nothing to merge; "
                                        "only a new directory can have one");
    auto more = catalogue_parts(out, *books);
    if (!more) return more.error();
    std::move(more->begin(), more->end(), std::back_inserter(parts));
  }
  if (auto s = make_private_directory(options.to); !s.ok()) return s;
  const auto totals = write_catalogue(parts, options.to, memory, threads);
  if (!totals) return totals.error();
  standard_output out;
  if (options.json)
    out.write("{\"tracks\":" + std::to_string(totals->tracks) +
              ",\"recordings\":" + std::to_string(totals->recordings) +
              ",\"conflicts\":" + std::to_string(totals->conflicts) + "}\n");
  else
    out.write(format_count(totals->tracks) + " tracks, " + format_count(totals->recordings) +
              " recordings, " + format_count(totals->conflicts) + " ids with conflicting metadata\n");
  return out.close();
}

}  // namespace

void add_catalogue(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<catalogue_options>();
  auto* command = app.add_subcommand(
      "catalogue",
      "Merge the catalogues of several output directories: every track and recording, no personal data");
  command->add_option("outs", options->outs, "Output directories of finished exports")
      ->required()
      ->type_name("OUT");
  command->add_option("--to", options->to, "Directory for tracks.ndjson.zst and recordings.ndjson.zst")
      ->required()
      ->type_name("DIR");
  command
      ->add_option("--threads", options->threads, "Threads (default: the CPUs that this container may use)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  add_size(*command, "--memory", options->memory,
           "Memory for the tables of tracks (default: half of what the container may use, at most 4G); less "
           "reads the parts more often");
  command->add_flag("--json", options->json, "The totals as one JSON object");
  command->footer(
      "An account that several directories hold counts once in each. `outro "
      "export`\n"
      "makes the catalogue of its own directory at its end.\n"
      "Exit codes: 0; 1 a part is missing or damaged; 2 a directory is no finished export or keeps no "
      "catalogue,\nor DIR holds other files.");
  command->callback([options, &exit_code] { exit_code = report(run(*options)); });
}

}  // namespace outro
