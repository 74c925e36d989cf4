#include <memory>

#include "cli/commands.h"
#include "cli/lister.h"
#include "ledger/temporary_files.h"
#include "output/account_archive.h"

namespace outro {

static status list(const list_options& options) {
  if (options.given > 1)
    return fail(
        failure::usage,
        "one listing at a time: --accounts, --account, --packs, --slices, --shards or --dead-letters");
  keep_temporary_files_in(options.out);
  auto opened = open_ledger(options.out);
  if (!opened) return opened.error();
  return lister(*opened, options).run();
}

void add_list(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<list_options>();
  auto* command = app.add_subcommand("list", "What an output directory holds; also while an export runs");
  const auto choose = [options](listing what) {
    return [options, what] {
      options->what = what;
      ++options->given;
    };
  };
  command->add_option("out", options->out, "Output directory of an export")->required()->type_name("OUT");
  command->add_flag_callback("--accounts", choose(listing::accounts),
                             "Every account with its current archive: pack, offset, bytes");
  add_account(*command, [options, choose](const std::string& id) {
    options->account = id;
    choose(listing::account)();
  })->description("Every dump of one account that was seen, and what became of it; the newest first");
  command->add_flag_callback("--packs", choose(listing::packs), "Every pack with its size and SHA-256");
  command->add_flag_callback("--slices", choose(listing::slices),
                             "Every slice with its byte range in its unit");
  command->add_flag_callback("--shards", choose(listing::shards),
                             "Every input file, and whether it was read to its end");
  command->add_flag_callback(
      "--dead-letters", choose(listing::dead_letters),
      "Every document that could not be exported: why, where it came from, where its bytes are kept");
  command->add_flag("--json", options->json, "One JSON object a line");
  command->footer("Exit codes: 0; 1 the ledger cannot be read; 2 there is no ledger, or no such account.");
  command->callback([options, &exit_code] { exit_code = report(list(*options)); });
}

}  // namespace outro
