#include "jobs/export/roster.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <string_view>

#include "base/file.h"
#include "base/utf8.h"

namespace outro {

static constexpr std::size_t longest_id = 128;
static constexpr std::uint64_t largest_roster = 4ULL << 30;

static bool is_account_id(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
  return text.size() <= longest_id && std::none_of(text.begin(), text.end(), is_control) &&
         simdjson::validate_utf8(text.data(), text.size());
}

result<std::vector<std::string>> read_roster(const std::filesystem::path& path) {
  const auto text = read_file(path, largest_roster);
  if (!text) return fail(failure::usage, "--roster: " + text.error().message);
  std::vector<std::string> accounts;
  std::size_t line = 0;
  for (std::string_view rest = *text; !rest.empty();) {
    const auto end = rest.find('\n');
    const auto account = trimmed(rest.substr(0, end));
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    ++line;
    if (!is_account_id(account))
      return fail(failure::usage,
                  fmt::format("--roster: {}:{}: this is no account id; a roster is UTF-8 text, one id a line",
                              shown(path.native()), line));
    if (!account.empty()) accounts.emplace_back(account);
  }
  if (accounts.empty())
    return fail(failure::usage,
                fmt::format("--roster: {} names no account; one id a line", shown(path.native())));
  return accounts;
}

}  // namespace outro
