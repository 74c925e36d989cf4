#include "catalogue/lines.h"

#include <algorithm>
#include <charconv>

#include "base/json_text.h"
#include "catalogue/descriptions.h"
#include "catalogue/object_reader.h"

namespace outro {

namespace {

constexpr std::size_t most_variants = 16;  ///< of one id in a line; all are counted

/// The other variants of a track that its line has, the newest first.
std::vector<std::uint32_t> others_of(const catalogue_table& table, const catalogue_table::track& t) {
  std::vector<std::uint32_t> variants;
  for (auto i = t.begin; i < t.end; ++i)
    if (i != t.shown && table.tally_of(i).occurs()) variants.push_back(i);
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    const auto x = table.tally_of(a).newest, y = table.tally_of(b).newest;
    return x != y ? x > y : table.variant_at(a).content > table.variant_at(b).content;
  };
  const auto kept = std::min(variants.size(), most_variants - 1);
  std::partial_sort(variants.begin(), variants.begin() + static_cast<std::ptrdiff_t>(kept), variants.end(),
                    before);
  variants.resize(kept);
  return variants;
}

void put_number(std::string& out, std::string_view key, std::uint64_t n) {
  char digits[24];
  out.append(key).append(digits, std::to_chars(digits, digits + sizeof digits, n).ptr);
}

}  // namespace

status append_lines(const catalogue_table& table, std::span<const catalogue_run> runs,
                    const catalogue_groups& groups, const track_range& range, catalogue_lines& out) {
  const auto [first, from, to] = range;
  std::vector<wanted_description> all;
  all.reserve(to - from + 16);
  for (auto number = from; number < to; ++number) {
    const auto t = table.at(number);
    all.push_back(wanted_of(table, t.shown));
    if (t.status != t.shown) all.push_back(wanted_of(table, t.status));
    if (t.variants == 1) continue;
    for (const auto i : others_of(table, t)) all.push_back(wanted_of(table, i));
  }
  std::vector<std::string> texts;  // what `fields` point into
  if (auto s = read_fields(all, runs, texts); !s.ok()) return s;

  constexpr std::size_t usual_line = 128;  // of a line, beside the fields
  std::size_t expected = 0;
  for (const auto& w : all) expected += w.fields.size() + usual_line;
  if (out.tracks.capacity() < out.tracks.size() + expected) out.tracks.reserve(out.tracks.size() + expected);

  catalogue_groups::cursor group(groups, first + from);
  object_reader said, newest;
  std::string others;
  auto w = all.begin();
  for (auto number = from; number < to; ++number) {
    const auto t = table.at(number);
    const auto id = table.id_of(table.variant_at(t.begin)).string();
    const auto* recording = group.recording(first + number);
    auto& line = out.tracks;
    line += R"({"id":)";
    append_json_string(line, id);
    line += R"(,"recording":)";
    append_json_string(line, recording == nullptr ? id : recording->string());
    put_number(line, R"(,"accounts":)", t.counts.accounts);
    put_number(line, R"(,"entries":)", t.counts.entries);
    put_number(line, R"(,"listens":)", t.counts.listens);
    line.append(R"(,"track":)");
    if (t.status == t.shown) {
      line.append(w->fields);
    } else {
      said.read(*runs[w[0].run].rules, w[0].fields);
      newest.read(*runs[w[1].run].rules, w[1].fields);
      line.append(said.with(role::availability, newest));
      ++w;
    }
    ++w;
    if (t.variants > 1) {
      put_number(line, R"(,"conflicts":)", t.variants - 1);
      line += R"(,"others":[)";
      for (std::uint32_t i = 1; i < std::min<std::uint32_t>(t.variants, most_variants); ++i)
        line.append(i == 1 ? "" : ",").append(w++->fields);
      line += ']';
      ++out.totals.conflicts;
    }
    line += "}\n";
    ++out.totals.tracks;
    others.clear();
    if (!group.append_others(others)) continue;
    ++out.totals.recordings;
    auto& made = out.recordings;
    made += R"({"recording":)";
    append_json_string(made, id);
    made += R"(,"tracks":[{"id":)";
    append_json_string(made, id);
    made.append("}").append(others).append("]}\n");
  }
  return {};
}

}  // namespace outro
