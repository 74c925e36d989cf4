#include <algorithm>
#include <cinttypes>
#include <memory>

#include "base/file.h"
#include "base/json_text.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/tools.h"
#include "tracks/grouping.h"
#include "tracks/pair_score.h"
#include "tracks/track_table.h"

namespace outro {

namespace {

struct recordings_options {
  std::filesystem::path file;
  std::string labels;
  bool json = false;
};

/// A table, the group of each of its tracks, and how well that agrees with labels.
struct grouped_table {
  const track_table& table;
  const std::vector<track_facts>& facts;
  const std::vector<membership>& members;
  std::vector<std::vector<std::uint32_t>> groups;  ///< of two tracks or more; the representative first
  std::size_t recordings = 0;
};

grouped_table collect(const track_table& table, const std::vector<track_facts>& facts,
                      const std::vector<membership>& members) {
  grouped_table g{table, facts, members, {}, 0};
  std::vector<std::vector<std::uint32_t>> by_representative(members.size());
  for (std::uint32_t i = 0; i < members.size(); ++i) {
    auto& group = by_representative[members[i].representative];
    if (members[i].representative == i)
      group.insert(group.begin(), i), ++g.recordings;
    else
      group.push_back(i);
  }
  for (auto& group : by_representative)
    if (group.size() > 1) g.groups.push_back(std::move(group));
  return g;
}

std::string name_of(const table_track& t, std::uint32_t i) {
  return t.text.id.empty() ? "line " + std::to_string(i + 2) : legible(t.text.id);
}

std::string line_of(const grouped_table& g, std::uint32_t i) {
  const auto& t = g.table.tracks[i].text;
  std::string text = name_of(g.table.tracks[i], i) + "  " + legible(t.title) + " | " + legible(t.artists) +
                     " | " + legible(t.album) + " | ";
  text += t.duration_ms == 0 ? "no length" : std::to_string(t.duration_ms) + " ms";
  if (!t.isrc.empty()) text += " | " + legible(t.isrc);
  return text + " [" + name_of_versions(g.facts[i].versions) + "]";
}

std::string format_ratio(double ratio) {
  char text[32];
  (void)std::snprintf(text, sizeof text, "%.3f", ratio);
  return text;
}

void write_pairs(standard_output& out, const grouped_table& g, const char* title,
                 const std::vector<std::pair<std::uint32_t, std::uint32_t>>& pairs) {
  out.write(std::string(title) + ": " + std::to_string(pairs.size()) + "\n");
  for (const auto& [a, b] : pairs) {
    for (const auto i : {a, b})
      out.write("  " + legible(g.table.tracks[i].label) + "  " + line_of(g, i) + "\n");
    out.write("\n");
  }
}

void write_text(standard_output& out, const grouped_table& g, const pair_score* score) {
  out.write(std::to_string(g.table.tracks.size()) + " tracks, " + std::to_string(g.recordings) +
            " recordings, " + std::to_string(g.groups.size()) + " of them with several tracks\n");
  if (!g.table.unused.empty()) {
    std::string names;
    for (const auto& name : g.table.unused) names += (names.empty() ? "" : ", ") + legible(name);
    out.write("columns that were not used: " + names + "\n");
  }
  out.write("\n");
  for (const auto& group : g.groups) {
    out.write("recording " + line_of(g, group[0]) + "\n");
    for (std::size_t k = 1; k < group.size(); ++k) {
      const auto& m = g.members[group[k]];
      out.write("   rule " + std::to_string(m.rule) + ": " + line_of(g, group[k]));
      if (m.joined_to != group[0]) out.write(", by " + name_of(g.table.tracks[m.joined_to], m.joined_to));
      out.write("\n");
    }
    out.write("\n");
  }
  if (score == nullptr) return;
  write_pairs(out, g, "joined, but of different labels", score->wrong);
  write_pairs(out, g, "of one label, but not joined", score->missed);
  if (score->joined == 0 && score->labelled == 0) {
    out.write("no pair was joined, and no two tracks have the same label: there is nothing to score\n");
    return;
  }
  const auto line = [&](const char* name, const proportion& p) {
    out.write(std::string(name) + " " + format_ratio(p.value) + " (" + format_ratio(p.low) + " to " +
              format_ratio(p.high) + ")\n");
  };
  line("precision", score->precision());
  line("recall", score->recall());
  line("f1", score->f1());
  out.write("over " + std::to_string(score->joined) + " joined and " + std::to_string(score->labelled) +
            " labelled pairs; intervals are 95 % Wilson\n");
}

void append_track(std::string& out, const grouped_table& g, std::uint32_t i) {
  const auto& t = g.table.tracks[i];
  out += "{\"line\":" + std::to_string(i + 2);
  if (!t.text.id.empty()) out += ",\"id\":", append_json_string(out, t.text.id);
  out += ",\"title\":", append_json_string(out, t.text.title);
  out += ",\"artists\":", append_json_string(out, t.text.artists);
  if (t.text.duration_ms != 0) out += ",\"durationMs\":" + std::to_string(t.text.duration_ms);
  out += ",\"version\":", append_json_string(out, name_of_versions(g.facts[i].versions));
  if (!t.label.empty()) out += ",\"label\":", append_json_string(out, t.label);
  const auto& m = g.members[i];
  if (m.rule != membership::no_rule)
    out += ",\"rule\":" + std::to_string(m.rule) + ",\"joinedToLine\":" + std::to_string(m.joined_to + 2);
  out += '}';
}

void append_pairs(std::string& out, const grouped_table& g, const char* key,
                  const std::vector<std::pair<std::uint32_t, std::uint32_t>>& pairs) {
  out += std::string(",\"") + key + "\":[";
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    out += i == 0 ? "[" : ",[";
    append_track(out, g, pairs[i].first);
    out += ',';
    append_track(out, g, pairs[i].second);
    out += ']';
  }
  out += ']';
}

std::string json_of(const grouped_table& g, const pair_score* score) {
  std::string out = "{\"tracks\":" + std::to_string(g.table.tracks.size()) +
                    ",\"recordings\":" + std::to_string(g.recordings) + ",\"groups\":[";
  for (std::size_t i = 0; i < g.groups.size(); ++i) {
    out += i == 0 ? "[" : ",[";
    for (std::size_t k = 0; k < g.groups[i].size(); ++k) {
      if (k > 0) out += ',';
      append_track(out, g, g.groups[i][k]);
    }
    out += ']';
  }
  out += R"(],"unusedColumns":[)";
  for (std::size_t i = 0; i < g.table.unused.size(); ++i)
    out += i == 0 ? "" : ",", append_json_string(out, g.table.unused[i]);
  out += ']';
  if (score != nullptr) {
    const auto put = [&](const char* name, const proportion& p) {
      out += std::string(",\"") + name + "\":{\"value\":" + format_ratio(p.value) +
             ",\"low\":" + format_ratio(p.low) + ",\"high\":" + format_ratio(p.high) + "}";
    };
    put("precision", score->precision());
    put("recall", score->recall());
    put("f1", score->f1());
    out += ",\"intervals\":\"95 % Wilson\",\"joinedPairs\":" + std::to_string(score->joined) +
           ",\"labelledPairs\":" + std::to_string(score->labelled);
    append_pairs(out, g, "wrong", score->wrong);
    append_pairs(out, g, "missed", score->missed);
  }
  return out + "}\n";
}

status run(const recordings_options& options) {
  auto text = read_file(options.file, 8ULL << 30);
  if (!text) return text.error();
  const auto table = parse_track_table(std::move(*text), options.labels);
  if (!table) return fail(failure::usage, options.file.string() + ": " + table.error().message);
  const fold_table folding;
  track_describer describer(folding);
  std::vector<track_facts> facts;
  for (const auto& t : table->tracks) facts.push_back(describer.describe(t.text));
  track_grouper grouper;
  const auto& members = grouper.group(facts);
  const auto grouped = collect(*table, facts, members);
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
          "by \" / \"), album, duration_ms, isrc, status; all but title may be missing")
      ->required()
      ->type_name("FILE");
  command
      ->add_option(
          "--labels", options->labels,
          "Column that says which recording a track is; the matcher does not see it. Prints precision, "
          "recall and f1 over pairs with 95 % Wilson intervals, and every wrong pair")
      ->type_name("COLUMN");
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(
      "Rule 0: the same track id. Rule 1: the same valid ISRC and version. Rule 2: the same title, artists "
      "and\n"
      "version once spelling is evened out, and lengths that are close.\n"
      "Uses memory for the whole table. Exit codes: 0; 1 it cannot be read; 2 it is no such table.");
  command->callback([options, &exit_code] { exit_code = report(run(*options)); });
}

}  // namespace outro
