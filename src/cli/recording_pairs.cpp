#include "cli/recording_pairs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <utility>

#include "base/json_text.h"
#include "base/utf8.h"
#include "tracks/grouping.h"
#include "tracks/pair_score.h"
#include "tracks/track_table.h"

namespace outro {

namespace {

namespace json = boost::json;

/// A pair with what the rules say of it.
struct judged_pair {
  const table_pair* pair = nullptr;
  std::array<track_facts, 2> facts;
  judgement found;
  bool counts = true;  ///< for the score
};

/// Labels cannot know whether a clean or edited version is another recording.
bool differ_by_clean(const track_facts& a, const track_facts& b) {
  return ((a.all_versions() ^ b.all_versions()) & version::clean) != 0;
}

std::string track_line(const track_text& t) {
  return fmt::format("{} | {} | {} | {}", legible(t.title), legible(t.artists), legible(t.album),
                     t.duration_ms == 0 ? "no length" : fmt::format("{} ms", t.duration_ms));
}

std::string utf8_of(std::u32string_view points) {
  std::string text;
  const auto put = [&text](char32_t bits) { text += static_cast<char>(bits); };
  for (const auto c : points) {
    if (c < 0x80) {
      put(c);
    } else if (c < 0x800) {
      put(0xc0 | c >> 6);
      put(0x80 | (c & 0x3f));
    } else {
      if (c < 0x10000) {
        put(0xe0 | c >> 12);
      } else {
        put(0xf0 | c >> 18);
        put(0x80 | (c >> 12 & 0x3f));
      }
      put(0x80 | (c >> 6 & 0x3f));
      put(0x80 | (c & 0x3f));
    }
  }
  return legible(text);
}

std::string versions_line(const track_facts& f) {
  auto text = name_of_versions(f.versions);
  if (f.told != 0) text += fmt::format(" (the album tells {})", name_of_versions(f.told));
  if (f.remastered)
    text += f.master_year == 0 ? ", remastered" : fmt::format(", remastered {}", f.master_year);
  return text;
}

std::string number_or_none(std::uint32_t n) {
  return n == 0 ? "none" : std::to_string(n);
}

void explain_track(standard_output& out, std::string_view which, const track_text& t,
                   track_describer& describer, track_facts& facts) {
  facts = describer.describe(t);
  std::vector<std::string> artists;
  for (const auto& name : describer.artist_names()) artists.push_back(utf8_of(name));
  std::sort(artists.begin(), artists.end());
  artists.erase(std::unique(artists.begin(), artists.end()), artists.end());
  out.write(fmt::format("{}  {}\n", which, track_line(t)));
  out.write(fmt::format("   id         {}\n", t.id.empty() ? "none" : legible(t.id)));
  out.write(fmt::format("   ISRC       {}\n", facts.isrc == 0 ? "none" : legible(t.isrc)));
  out.write(fmt::format("   key        {}{}\n", facts.key.empty() ? "none; " : "",
                        fmt::format("\"{}\" by {}{}", utf8_of(describer.name()), fmt::join(artists, " + "),
                                    facts.weak ? ", told apart by album" : "")));
  out.write(fmt::format("   version    {}{}\n", versions_line(facts),
                        describer.detail().empty() ? "" : ", \"" + utf8_of(describer.detail()) + "\""));
  out.write(
      fmt::format("   language   {}\n", facts.languages == 0 ? "none" : name_of_languages(facts.languages)));
  out.write(fmt::format("   numbers    disc {}, track {}, album id {}\n", number_or_none(facts.disc),
                        number_or_none(facts.track_number),
                        t.album_id.empty() ? "none" : legible(t.album_id)));
  out.write(fmt::format("   length     {}\n",
                        facts.duration_ms == 0 ? "none" : fmt::format("{} ms", facts.duration_ms)));
}

/// Prints both tracks and what decides.
judgement explain_pair(standard_output& out, const track_text& a, const track_text& b) {
  const fold_table folding;
  track_describer describer(folding);
  describer.keep_names();
  track_facts x, y;
  explain_track(out, "A", a, describer, x);
  explain_track(out, "B", b, describer, y);
  const auto found = judge(x, y);
  if (x.duration_ms != 0 && y.duration_ms != 0)
    out.write(fmt::format("lengths    {} ms apart; rule 2 allows {} ms here, rule 1 {} ms\n",
                          length_gap(x, y), length_span::of(x).with(length_span::of(y)).bound(),
                          near_by_isrc_ms));
  const auto say = [](bool equal) { return equal ? "equal" : "different"; };
  out.write(fmt::format("keys       name {}, name and artists {}, version {}\n",
                        say(x.key.name == y.key.name), say(x.key.song == y.key.song),
                        say(x.key.take == y.key.take)));
  if (found.rule != no_rule)
    out.write(fmt::format("one recording, by rule {}\n", found.rule));
  else if (found.kept_apart != contradiction::none)
    out.write(fmt::format("doubtful: kept apart by {}\n", name_of(found.kept_apart)));
  else
    out.write("two recordings: no rule joins them\n");
  return found;
}

std::vector<judged_pair> judged(const pair_table& table, const pair_options& options) {
  const fold_table folding;
  track_describer describer(folding);
  std::vector<judged_pair> all;
  for (const auto& p : table.pairs) {
    judged_pair j;
    j.pair = &p;
    for (std::size_t side = 0; side < 2; ++side) j.facts[side] = describer.describe(p.tracks[side]);
    j.found = judge(j.facts[0], j.facts[1]);
    j.counts = std::find(options.except.begin(), options.except.end(), p.name) == options.except.end() &&
               !differ_by_clean(j.facts[0], j.facts[1]);
    all.push_back(std::move(j));
  }
  return all;
}

struct pair_counts {
  std::uint64_t joined = 0, same = 0, right = 0, wrong = 0, left_out = 0, doubtful = 0;
};

pair_counts counted(const std::vector<judged_pair>& all) {
  pair_counts n;
  for (const auto& j : all) {
    const bool joined = j.found.rule != no_rule;
    if (j.found.kept_apart != contradiction::none) ++n.doubtful;
    if (!j.counts || j.pair->same.empty()) {
      ++n.left_out;
      continue;
    }
    n.joined += joined ? 1 : 0;
    n.same += j.pair->same == "1" ? 1 : 0;
    if (joined) ++(j.pair->same == "1" ? n.right : n.wrong);
  }
  return n;
}

std::string verdict_of(const judged_pair& j) {
  if (j.found.rule != no_rule) return fmt::format("rule {}", j.found.rule);
  if (j.found.kept_apart != contradiction::none)
    return fmt::format("doubtful, {}", name_of(j.found.kept_apart));
  return "apart";
}

void write_pair(standard_output& out, const judged_pair& j) {
  out.write(fmt::format("pair {}: {}{}\n", legible(j.pair->name), verdict_of(j),
                        j.counts ? "" : " (does not count)"));
  for (const auto& t : j.pair->tracks) out.write(fmt::format("   {}\n", track_line(t)));
}

void write_text(standard_output& out, const pair_table& table, const std::vector<judged_pair>& all) {
  const auto n = counted(all);
  if (!table.unused.empty()) {
    std::vector<std::string> unused;
    for (const auto& name : table.unused) unused.push_back(legible(name));
    out.write(fmt::format("columns that were not used: {}\n", fmt::join(unused, ", ")));
  }
  if (!table.has_labels) {
    for (const auto& j : all) write_pair(out, j);
    out.write(fmt::format("{} pairs, {} doubtful\n", all.size(), n.doubtful));
    return;
  }
  const auto some = [&](std::string_view title, bool joined, std::string_view same) {
    out.write(fmt::format("{}\n", title));
    for (const auto& j : all)
      if (j.counts && j.pair->same == same && (j.found.rule != no_rule) == joined) write_pair(out, j);
    out.write("\n");
  };
  some("joined, but not the same:", true, "0");
  some("the same, but not joined:", false, "1");
  const auto line = [&](std::string_view name, const proportion& p) {
    out.write(fmt::format("{} {:.3f} ({:.3f} to {:.3f})\n", name, p.value, p.low, p.high));
  };
  line("precision", proportion_of(n.right, n.joined));
  line("recall", proportion_of(n.right, n.same));
  out.write(fmt::format(
      "{} pairs: {} of {} that are the same joined, {} joined wrongly, {} doubtful, {} do not count; "
      "intervals are 95 % Wilson\n",
      all.size(), n.right, n.same, n.wrong, n.doubtful, n.left_out));
}

std::string json_of(const std::vector<judged_pair>& all) {
  const auto n = counted(all);
  json::array pairs;
  for (const auto& j : all) {
    json::object o{{"pair", j.pair->name}, {"joined", j.found.rule != no_rule}, {"counts", j.counts}};
    if (j.found.rule != no_rule) o["rule"] = j.found.rule;
    if (j.found.kept_apart != contradiction::none) o["doubtful"] = name_of(j.found.kept_apart);
    if (!j.pair->same.empty()) o["same"] = j.pair->same == "1";
    pairs.push_back(std::move(o));
  }
  return serialized(json::object{{"pairs", std::move(pairs)},
                                 {"joined", n.joined},
                                 {"same", n.same},
                                 {"right", n.right},
                                 {"wrong", n.wrong},
                                 {"doubtful", n.doubtful},
                                 {"leftOut", n.left_out}}) +
         "\n";
}

/// The track with this id, or at this line ("line 7"); null if there is none.
const table_track* track_named(const track_table& table, std::string_view name) {
  for (const auto& t : table.tracks)
    if (t.text.id == name) return &t;
  if (!name.starts_with("line ")) return nullptr;
  std::size_t line = 0;
  const auto [end, error] = std::from_chars(name.data() + 5, name.data() + name.size(), line);
  if (error != std::errc{} || end != name.data() + name.size() || line < 2 || line - 2 >= table.tracks.size())
    return nullptr;
  return &table.tracks[line - 2];
}

}  // namespace

status judge_pairs(std::string text, const pair_options& options, standard_output& out) {
  const auto table = parse_pair_table(std::move(text));
  if (!table) return table.error();
  for (const auto& name : options.explain) {
    const auto p = std::find_if(table->pairs.begin(), table->pairs.end(),
                                [&](const table_pair& pair) { return pair.name == name; });
    if (p == table->pairs.end())
      return fail(failure::usage, fmt::format("there is no pair {}", legible(name)));
    (void)explain_pair(out, p->tracks[0], p->tracks[1]);
  }
  if (!options.explain.empty()) return {};
  const auto all = judged(*table, options);
  if (options.json)
    out.write(json_of(all));
  else
    write_text(out, *table, all);
  return {};
}

status explain_tracks(std::string text, const pair_options& options, standard_output& out) {
  const auto table = parse_track_table(std::move(text), "");
  if (!table) return table.error();
  if (options.explain.size() != 2) return fail(failure::usage, "--explain takes two tracks");
  const table_track* tracks[2] = {};
  for (std::size_t i = 0; i < 2; ++i) {
    tracks[i] = track_named(*table, options.explain[i]);
    if (tracks[i] == nullptr)
      return fail(failure::usage,
                  fmt::format("there is no track {}; name it by its track_id, or as \"line 7\"",
                              legible(options.explain[i])));
  }
  const auto found = explain_pair(out, tracks[0]->text, tracks[1]->text);
  const auto facts = facts_of(*table);
  track_grouper grouper;
  const auto& members = grouper.group(facts);
  const auto a = static_cast<std::size_t>(tracks[0] - table->tracks.data());
  const auto b = static_cast<std::size_t>(tracks[1] - table->tracks.data());
  const bool together = members[a].representative == members[b].representative;
  if (together != (found.rule != no_rule))
    out.write(together
                  ? "in the whole table they are one recording, through other tracks\n"
                  : "in the whole table they are two recordings: other tracks of theirs are too far apart in "
                    "length, or contradict\n");
  return {};
}

}  // namespace outro
