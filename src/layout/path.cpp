#include "layout/path.h"

#include <fmt/format.h>

#include <algorithm>

namespace outro {

void refuse(std::uint32_t line, const std::string& reason) {
  throw layout_error(line, reason);
}

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 80;
  std::string shown(text.substr(0, longest));
  if (text.size() > longest) {
    // Never cut inside a UTF-8 sequence.
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    shown.resize(end);
    shown += "...";
  }
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return '"' + shown + '"';
}

static void check_key(std::string_view key, const placed_text& path) {
  if (key.find(']') != std::string_view::npos) refuse(path.line, "stray ] in path " + quoted(path.text));
  if (key.front() == ' ' || key.back() == ' ')
    refuse(path.line, "white space around a key in path " + quoted(path.text));
}

static void check_depth(const layout_path& path, std::uint32_t line) {
  if (path.size() > max_path_steps)
    refuse(line, fmt::format("path {} has {} steps; at most {} are allowed (each key and each [] is one)",
                             quoted(path_text(path)), path.size(), max_path_steps));
}

layout_path parse_path(const placed_text& path) {
  layout_path steps;
  std::string_view rest = path.text;
  if (rest.empty()) refuse(path.line, "an empty path");
  while (true) {
    const auto dot = rest.find('.');
    const auto part = rest.substr(0, dot);
    const auto key = part.substr(0, part.find('['));
    auto brackets = part.substr(key.size());
    if (key.empty() && brackets.empty()) refuse(path.line, "an empty step in path " + quoted(path.text));
    if (key.empty()) refuse(path.line, "[] must follow a key in path " + quoted(path.text));
    check_key(key, path);
    steps.emplace_back(key);
    for (; brackets.starts_with(element_step); brackets.remove_prefix(element_step.size()))
      steps.emplace_back(element_step);
    if (!brackets.empty())
      refuse(path.line, "only [] or a dot may follow a key in path " + quoted(path.text));
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  check_depth(steps, path.line);
  return steps;
}

layout_path parse_relative_path(const placed_text& path) {
  if (path.text == ".") return {};
  return parse_path(path);
}

layout_path joined(const layout_path& front, const layout_path& back, std::uint32_t line) {
  layout_path whole = front;
  whole.insert(whole.end(), back.begin(), back.end());
  check_depth(whole, line);
  return whole;
}

std::string path_text(const layout_path& path) {
  std::string text;
  for (const auto& step : path) {
    if (step != element_step && !text.empty()) text += '.';
    text += step;
  }
  return text;
}

bool is_prefix(const layout_path& front, const layout_path& whole) {
  return front.size() <= whole.size() && std::equal(front.begin(), front.end(), whole.begin());
}

bool has_element_step(const layout_path& path, std::size_t from) {
  return std::find(path.begin() + static_cast<std::ptrdiff_t>(from), path.end(), element_step) != path.end();
}

std::uint32_t node_at(std::vector<layout_node>& trie, const layout_path& path) {
  std::uint32_t at = 0;
  for (const auto& step : path) {
    const bool element = step == element_step;
    auto next = element ? trie[at].element : layout::child(trie[at], step);
    if (next == no_index) {
      next = static_cast<std::uint32_t>(trie.size());
      if (element)
        trie[at].element = next;
      else
        trie[at].keys.emplace_back(step, next);
      trie.emplace_back();  // last: it may move the nodes
    }
    at = next;
  }
  return at;
}

}  // namespace outro
