#include "catalogue/lines.h"

#include <algorithm>
#include <charconv>

#include "base/json_text.h"

namespace outro {

namespace {

constexpr std::size_t most_variants = 16;  ///< of one id in a line; all are counted

/// A description to read, and its fields once they are read.
struct wanted {
  std::uint32_t run, index;
  std::uint64_t content;
  std::string id;
  std::string_view fields;
};

/// The variants of a track that its line has, the newest first.
std::vector<std::uint32_t> variants_of(const catalogue_table& table, const catalogue_table::track& t) {
  std::vector<std::uint32_t> variants;
  for (auto i = t.begin; i < t.end; ++i)
    if (table.tally_of(i).newest > 0) variants.push_back(i);
  std::sort(variants.begin(), variants.end(), [&](std::uint32_t a, std::uint32_t b) {
    const auto x = table.tally_of(a).newest, y = table.tally_of(b).newest;
    return x != y ? x > y : table.variant_at(a).content > table.variant_at(b).content;
  });
  if (variants.size() > most_variants) variants.resize(most_variants);
  return variants;
}

/// Reads the fields of all wanted descriptions: one span of each run, since runs are in the order of ids too.
status read_fields(std::vector<wanted>& all, std::span<const catalogue_run> runs,
                   std::vector<std::string>& texts) {
  std::vector<std::uint32_t> ends(runs.size() + 1);
  for (const auto& w : all) ++ends[w.run + 1];
  for (std::size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
  std::vector<wanted*> by_run(all.size());
  for (auto& w : all) by_run[ends[w.run]++] = &w;
  for (std::size_t i = 0; i < by_run.size();) {
    const auto number = by_run[i]->run;
    const auto& run = runs[number];
    const auto end = std::size_t{ends[number]};
    auto first = by_run[i]->index, last = first;
    for (auto k = i; k < end; ++k) {
      first = std::min(first, by_run[k]->index);
      last = std::max(last, by_run[k]->index);
    }
    const auto heads = read_heads(run, first, last + std::uint64_t{1});
    if (!heads) return heads.error();
    const std::uint64_t begin = heads->front().text_begin;
    const auto& h = heads->back();
    const auto stop = std::uint64_t{h.text_begin} + h.id_length + h.fields_length;
    if (stop < begin) return damaged_part(run);
    auto text = read_texts(run, begin, stop - begin);
    if (!text) return text.error();
    const std::string_view bytes = texts.emplace_back(std::move(*text));
    for (; i < end; ++i) {
      auto& w = *by_run[i];
      const auto& head = (*heads)[w.index - first];
      const auto at = head.text_begin + std::uint64_t{head.id_length} - begin;
      if (head.text_begin < begin || at > bytes.size() || head.fields_length > bytes.size() - at)
        return damaged_part(run);
      w.fields = bytes.substr(at, head.fields_length);
      if (content_of(hash_of(w.id).low, w.fields) != w.content) return damaged_part(run);
    }
  }
  return {};
}

void put_number(std::string& out, std::string_view key, std::uint64_t n) {
  char digits[24];
  out.append(key).append(digits, std::to_chars(digits, digits + sizeof digits, n).ptr);
}

}  // namespace

status append_lines(const catalogue_table& table, std::span<const catalogue_run> runs,
                    const catalogue_groups& groups, const track_range& range, catalogue_lines& out) {
  const auto [first, from, to] = range;
  std::vector<wanted> all;
  all.reserve(to - from + 16);
  for (auto number = from; number < to; ++number) {
    const auto t = table.at(number);
    const auto want = [&](std::uint32_t i) {
      const auto& v = table.variant_at(i);
      all.push_back({v.run, v.index, v.content, table.id_of(v).string(), {}});
    };
    if (t.variants == 1) {
      want(t.newest);
      continue;
    }
    for (const auto i : variants_of(table, t)) want(i);
  }
  std::vector<std::string> texts;  // what `fields` point into
  texts.reserve(runs.size());
  if (auto s = read_fields(all, runs, texts); !s.ok()) return s;

  catalogue_groups::cursor group(groups, first + from);
  std::string others;
  auto w = all.begin();
  for (auto number = from; number < to; ++number) {
    const auto t = table.at(number);
    const auto& id = w->id;
    const auto* recording = group.recording(first + number);
    auto& line = out.tracks;
    line += R"({"id":)";
    append_json_string(line, id);
    line += R"(,"recording":)";
    append_json_string(line, recording == nullptr ? id : recording->string());
    put_number(line, R"(,"accounts":)", t.counts.accounts);
    put_number(line, R"(,"entries":)", t.counts.entries);
    put_number(line, R"(,"listens":)", t.counts.listens);
    line.append(R"(,"track":)").append(w++->fields);
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
