#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <memory>

#include "base/file.h"
#include "base/json_text.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/recording_pairs.h"
#include "cli/tools.h"
#include "tracks/grouping.h"
#include "tracks/pair_score.h"
#include "tracks/track_table.h"

namespace outro {

namespace {

namespace json = boost::json;

struct recordings_options {
  std::filesystem::path file;
  std::string labels;
  bool pairs = false;
  bool json = false;
  pair_options pair;
};

/// A table, the group of each of its tracks, and how well that agrees with labels.
struct grouped_table {
  const track_table& table;
  const std::vector<track_facts>& facts;
  const std::vector<membership>& members;
  const std::vector<doubt>& doubts;
  std::uint32_t conflicting_ids = 0;
  std::vector<std::vector<std::uint32_t>> groups;  ///< of two tracks or more; the representative first
  std::size_t recordings = 0;
};

grouped_table collect(const track_table& table, const std::vector<track_facts>& facts,
                      const std::vector<membership>& members, const track_grouper& grouper) {
  grouped_table g{table, facts, members, grouper.doubts(), grouper.conflicting_ids(), {}, 0};
  std::vector<std::vector<std::uint32_t>> by_representative(members.size());
  for (std::uint32_t i = 0; i < members.size(); ++i) {
    auto& group = by_representative[members[i].representative];
    if (members[i].representative == i) {
      group.insert(group.begin(), i);
      ++g.recordings;
    } else {
      group.push_back(i);
    }
  }
  for (auto& group : by_representative)
    if (group.size() > 1) g.groups.push_back(std::move(group));
  return g;
}

std::string name_of(const table_track& t, std::uint32_t i) {
  return t.text.id.empty() ? fmt::format("line {}", i + 2) : shown(t.text.id);
}

std::string line_of(const grouped_table& g, std::uint32_t i) {
  const auto& t = g.table.tracks[i].text;
  return fmt::format(
      "{}  {} | {} | {} | {}{} [{}]", name_of(g.table.tracks[i], i), legible(t.title), legible(t.artists),
      legible(t.album), t.duration_ms == 0 ? "no length" : fmt::format("{} ms", t.duration_ms),
      t.isrc.empty() ? "" : " | " + legible(t.isrc), name_of_versions(g.facts[i].all_versions()));
}

std::string format_ratio(double ratio) {
  return fmt::format("{:.3f}", ratio);
}

void write_pairs(standard_output& out, const grouped_table& g, std::string_view title,
                 const std::vector<std::pair<std::uint32_t, std::uint32_t>>& pairs) {
  out.write(fmt::format("{}: {}\n", title, pairs.size()));
  for (const auto& [a, b] : pairs) {
    for (const auto i : {a, b})
      out.write(fmt::format("  {}  {}\n", shown(g.table.tracks[i].label), line_of(g, i)));
    out.write("\n");
  }
}

void write_groups(standard_output& out, const grouped_table& g) {
  for (const auto& group : g.groups) {
    out.write(fmt::format("recording {}\n", line_of(g, group[0])));
    for (std::size_t k = 1; k < group.size(); ++k) {
      const auto& m = g.members[group[k]];
      out.write(fmt::format("   rule {}: {}", m.rule, line_of(g, group[k])));
      if (m.joined_to != group[0])
        out.write(fmt::format(", by {}", name_of(g.table.tracks[m.joined_to], m.joined_to)));
      out.write("\n");
    }
    out.write("\n");
  }
}

/// How many pairs of recordings each contradiction keeps apart.
std::array<std::uint64_t, contradiction_count> doubts_by_reason(const grouped_table& g) {
  std::array<std::uint64_t, contradiction_count> counts{};
  for (const auto& d : g.doubts) ++counts[static_cast<std::size_t>(d.why)];
  return counts;
}

void write_doubts(standard_output& out, const grouped_table& g) {
  constexpr std::size_t shown = 20;
  out.write(fmt::format("doubtful, pairs of recordings that only a contradiction keeps apart: {}\n",
                        g.doubts.size()));
  const auto counts = doubts_by_reason(g);
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] != 0)
      out.write(fmt::format("  {}: {}\n", name_of(static_cast<contradiction>(i)), counts[i]));
  for (std::size_t i = 0; i < std::min(g.doubts.size(), shown); ++i) {
    const auto& d = g.doubts[i];
    out.write(fmt::format("  {}\n  {}\n    {}\n\n", line_of(g, d.a), line_of(g, d.b), name_of(d.why)));
  }
  if (g.doubts.size() > shown) out.write(fmt::format("  and {} more\n", g.doubts.size() - shown));
  if (g.conflicting_ids != 0)
    out.write(
        fmt::format("ids with tracks of different titles, joined all the same: {}\n", g.conflicting_ids));
  out.write("\n");
}

void write_score(standard_output& out, const grouped_table& g, const pair_score& score) {
  write_pairs(out, g, "joined, but of different labels", score.wrong);
  write_pairs(out, g, "of one label, but not joined", score.missed);
  if (score.joined == 0 && score.labelled == 0) {
    out.write("no pair was joined, and no two tracks have the same label: there is nothing to score\n");
    return;
  }
  const auto line = [&](std::string_view name, const proportion& p) {
    out.write(fmt::format("{} {} ({} to {})\n", name, format_ratio(p.value), format_ratio(p.low),
                          format_ratio(p.high)));
  };
  line("precision", score.precision());
  line("recall", score.recall());
  line("f1", score.f1());
  out.write(fmt::format("over {} joined and {} labelled pairs; intervals are 95 % Wilson\n", score.joined,
                        score.labelled));
}

void write_text(standard_output& out, const grouped_table& g, const pair_score* score) {
  out.write(fmt::format("{} tracks, {} recordings, {} of them with several tracks\n", g.table.tracks.size(),
                        g.recordings, g.groups.size()));
  std::vector<std::string> unused;
  for (const auto& name : g.table.unused) unused.push_back(shown(name));
  if (!unused.empty()) out.write(fmt::format("columns that were not used: {}\n", fmt::join(unused, ", ")));
  out.write("\n");
  write_groups(out, g);
  write_doubts(out, g);
  if (score != nullptr) write_score(out, g, *score);
}

json::object track_json(const grouped_table& g, std::uint32_t i) {
  const auto& t = g.table.tracks[i];
  json::object track{{"line", i + 2}};
  if (!t.text.id.empty()) track["id"] = t.text.id;
  track["title"] = t.text.title;
  track["artists"] = t.text.artists;
  if (t.text.duration_ms != 0) track["durationMs"] = t.text.duration_ms;
  track["version"] = name_of_versions(g.facts[i].all_versions());
  if (!t.label.empty()) track["label"] = t.label;
  if (const auto& m = g.members[i]; m.rule != membership::no_rule) {
    track["rule"] = m.rule;
    track["joinedToLine"] = m.joined_to + 2;
  }
  return track;
}

json::array pairs_json(const grouped_table& g,
                       const std::vector<std::pair<std::uint32_t, std::uint32_t>>& pairs) {
  json::array all;
  for (const auto& [a, b] : pairs) all.push_back(json::array{track_json(g, a), track_json(g, b)});
  return all;
}

json::object proportion_json(const proportion& p) {
  // Three decimals, as in the text.
  const auto rounded = [](double ratio) { return std::stod(format_ratio(ratio)); };
  return {{"value", rounded(p.value)}, {"low", rounded(p.low)}, {"high", rounded(p.high)}};
}

json::array doubts_json(const grouped_table& g) {
  json::array all;
  for (const auto& d : g.doubts)
    all.push_back(json::object{{"why", name_of(d.why)},
                               {"tracks", json::array{track_json(g, d.a), track_json(g, d.b)}}});
  return all;
}

std::string json_of(const grouped_table& g, const pair_score* score) {
  json::array groups;
  for (const auto& group : g.groups) {
    json::array tracks;
    for (const auto i : group) tracks.push_back(track_json(g, i));
    groups.push_back(std::move(tracks));
  }
  json::array unused;
  for (const auto& name : g.table.unused) unused.emplace_back(name);
  json::object o{{"tracks", g.table.tracks.size()},     {"recordings", g.recordings},
                 {"groups", std::move(groups)},         {"doubtful", doubts_json(g)},
                 {"conflictingIds", g.conflicting_ids}, {"unusedColumns", std::move(unused)}};
  if (score != nullptr) {
    o["precision"] = proportion_json(score->precision());
    o["recall"] = proportion_json(score->recall());
    o["f1"] = proportion_json(score->f1());
    o["intervals"] = "95 % Wilson";
    o["joinedPairs"] = score->joined;
    o["labelledPairs"] = score->labelled;
    o["wrong"] = pairs_json(g, score->wrong);
    o["missed"] = pairs_json(g, score->missed);
  }
  return serialized(o) + "\n";
}

status run_pairs(const recordings_options& options, std::string text) {
  standard_output out;
  auto s = options.pairs ? judge_pairs(std::move(text), options.pair, out)
                         : explain_tracks(std::move(text), options.pair, out);
  if (!s.ok()) return fail(s.kind, fmt::format("{}: {}", shown(options.file.native()), s.message));
  return out.close();
}

status run(const recordings_options& options) {
  auto text = read_file(options.file, 8ULL << 30);
  if (!text) return text.error();
  if (options.pairs || !options.pair.explain.empty()) return run_pairs(options, std::move(*text));
  const auto table = parse_track_table(std::move(*text), options.labels);
  if (!table)
    return fail(failure::usage, fmt::format("{}: {}", shown(options.file.native()), table.error().message));
  const auto facts = facts_of(*table);
  track_grouper grouper;
  const auto& members = grouper.group(facts);
  const auto grouped = collect(*table, facts, members, grouper);
  pair_score score;
  if (table->has_labels) {
    std::vector<std::uint32_t> group_of;
    std::vector<std::string_view> labels;
    for (const auto& m : members) group_of.push_back(m.representative);
    for (const auto& t : table->tracks) labels.push_back(t.label);
    score = score_pairs(group_of, labels);
  }
  standard_output out;
  const auto* scored = table->has_labels ? &score : nullptr;
  if (options.json)
    out.write(json_of(grouped, scored));
  else
    write_text(out, grouped, scored);
  return out.close();
}

}  // namespace

void add_recordings(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<recordings_options>();
  auto* command = app.add_subcommand(
      "recordings",
      "Which tracks of a table are the same recording, by which rule, and how well labels agree");
  command
      ->add_option(
          "file", options->file,
          "Tab-separated table with a header; columns in any order: track_id, title, artists (joined "
          "by \" / \"), album, duration_ms, isrc, status, disc, track_number, album_id, track_language; all "
          "but "
          "title may be missing")
      ->required()
      ->type_name("FILE");
  command
      ->add_option(
          "--labels", options->labels,
          "Column that says which recording a track is; the matcher does not see it. Prints precision, "
          "recall and f1 over pairs with 95 % Wilson intervals, and every wrong pair")
      ->type_name("COLUMN");
  auto* pairs = command->add_flag("--pairs", options->pairs,
                                  "A line has two tracks: columns title_a, title_b and so on, with optional "
                                  "columns pair (its name) and same (1 "
                                  "or 0). Prints what the rules say of each pair, or how well they agree "
                                  "with `same`; pairs that differ by "
                                  "a clean or edited version do not count");
  command->add_option("--except", options->pair.except, "Pairs that do not count, by their names (1,2,3)")
      ->delimiter(',')
      ->needs(pairs)
      ->type_name("PAIR,...");
  command
      ->add_option(
          "--explain", options->pair.explain,
          "Two tracks, by track_id or as \"line 7\"; with --pairs, one pair by its name. Prints their keys, "
          "versions, numbers and lengths, and the rule or the contradiction that decides")
      ->expected(1, 2)
      ->type_name("A B");
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(
      R"(Rule 0: the same track id. Rule 1: the same valid ISRC; version, title or artists agree, and lengths within
12 s. Rule 2: the same title, artists and version once differences of spelling are removed, and lengths that are
close. Nothing is joined against a contradiction: other numbers on one album, a version that the album tells,
another language. Such pairs are doubtful, and are counted.
Uses memory for the whole table. Exit codes: 0; 1 it cannot be read; 2 it is no such table.)");
  command->callback([options, &exit_code] {
    options->pair.json = options->json;
    exit_code = report(run(*options));
  });
}

}  // namespace outro
