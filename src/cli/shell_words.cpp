#include "cli/shell_words.h"

#include <fmt/format.h>

#include <string_view>

#include "base/utf8.h"

namespace outro {

/// As bash and zsh spell what a terminal would not show as it is: $'\x1b'.
static std::string escaped_for_shell(std::string_view word) {
  std::string quoted = "$'";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = byte >= 0x20 && byte < 0x7f && c != '\'' && c != '\\';
    quoted += is_plain ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
  }
  return quoted + "'";
}

std::string shell_quoted(const std::string& word) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  if (legible(word) != word) return escaped_for_shell(word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace outro
