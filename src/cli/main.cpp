/// @file
/// The program `outro`: one file per command beside this one.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/commands.h"

int main(int argc, char** argv) {
  CLI::App app{
      "Exports every account of a music service that shuts down: one self-contained archive per account,\n"
      "byte-exact, and the proof that nothing was lost."};
  app.name("outro");
  app.require_subcommand(1);
  app.set_version_flag("--version", "outro " OUTRO_VERSION);
  app.footer(
      "Exit codes: 0 all archived; 1 failed, run the same command again; 2 wrong usage, or refused before "
      "any\n"
      "work; 3 finished with dead letters, damaged shards or missing accounts; 130, 143 stopped by a "
      "signal,\n"
      "run the same command again.");
  int exit_code = 0;
  outro::add_export(app, exit_code);
  outro::add_verify(app, exit_code);
  outro::add_list(app, exit_code);
  outro::add_extract(app, exit_code);
  outro::add_status(app, exit_code);
  outro::add_rebuild(app, exit_code);
  outro::add_layout(app, exit_code);
  outro::add_tune(app, exit_code);
  outro::add_recordings(app, exit_code);
  outro::add_try_documents(app, exit_code);
  outro::add_catalogue(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  } catch (const std::exception& e) {
    (void)std::fprintf(stderr, "outro: %s\n", e.what());
    return 1;
  }
  return exit_code;
}
