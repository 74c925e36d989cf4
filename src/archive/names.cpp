#include "archive/names.h"

#include <algorithm>

#include "base/digest.h"
#include "base/utf8.h"

namespace outro {

static bool is_dropped(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0)        // controls
         || c == 0xad || c == 0x61c || c == 0x180e  // soft hyphen, Arabic letter mark, vowel separator
         || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e)  // zero width, lines, bidi
         || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
         (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef) || (c >= 0xe0000 && c <= 0xe0fff);
}

static bool is_replaced(char32_t c) {
  return c < 0x80 && std::string_view("/\\:*?\"<>|").find(static_cast<char>(c)) != std::string_view::npos;
}

/// A character of a name that no file system takes for another one, and that no changed name has.
static bool is_same_everywhere(char c) {
  return c >= 0x20 && c < 0x7f && !(c >= 'A' && c <= 'Z') && c != '~';
}

static bool is_trimmed(char c) {
  return c == '.' || c == ' ';
}

std::string safe_name(std::string_view text, std::size_t max_units, std::size_t max_bytes) {
  std::string name;
  std::size_t units = 0;
  while (!text.empty()) {
    const auto before = text;
    const auto code = take_code_point(text);
    if (is_dropped(code)) continue;
    units += utf16_units(code);
    if (units > max_units || name.size() + before.size() - text.size() > max_bytes) break;
    if (is_replaced(code))
      name += '_';
    else
      name.append(before.substr(0, before.size() - text.size()));
  }
  while (!name.empty() && is_trimmed(name.back())) name.pop_back();
  std::size_t front = 0;
  while (front < name.size() && is_trimmed(name[front])) ++front;
  return name.substr(front);
}

std::string folder_name(std::string_view service, std::string_view account) {
  constexpr std::size_t max_plain = 48, max_readable = 24, hash_digits = 32;
  const bool is_plain = !account.empty() && std::all_of(account.begin(), account.end(), is_same_everywhere) &&
                        safe_name(account, max_plain) == account;
  auto name = std::string(service) + "-";
  if (is_plain) return name.append(account);
  sha256 hash;
  hash.update(account);
  return name.append(safe_name(account, max_readable)).append("~").append(hash.finish_hex(), 0, hash_digits);
}

static std::size_t units_of(std::string_view text) {
  std::size_t units = 0;
  while (!text.empty()) units += utf16_units(take_code_point(text));
  return units;
}

std::string playlist_path(std::string_view folder, std::size_t number, std::string_view name) {
  auto path = std::string(folder) + "/playlists/";
  const auto digits = std::to_string(number);
  if (digits.size() < 3) path.append(3 - digits.size(), '0');
  path += digits;
  const auto used = units_of(path) + 1 + 4;  // the space and ".csv"
  if (const auto safe = safe_name(name, max_path_units - used, max_name_bytes - 16); !safe.empty())
    path += " " + safe;
  return path + ".csv";
}

}  // namespace outro
