#include "cli/config_file.h"

#include <fmt/format.h>

#include <set>

namespace outro {

static void apply(CLI::App& command, const std::string& file) {
  const auto refuse = [&](const std::string& key, const std::string& reason) {
    throw CLI::ConversionError(fmt::format(R"({}: "{}" {})", file, key, reason), "--config");
  };
  std::set<std::string> seen;
  for (const auto& item : CLI::ConfigTOML().from_file(file)) {
    const auto key = item.fullname();
    if (!item.parents.empty()) refuse(key, "is in a table; options belong to the top level");
    auto* option = command.get_option_no_throw("--" + key);
    if (option == nullptr || key == "config" || key == "help")
      refuse(key, fmt::format("is no option of {}", command.get_name()));
    if (!seen.insert(key).second) refuse(key, "appears twice");
    if (!option->empty()) continue;  // given on the command line
    if (option->get_expected_min() == 0)
      option->add_result(option->get_flag_value(key, CLI::ConfigTOML().to_flag(item)));
    else
      option->add_result(item.inputs);
    option->run_callback();
  }
}

void add_config_file(CLI::App& command) {
  command
      .add_option_function<std::string>(
          "--config", [&command](const std::string& file) { apply(command, file); },
          "Options from a file, as `outro tune --write` makes it: `threads = 4`; the command line wins")
      ->type_name("FILE");
}

}  // namespace outro
