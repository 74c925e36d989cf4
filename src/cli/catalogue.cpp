#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <memory>

#include "base/file.h"
#include "base/json_text.h"
#include "base/machine.h"
#include "base/output_names.h"
#include "base/private_folder.h"
#include "base/standard_streams.h"
#include "base/threads.h"
#include "base/utf8.h"
#include "catalogue/merge.h"
#include "catalogue/publish.h"
#include "cli/commands.h"
#include "cli/tools.h"
#include "ledger/temporary_files.h"
#include "output/account_archive.h"
#include "output/catalogue_parts.h"
#include "output/joined_parts.h"

namespace outro {

namespace fs = std::filesystem;

namespace {

struct catalogue_options {
  std::vector<fs::path> outs;
  fs::path to;
  std::uint64_t memory = 0;
  unsigned threads = 0;
  std::uint64_t min_accounts = 2;
  bool publish = false, json = false;
};

/// The files go to a directory that is empty or holds nothing but a catalogue.
status check_target(const fs::path& to) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(to, error)) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with(tracks_name) && !name.starts_with(recordings_name) &&
        !name.starts_with(catalogue_readme_name))
      return fail(failure::refused,
                  fmt::format("{} holds {}; choose an empty directory", shown(to.native()), shown(name)));
  }
  return {};
}

status check_distinct(const std::vector<fs::path>& outs) {
  for (std::size_t i = 1; i < outs.size(); ++i)
    for (std::size_t k = 0; k < i; ++k) {
      std::error_code error;
      if (fs::equivalent(outs[i], outs[k], error))
        return fail(failure::refused, fmt::format("{} is named twice", shown(outs[i].native())));
    }
  return {};
}

/// A finished export that keeps the parts of its catalogue.
result<opened_output> open_finished(const fs::path& out) {
  keep_temporary_files_in(out);
  auto books = open_ledger(out);
  if (!books) return books.error();
  if (const auto runs = books->runs(); !runs.empty() && !runs.back().finished)
    return fail(failure::refused,
                fmt::format("{}: run {} is not finished; run the same `outro export` again first",
                            shown(out.native()), runs.back().run));
  const auto keeps = keeps_catalogue(out);
  if (!keeps) return keeps.error();
  if (!*keeps)
    return fail(failure::refused,
                fmt::format("{} was exported with --no-catalogue, and keeps nothing to merge; "
                            "only a new directory can have one",
                            shown(out.native())));
  return opened_output{out, std::move(*books)};
}

std::string json_of(const catalogue_totals& t) {
  return serialized(boost::json::object{{"tracks", t.tracks},
                                        {"recordings", t.recordings},
                                        {"conflicts", t.conflicts},
                                        {"doubtful", t.doubtful}});
}

std::string text_of(const catalogue_totals& t) {
  return fmt::format(
      "{} tracks, {} recordings, {} ids with conflicting metadata, {} doubtful pairs of recordings",
      format_count(t.tracks), format_count(t.recordings), format_count(t.conflicts),
      format_count(t.doubtful));
}

std::string json_of(const publishing_totals& t) {
  return serialized(boost::json::object{
      {"tracks", t.tracks},
      {"recordings", t.recordings},
      {"left_out",
       boost::json::object{{"few_accounts", t.rest.rare}, {"no_common_title", t.rest.untitled}}}});
}

std::string text_of(const publishing_totals& t, std::uint64_t least) {
  return fmt::format(
      "{} tracks, {} recordings; left out: {} ids that fewer than {} accounts have, {} without a title that "
      "{} accounts say",
      format_count(t.tracks), format_count(t.recordings), format_count(t.rest.rare), least,
      format_count(t.rest.untitled), least);
}

/// Makes what was asked for; returns what there is to say of it.
result<std::string> merge(const std::vector<part_source>& parts, const catalogue_options& options,
                          std::uint64_t memory, unsigned threads) {
  if (!options.publish) {
    const auto totals = write_catalogue(parts, options.to, memory, threads);
    if (!totals) return totals.error();
    return options.json ? json_of(*totals) : text_of(*totals);
  }
  const auto totals = publish_catalogue(parts, options.to, options.min_accounts, memory, threads);
  if (!totals) return totals.error();
  return options.json ? json_of(*totals) : text_of(*totals, options.min_accounts);
}

status run(const catalogue_options& options) {
  forbid_core_dumps();
  outlive_readers();
  const auto threads = options.threads == 0 ? usable_cpus() : options.threads;
  const auto memory =
      options.memory == 0 ? std::min<std::uint64_t>(usable_memory() / 2, 4ULL << 30) : options.memory;
  if (auto s = check_target(options.to); !s.ok()) return s;
  if (auto s = check_distinct(options.outs); !s.ok()) return s;
  std::vector<opened_output> outputs;
  for (const auto& out : options.outs) {
    auto opened = open_finished(out);
    if (!opened) return opened.error();
    outputs.push_back(std::move(*opened));
  }
  const auto parts = joined_parts(outputs, memory);
  if (!parts) return parts.error();
  if (auto s = prepare_threads({.workers = threads - 1}); !s.ok()) return s;
  if (auto s = make_private_directory(options.to, links::followed); !s.ok()) return s;
  const auto said = merge(*parts, options, memory, threads);
  if (!said) return said.error();
  return write_result(*said + "\n");
}

}  // namespace

void add_catalogue(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<catalogue_options>();
  auto* command = app.add_subcommand("catalogue",
                                     "Merge the catalogues of output directories: every track and recording, "
                                     "complete and private; with --publish, "
                                     "what may be shared of them");
  command->add_option("outs", options->outs, "Output directories of finished exports")
      ->required()
      ->type_name("OUT");
  command
      ->add_option("--to", options->to, fmt::format("Directory for {} and {}", tracks_name, recordings_name))
      ->required()
      ->type_name("DIR");
  auto* publish = command->add_flag("--publish", options->publish,
                                    "Only what several accounts say alike, so that it may be shared: no "
                                    "private uploads, nothing one person typed");
  command
      ->add_option(
          "--min-accounts", options->min_accounts,
          "With --publish: how many accounts must say a value (default: 2; with 1, it stays private)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000'000))
      ->needs(publish);
  command
      ->add_option("--threads", options->threads, "Threads (default: the CPUs that this container may use)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  add_size(*command, "--memory", options->memory,
           "Memory for the tables of tracks (default: half of what the container may use, at most 4G); less "
           "reads the parts more often");
  command->add_flag("--json", options->json, "The totals as one JSON object");
  command->footer(
      R"(An account that several directories hold counts once, by its current archive: it is known by its id. The
directories are of one service. `outro export` makes the complete catalogue of its own directory at its end.
Exit codes: 0; 1 a part is missing or damaged; 2 a directory is no finished export or keeps no catalogue,
or DIR holds other files, or the directories are of different services.)");
  command->callback([options, &exit_code] { exit_code = report(run(*options)); });
}

}  // namespace outro
