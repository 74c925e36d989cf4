#include "cli/program.h"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <new>

#include "base/machine.h"
#include "base/standard_streams.h"
#include "base/threads.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/tools.h"
#include "report/run_log.h"

namespace outro {

namespace {

/// A wrong command line is reported in the form that it asks for, even where it cannot be parsed.
bool asks_for_json_log(const std::vector<std::string>& words) {
  for (std::size_t i = 1; i < words.size(); ++i)
    if (words[i] == "--log=json" || (words[i] == "json" && words[i - 1] == "--log")) return true;
  return false;
}

}  // namespace

int run_program(int argc, char** argv) {
  hold_standard_streams();
  end_in_order_without_threads();
  // What a huge document took goes back to the system when it is freed. By itself, glibc would raise this
  // bound with every such document, and keep what lies between others' memory. The blocks of an export are
  // smaller, and stay with the heap: to fetch their pages anew would take a tenth of the CPU.
  (void)::mallopt(M_MMAP_THRESHOLD, 8 << 20);
  (void)::mallopt(M_TRIM_THRESHOLD, 16 << 20);
  // Each heap keeps that much, and would be one thread's alone: what many threads keep would exceed --memory.
  (void)::mallopt(M_ARENA_MAX, 3);
  CLI::App app{
      "Exports every account of a music service that shuts down: one self-contained archive per account,\n"
      "byte-exact, and the proof that nothing was lost."};
  app.name("outro");
  app.require_subcommand(1);
  app.set_version_flag("--version", "outro " OUTRO_VERSION);
  app.footer(
      R"(Exit codes: 0 all archived; 1 failed, run the same command again; 2 wrong usage, or refused before any
work; 3 finished with dead letters, damaged shards or missing accounts; 4 the deadline will be missed;
130, 143 stopped by a signal, run the same command again.)");
  // What the command line holds may be names of files, put there by the shell.
  app.failure_message([](const CLI::App*, const CLI::Error& e) {
    return legible(e.what()) + "\nRun with --help for more information.\n";
  });
  ::umask(0077);  // whatever is made is its owner's alone
  raise_open_files();
  int exit_code = 0;
  add_export(app, exit_code);
  add_verify(app, exit_code);
  add_list(app, exit_code);
  add_extract(app, exit_code);
  add_status(app, exit_code);
  add_rebuild(app, exit_code);
  add_layout(app, exit_code);
  add_plan(app, exit_code);
  add_tune(app, exit_code);
  add_recordings(app, exit_code);
  add_crash_probe(app, exit_code);
  add_catalogue(app, exit_code);
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  const auto named = [&](const CLI::App* command) { return command->get_name() == argv[1]; };
  if (argc > 1 && argv[1][0] != '-' && std::none_of(commands.begin(), commands.end(), named)) {
    const auto unknown = fail(
        failure::usage, fmt::format("there is no command {}; `outro --help` lists them", shown(argv[1])));
    if (!asks_for_json_log(command_line())) return report(unknown);
    log_failure(unknown);
    return 2;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() != 0 && asks_for_json_log(command_line())) {
      log_failure(fail(failure::usage, e.what()));
      return 2;
    }
    if (app.exit(e) != 0) return 2;
    if (std::cout.flush()) return 0;
    return report(fail(failure::io, "the help or the version cannot be written to standard output"));
  } catch (const std::bad_alloc&) {
    (void)std::fputs("outro: out of memory; run the same command again where there is more\n", stderr);
    return 1;
  } catch (const std::exception& e) {
    if (const auto why = thread_failure(e)) return report(*why);
    (void)std::fprintf(stderr, "outro: %s\n", legible(e.what()).c_str());
    return 1;
  }
  return exit_code;
}

}  // namespace outro
