#include "cli/tools.h"

#include <unistd.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>

#include "base/file.h"
#include "base/units.h"
#include "base/utf8.h"

namespace outro {

void standard_output::write(std::string_view text) {
  constexpr std::size_t full = 64U << 10;
  buffer_.append(text);
  if (buffer_.size() < full || !failure_.ok()) return;
  failure_ = write_all(STDOUT_FILENO, buffer_, "standard output");
  buffer_.clear();
}

void standard_output::flush() {
  (void)close();
}

status standard_output::close() {
  if (failure_.ok()) failure_ = write_all(STDOUT_FILENO, buffer_, "standard output");
  buffer_.clear();
  return failure_;
}

std::vector<std::string> command_line() {
  std::ifstream in("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> arguments;
  for (std::string a; std::getline(in, a, '\0');) arguments.push_back(a);
  return arguments;
}

std::filesystem::path temporary_folder() {
  const char* folder = std::getenv("TMPDIR");
  return folder != nullptr && *folder != '\0' ? folder : "/tmp";
}

CLI::Option_group* add_account(CLI::App& command, const std::function<void(const std::string&)>& take) {
  auto* group = command.add_option_group("account");
  group->add_option_function<std::string>("--account", take, "The account's id")->type_name("ID");
  group
      ->add_option_function<std::string>(
          "--account-json",
          [take](const std::string& text) {
            boost::system::error_code wrong;
            const auto id = boost::json::parse(text, wrong);
            if (wrong || !id.is_string())
              throw CLI::ValidationError("--account-json", shown(text) + " is not a JSON string");
            take(std::string(id.as_string()));
          },
          R"(The account's id as `outro list --json` prints it ("bob\u0000"), for one that no command line holds)")
      ->type_name("JSON");
  return group;
}

std::string iso8601(std::optional<std::int64_t> ms) {
  std::string text;
  if (ms) append_iso8601(text, *ms);
  return text;
}

static std::size_t padding(std::string_view text, std::size_t width) {
  std::size_t points = 0;
  for (const char c : text) points += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1U : 0U;
  return points < width ? width - points : 0;
}

std::string left(std::string_view text, std::size_t width) {
  return std::string(text).append(padding(text, width), ' ');
}
std::string right(std::string_view text, std::size_t width) {
  return std::string(padding(text, width), ' ').append(text);
}

}  // namespace outro
