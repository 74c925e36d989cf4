/// @file
/// Options from a file: `--config FILE`, as `outro tune --write` makes it.
#pragma once

#include <CLI/CLI.hpp>

namespace outro {

/// Gives the command an option --config. The file is TOML of the form `name = value`, where a name is one of
/// the command's long options without its dashes; the command line wins over it. Throws CLI::ParseError,
/// which names file and key, on a key that is no option of the command or that appears twice.
void add_config_file(CLI::App& command);

}  // namespace outro
