/// Nobody but base/output_names spells a name of an output directory.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace outro {
namespace {

namespace fs = std::filesystem;

struct literal {
  std::size_t line = 0;
  std::string text;
};

/// The string literals of a source, raw ones too; comments, characters and includes are left out.
std::vector<literal> literals_of(std::string_view source) {
  std::vector<literal> found;
  std::size_t line = 1;
  const auto skip_to = [&](std::size_t from, std::size_t to) {
    line += static_cast<std::size_t>(std::count(source.begin() + static_cast<std::ptrdiff_t>(from),
                                                source.begin() + static_cast<std::ptrdiff_t>(to), '\n'));
    return to;
  };
  const auto end_of = [&](std::string_view mark, std::size_t from) {
    const auto at = source.find(mark, from);
    return at == source.npos ? source.size() : at + mark.size();
  };
  for (std::size_t i = 0; i < source.size();) {
    const auto rest = source.substr(i);
    if (rest.starts_with("//") || rest.starts_with("#include")) {
      i = skip_to(i, std::min(source.find('\n', i), source.size()));
    } else if (rest.starts_with("/*")) {
      i = skip_to(i, end_of("*/", i));
    } else if (rest.starts_with("R\"")) {
      const auto open = source.find('(', i);
      const auto mark = ")" + std::string(source.substr(i + 2, open - i - 2)) + "\"";
      const auto end = end_of(mark, open);
      found.push_back({line, std::string(source.substr(open + 1, end - mark.size() - open - 1))});
      i = skip_to(i, end);
    } else if (rest.starts_with("'") && i > 0 &&
               std::isalnum(static_cast<unsigned char>(source[i - 1])) == 0) {
      for (++i; i < source.size() && source[i] != '\''; ++i)
        if (source[i] == '\\') ++i;
      ++i;
    } else if (rest.starts_with("\"")) {
      std::string text;
      for (++i; i < source.size() && source[i] != '"'; ++i) {
        text += source[i];
        if (source[i] == '\\') text += source[++i];
      }
      ++i;
      found.push_back({line, text});
    } else {
      i = skip_to(i, i + 1);
    }
  }
  return found;
}

/// Whether a text spells a name that stands in base/output_names.h.
bool spells_a_name(std::string_view text) {
  constexpr std::string_view folders[] = {"packs/", "dead-letters/", "catalogue/"};
  for (const char* part : {"SHA256SUMS", "ledger.sqlite", "summary.json", "report.html", ".partial", "-wal",
                           ".ndjson.zst", ".tar.zst"})
    if (text.find(part) != text.npos) return true;
  return std::any_of(std::begin(folders), std::end(folders), [&](auto f) { return text.starts_with(f); });
}

TEST(output_literals, are_found_wherever_a_source_has_them) {
  const auto found = literals_of(R"x(// "comment"
#include "a.h"
auto b = 'c' + '"' + 1'000; /* "d
" */ auto e = "f\"g";
auto h = R"sql(i "j"
)sql" "k";
)x");
  std::vector<std::pair<std::size_t, std::string>> seen;
  for (const auto& l : found) seen.emplace_back(l.line, l.text);
  EXPECT_EQ(seen,
            (std::vector<std::pair<std::size_t, std::string>>{{4, R"(f\"g)"}, {5, "i \"j\"\n"}, {6, "k"}}));
}

TEST(output_literals, stand_in_one_place) {
  std::string found;
  std::size_t sources = 0;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(OUTRO_SOURCE_DIR) / "src")) {
    const auto& path = entry.path();
    if (path.extension() != ".cpp" && path.extension() != ".h") continue;
    ++sources;
    if (path.stem() == "output_names") continue;
    std::ifstream in(path, std::ios::binary);
    const std::string source(std::istreambuf_iterator<char>(in), {});
    // These are words of JSON as well: what counts is a path that is made of them.
    static const std::regex joined(R"x(/ "(lock|packs|dead-letters|catalogue|parts)")x");
    if (std::regex_search(source, joined))
      found += fs::relative(path, OUTRO_SOURCE_DIR).string() + " joins a name\n";
    for (const auto& l : literals_of(source))
      if (spells_a_name(l.text))
        found += fs::relative(path, OUTRO_SOURCE_DIR).string() + ":" + std::to_string(l.line) + ": \"" +
                 l.text.substr(0, 100) + "\"\n";
  }
  EXPECT_GT(sources, 100U);
  EXPECT_EQ(found, "") << "these belong to base/output_names.h";
}

}  // namespace
}  // namespace outro
