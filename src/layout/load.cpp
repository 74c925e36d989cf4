#include "layout/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/file.h"
#include "layout/compile.h"
#include "layout/path.h"
#include "layout/toml_parser.h"

namespace outro {

/// A layout of a hundred tables has some 10 KB; a file above this is not a layout.
static constexpr std::size_t max_layout_bytes = std::size_t{1} << 20;

/// The parser nests a table for each dot of a key and frees them recursively, so a key of many thousand dots
/// would overflow the stack. A key of a layout has at most one.
static constexpr std::ptrdiff_t max_dots_of_line = 32;

static status refusal(std::string_view name, std::uint32_t line, std::string_view reason) {
  std::string message(name);
  message.append(":").append(std::to_string(line)).append(": ").append(reason);
  // The parser quotes the file as it is; a message has one line.
  for (char& c : message)
    if (static_cast<unsigned char>(c) < 0x20) c = '?';
  return fail(failure::usage, std::move(message));
}

/// The number of the first line with too many dots, or 0.
static std::uint32_t line_of_many_dots(std::string_view toml) {
  for (std::uint32_t line = 1; !toml.empty(); ++line) {
    const auto text = toml.substr(0, toml.find('\n'));
    toml.remove_prefix(std::min(text.size() + 1, toml.size()));
    const auto first = text.find_first_not_of(" \t");
    const bool comment = first != std::string_view::npos && text[first] == '#';
    // Dots of values count too: a list with that many can be broken into lines.
    if (!comment && std::count(text.begin(), text.end(), '.') > max_dots_of_line) return line;
  }
  return 0;
}

/// The end of the TOML string that starts at `from`, in any of the four quotings; a line feed ends a string
/// of one line.
static std::size_t end_of_text(std::string_view toml, std::size_t from) {
  const char quote = toml[from];
  const std::string three(3, quote);
  const bool many_lines = toml.substr(from).starts_with(three);
  auto at = from + (many_lines ? 3 : 1);
  while (at < toml.size() && !(many_lines ? toml.substr(at).starts_with(three) : toml[at] == quote)) {
    if (!many_lines && toml[at] == '\n') return at;
    at += quote == '"' && toml[at] == '\\' ? 2 : 1;
  }
  at = std::min(at + (many_lines ? 3 : 1), toml.size());
  // Up to two more quotes belong to a text of many lines.
  for (int more = 0; many_lines && more < 2 && at < toml.size() && toml[at] == quote; ++more) ++at;
  return at;
}

/// The number of the first line with non-ASCII bytes where TOML allows none, or 0. toml++ 3.3 looks for
/// Unicode white space there, and in """ strings, with code that runs into "unreachable".
static std::uint32_t line_of_stray_bytes(std::string_view toml) {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  const auto is_stray = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  const auto line_at = [&](std::size_t at) {
    return static_cast<std::uint32_t>(
        1 + std::count(toml.begin(), toml.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
  };
  for (std::size_t at = toml.starts_with(mark) ? mark.size() : 0; at < toml.size();) {
    if (is_stray(toml[at])) return line_at(at);
    if (toml[at] == '#') {
      at = std::min(toml.find('\n', at), toml.size());
    } else if (toml[at] == '"' || toml[at] == '\'') {
      const auto end = end_of_text(toml, at);
      const auto text = toml.substr(at, end - at);
      if (text.starts_with("\"\"\"") && std::any_of(text.begin(), text.end(), is_stray)) return line_at(at);
      at = end;
    } else {
      ++at;
    }
  }
  return 0;
}

result<layout> parse_layout(std::string_view toml, std::string_view name) {
  if (toml.size() > max_layout_bytes) return refusal(name, 1, "a layout has at most 1 MiB");
  if (const auto line = line_of_many_dots(toml); line != 0)
    return refusal(name, line, "more than 32 dots in one line; break it into several");
  if (const auto line = line_of_stray_bytes(toml); line != 0)
    return refusal(name, line,
                   "a character beyond ASCII outside of comments and of strings in quotes or single quotes");
  try {
    const toml::table root = toml::parse(toml);
    layout compiled = compile_layout(root);
    compiled.source = toml;
    return compiled;
  } catch (const layout_error& e) {
    return refusal(name, e.line(), e.what());
  } catch (const toml::parse_error& e) {
    return refusal(name, std::max<std::uint32_t>(1, e.source().begin.line), e.description());
  }
}

result<layout> load_layout(std::string_view name_or_path) {
  if (const auto toml = built_in_layout(name_or_path); !toml.empty()) return parse_layout(toml, name_or_path);
  if (!name_or_path.ends_with(".toml"))
    return fail(failure::usage,
                fmt::format("there is no layout {}; name a built-in one (xiami) or a file that ends in .toml",
                            quoted(name_or_path)));
  auto toml = read_file(std::filesystem::path(name_or_path));
  // A layout that cannot be read is an error of the command line: nothing has begun.
  if (!toml) return fail(failure::usage, toml.error().message);
  return parse_layout(*toml, name_or_path);
}

}  // namespace outro
