/// @file
/// The commands. Each adds itself to the program and, when it is called, sets the process's exit code.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

#include "base/units.h"
#include "base/utf8.h"
#include "outro/status.h"

namespace outro {

void add_export(CLI::App& app, int& exit_code);
void add_verify(CLI::App& app, int& exit_code);
void add_list(CLI::App& app, int& exit_code);
void add_extract(CLI::App& app, int& exit_code);
void add_rebuild(CLI::App& app, int& exit_code);
void add_layout(CLI::App& app, int& exit_code);
void add_plan(CLI::App& app, int& exit_code);
void add_tune(CLI::App& app, int& exit_code);
void add_recordings(CLI::App& app, int& exit_code);
void add_status(CLI::App& app, int& exit_code);
/// Started by an export only: the probe's side of jobs/export/crash_probe.h.
void add_crash_probe(CLI::App& app, int& exit_code);
void add_catalogue(CLI::App& app, int& exit_code);

/// Writes what went wrong to standard error, and returns the exit code.
inline int report(const status& s) {
  if (s.ok()) return 0;
  (void)std::fprintf(stderr, "outro: %s\n", legible(s.message).c_str());
  return exit_code_of(s);
}

/// An option that takes a size with a binary suffix ("512M").
inline CLI::Option* add_size(CLI::App& command, const std::string& name, std::uint64_t& value,
                             const std::string& help) {
  return command
      .add_option_function<std::string>(
          name,
          [&value, name](const std::string& text) {
            const auto size = parse_size(text);
            if (!size)
              throw CLI::ValidationError(name,
                                         fmt::format(R"("{}" is not a size such as 64K, 512M or 2G)", text));
            value = *size;
          },
          help)
      ->type_name("SIZE");
}

/// An option that takes an instant with its offset from UTC ("2021-03-05T00:00:00+08:00").
inline CLI::Option* add_time(CLI::App& command, const std::string& name, std::int64_t& ms,
                             const std::string& help) {
  return command
      .add_option_function<std::string>(
          name,
          [&ms, name](const std::string& text) {
            const auto at = parse_iso8601(text);
            if (!at)
              throw CLI::ValidationError(
                  name, fmt::format(R"("{}" is not a time with its offset from UTC, such as {})", text,
                                    "2021-03-05T00:00:00+08:00"));
            ms = *at;
          },
          help)
      ->type_name("TIME");
}

/// --catalogue and --no-catalogue, on the command line and (`catalogue = false`) in a config file.
inline void add_catalogue_switch(CLI::App& command, const std::function<void(bool)>& set,
                                 const std::string& help) {
  auto* with = command.add_flag_function(
      "--catalogue", [set](std::int64_t n) { set(n > 0); }, help);
  command
      .add_flag_function(
          "--no-catalogue", [set](std::int64_t n) { set(n <= 0); }, "Without it")
      ->excludes(with);
}

}  // namespace outro
