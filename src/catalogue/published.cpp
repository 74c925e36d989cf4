#include "catalogue/published.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "base/json_text.h"
#include "catalogue/descriptions.h"
#include "catalogue/shown.h"
#include "tracks/role_texts.h"

namespace outro {

namespace {

constexpr std::size_t most_contents = 4096;  ///< of one id that decide on values beside what is elected

/// A track whose title was elected.
struct candidate {
  std::size_t number;
  std::size_t end;               ///< behind its contents in the list of those to read
  std::optional<ballot> status;  ///< the newest availability; its content is the last in the list
};

/// A value of a key, or the text of a role, and who says it.
struct said_value {
  std::size_t place;  ///< of the key among those that the layout allows; the roles follow
  std::string value;
  rank by;
};

/// Keeps what may be published of one track after another.
class settler {
 public:
  explicit settler(const publishing& with) : with_(with), describer_(with.folding) {}

  /// Takes the ballots of a track. If it stays, its contents that decide go to `contents`.
  void elect_track(std::size_t number, std::vector<ballot>& ballots, const layout& rules,
                   std::vector<std::uint32_t>& contents, std::vector<candidate>& candidates) {
    const auto* newest = newest_status(ballots, with_.least);
    candidate made{number, 0, newest == nullptr ? std::nullopt : std::optional(*newest)};
    const auto result = elect(ballots, with_.least);
    const bool has_titles = !rules.roles[static_cast<std::size_t>(role::title)].empty();
    if (has_titles && !result.decided[0]) {
      ++rest.untitled;
      return;
    }
    auto by = result.by;
    if (by.size() > most_contents) {
      // Not by time, which an account may claim as it likes.
      std::sort(by.begin(), by.end(), [](const ballot& a, const ballot& b) {
        return std::pair(a.accounts, a.content) > std::pair(b.accounts, b.content);
      });
      by = by.first(most_contents);
    }
    for (const auto& b : by) contents.push_back(b.variant);
    if (made.status) contents.push_back(made.status->variant);
    made.end = contents.size();
    candidates.push_back(std::move(made));
  }

  /// Takes what a content that decides says.
  void add(const ballot& by, const layout& rules, const object_reader& said) {
    if (rules_ == nullptr) rules_ = &rules;
    const auto& keys = rules_->catalogue_fields;
    for (const auto& m : said.members()) {
      const auto key = std::find(keys.begin(), keys.end(), m.key);
      if (key == keys.end() || m.value.empty() || said.may_tell(role::availability, m.key)) continue;
      values_.push_back({static_cast<std::size_t>(key - keys.begin()), m.value, rank_of(by)});
    }
    for (std::size_t r = 0; r < role_count; ++r) {
      const auto what = static_cast<role>(r);
      if (what == role::id || what == role::availability || said.text(what).empty()) continue;
      values_.push_back({keys.size() + r, std::string(said.text(what)), rank_of(by)});
    }
  }

  /// Takes what the newest content says of the availability.
  void add_status(const object_reader& said) {
    const auto& keys = rules_->catalogue_fields;
    status_ = said.text(role::availability);
    for (const auto& m : said.members())
      if (const auto key = std::find(keys.begin(), keys.end(), m.key);
          key != keys.end() && m.key == said.key_of(role::availability))
        status_member_ = {static_cast<std::size_t>(key - keys.begin()), m.value};
  }

  published_track finish(catalogue_id id, const track_counts& counts) {
    keep_said_by_enough();
    published_track made{std::move(id), counts, {}, true, "{", {}};
    const auto& keys = rules_->catalogue_fields;
    for (auto& v : values_) {
      if (v.place >= keys.size()) {
        made.texts[v.place - keys.size()] = std::move(v.value);
        continue;
      }
      if (made.fields.size() > 1) made.fields += ',';
      append_json_string(made.fields, keys[v.place]);
      made.fields.append(":").append(v.value);
    }
    made.fields += '}';
    made.texts[static_cast<std::size_t>(role::availability)] = std::move(status_);
    describe(made);
    rules_ = nullptr;
    values_.clear();
    status_.clear();
    status_member_.reset();
    return made;
  }

  left_out rest;

 private:
  /// Of each place, the value that most accounts say stays, if they are enough.
  void keep_said_by_enough() {
    std::sort(values_.begin(), values_.end(), [](const said_value& a, const said_value& b) {
      return std::tie(a.place, a.value) < std::tie(b.place, b.value);
    });
    std::vector<said_value> kept;
    for (std::size_t i = 0; i < values_.size();) {
      auto v = std::move(values_[i++]);
      for (; i < values_.size() && values_[i].place == v.place && values_[i].value == v.value; ++i)
        v.by += values_[i].by;
      if (v.by.accounts < with_.least) continue;
      if (kept.empty() || kept.back().place != v.place)
        kept.push_back(std::move(v));
      else if (kept.back().by < v.by)
        kept.back() = std::move(v);
    }
    if (status_member_) {
      const auto after = std::find_if(kept.begin(), kept.end(),
                                      [&](const said_value& v) { return v.place > status_member_->first; });
      kept.insert(after, {status_member_->first, status_member_->second, {}});
    }
    values_ = std::move(kept);
  }

  void describe(published_track& track) {
    const auto id = track.id.string();
    std::array<std::string_view, role_count> texts;
    for (std::size_t r = 0; r < role_count; ++r) texts[r] = track.texts[r];
    texts[static_cast<std::size_t>(role::id)] = id;
    track.facts = describer_.describe(track_text_of(*rules_, texts));
    track.available = track.facts.available;
  }

  const publishing& with_;
  track_describer describer_;
  const layout* rules_ = nullptr;
  std::vector<said_value> values_;
  std::string status_;
  std::optional<std::pair<std::size_t, std::string>> status_member_;
};

}  // namespace

status publish_tracks(const publishing& with, std::size_t from, std::size_t to,
                      std::vector<published_track>& out, left_out& rest) {
  const auto& table = with.table;
  settler settled(with);
  struct voters {
    std::size_t number, end;
  };
  std::vector<voters> tracks;
  std::vector<std::uint32_t> variants;
  for (auto number = from; number < to; ++number) {
    const auto t = table.at(number);
    if (t.counts.accounts < with.least) {
      ++settled.rest.rare;
      continue;
    }
    append_said(table, t, variants);
    tracks.push_back({number, variants.size()});
  }

  object_reader reader;
  std::vector<ballot> ballots;
  std::vector<std::uint32_t> contents;
  std::vector<candidate> candidates;
  auto track = tracks.begin();
  auto s = for_each_description(table, with.runs, variants,
                                [&](std::size_t i, const layout& rules, std::string_view fields) {
                                  reader.read(rules, fields);
                                  ballots.push_back(ballot_of(table, variants[i], reader));
                                  if (i + 1 < track->end) return;
                                  settled.elect_track(track->number, ballots, rules, contents, candidates);
                                  ballots.clear();
                                  ++track;
                                });
  if (!s.ok()) return s;

  auto stays = candidates.begin();
  s = for_each_description(table, with.runs, contents,
                           [&](std::size_t i, const layout& rules, std::string_view fields) {
                             reader.read(rules, fields);
                             const bool last = i + 1 == stays->end;
                             if (last && stays->status)
                               settled.add_status(reader);
                             else
                               settled.add(ballot_of(table, contents[i], reader), rules, reader);
                             if (!last) return;
                             const auto t = table.at(stays->number);
                             out.push_back(settled.finish(table.id_of(table.variant_at(t.begin)), t.counts));
                             ++stays;
                           });
  rest += settled.rest;
  return s;
}

}  // namespace outro
