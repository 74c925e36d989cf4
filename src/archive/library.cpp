#include "archive/library.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace outro {

// Shared by the writer and the reader.
static constexpr std::string_view head = R"({"format":"outro-library/1","ref":"$t)",
                                  head_end = R"(","tracks":[)", dump_key = R"(],"dump":)", tail = "}\n";

/// The smallest number that no reference of the document takes. One pass over the document, not one for each
/// reference, because a hostile document may hold millions.
static unsigned free_number(std::string_view document) {
  static constexpr std::string_view open = "{\"$t";
  std::vector<unsigned> taken;
  for (auto at = document.find(open); at != document.npos; at = document.find(open, at + 1)) {
    const auto rest = document.substr(at + open.size());
    unsigned number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    const auto digits = static_cast<std::size_t>(end - rest.data());
    // Our numbers have no leading zero; one that is too large is never ours.
    const bool is_number = digits == 0 || (error == std::errc{} && rest.front() != '0');
    if (is_number && rest.substr(digits).starts_with("\":")) taken.push_back(number);
  }
  std::sort(taken.begin(), taken.end());
  unsigned number = 0;
  for (const auto n : taken) number += n == number ? 1U : 0U;
  return number;
}

/// What follows `$t` in the name of this document's references.
static std::string suffix_of(const account_view& view) {
  // In a document that is grammatical the bytes `{"$t` are an object and its first key, and nothing else.
  const auto number = view.has_reference_key ? free_number(view.document) : 0;
  return number == 0 ? std::string() : std::to_string(number);
}

static std::uint64_t digits_of(std::uint32_t n) {
  std::uint64_t digits = 1;
  for (; n >= 10; n /= 10) ++digits;
  return digits;
}

std::uint64_t library_size(const account_view& view) {
  const auto suffix = suffix_of(view).size();
  std::uint64_t bytes = head.size() + suffix + head_end.size() + 1;
  for (const auto& row : view.rows) bytes += row.length + 2;  // and ",\n"
  if (!view.rows.empty()) --bytes;                            // the last one has no comma
  bytes += dump_key.size() + view.document.size() + tail.size();
  for (const auto& ref : view.refs)
    bytes += std::string_view("{\"$t\":}").size() + suffix + digits_of(ref.row) - view.rows[ref.row].length;
  return bytes;
}

std::size_t append_library(buffer& out, const account_view& view) {
  const auto suffix = suffix_of(view);
  out.append(head).append(suffix).append(head_end).append("\n");
  for (std::size_t r = 0; r < view.rows.size(); ++r)
    out.append(view.row_bytes(r)).append(r + 1 < view.rows.size() ? ",\n" : "\n");
  const auto tracks_end = out.size();
  out.append(dump_key);
  const auto open = "{\"$t" + suffix + "\":";
  std::size_t from = 0;
  for (const auto& ref : view.refs) {
    out.append_padded(view.document.data() + from, ref.begin - from).append(open);
    constexpr std::size_t most = 12;  // digits of 32 bits, and the brace
    char* const digits = out.room(most);
    char* const end = std::to_chars(digits, digits + most, ref.row).ptr;
    *end = '}';
    out.advance(static_cast<std::size_t>(end + 1 - digits));
    from = ref.begin + view.rows[ref.row].length;
  }
  out.append(view.document.substr(from)).append(tail);
  return tracks_end;
}

/// Where the next reference begins. Looks for the dollar sign, which is rarer in dumps than the brace before
/// it.
static std::size_t find_open(std::string_view text, std::string_view open) {
  constexpr std::size_t before = 2;  // the brace and the quote
  for (auto at = text.find('$', before); at != text.npos; at = text.find('$', at + 1))
    if (text.substr(at - before, open.size()) == open) return at - before;
  return text.npos;
}

status restore_document(std::string_view library, std::size_t expected_size, std::string& out) {
  const auto bad = [](const char* what) {
    return fail(failure::corrupt, fmt::format("library.json is damaged: {}", what));
  };
  const auto line_end = library.find('\n');
  if (line_end == library.npos || !library.starts_with(head)) return bad("its head is not ours");
  const auto first = library.substr(0, line_end);
  if (!first.ends_with(head_end) || first.size() < head.size() + head_end.size())
    return bad("its head is not ours");
  const auto suffix = first.substr(head.size(), first.size() - head.size() - head_end.size());
  if (suffix.size() > 9 || suffix.find_first_not_of("0123456789") != suffix.npos)
    return bad("its reference name");
  library.remove_prefix(line_end + 1);

  std::vector<std::string_view> rows;
  while (!library.starts_with(dump_key)) {
    const auto end = library.find('\n');
    if (end == library.npos) return bad("it ends among the tracks");
    auto row = library.substr(0, end);
    if (row.ends_with(',')) row.remove_suffix(1);
    // Keeps a library of line feeds alone from becoming a list many times its size.
    if (row.size() < 2) return bad("a track is no object");
    rows.push_back(row);
    library.remove_prefix(end + 1);
  }
  library.remove_prefix(dump_key.size());
  if (!library.ends_with(tail)) return bad("its end is missing");
  library.remove_suffix(tail.size());

  const auto start = out.size();
  const auto fits = [&](std::string_view piece) {
    return piece.size() <= expected_size - (out.size() - start);
  };
  const auto open = "{\"$t" + std::string(suffix) + "\":";
  for (;;) {
    const auto at = find_open(library, open);
    const auto piece = library.substr(0, at);
    if (!fits(piece)) return bad("it is longer than its manifest says");
    out.append(piece);
    if (at == library.npos) break;
    library.remove_prefix(at + open.size());
    std::size_t row = 0;
    const auto [end, error] = std::from_chars(library.data(), library.data() + library.size(), row);
    const auto digits = static_cast<std::size_t>(end - library.data());
    if (error != std::errc{} || digits >= library.size() || *end != '}' || row >= rows.size())
      return bad("a reference names no track");
    if (!fits(rows[row])) return bad("it is longer than its manifest says");
    out.append(rows[row]);
    library.remove_prefix(digits + 1);
  }
  if (out.size() - start != expected_size) return bad("it is shorter than its manifest says");
  return {};
}

}  // namespace outro
