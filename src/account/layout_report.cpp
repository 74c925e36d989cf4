#include "account/layout_report.h"

#include <algorithm>

#include "account/value_text.h"
#include "base/json_text.h"
#include "layout/section.h"

namespace outro {

namespace {

/// Steps through a checked document along a trie.
class trie_walk {
 public:
  trie_walk(std::string_view document, const std::vector<layout_node>& trie, trie_counts& counts,
            std::uint64_t weight)
      : doc_(document.data()), trie_(trie), counts_(counts), weight_(weight) {}

  /// `at`: the token of the object of node 0.
  void run(const std::uint32_t* at) {
    at_ = at;
    counts_.seen[0] += weight_;
    object(0);
  }

 private:
  char token() const { return doc_[*at_]; }
  void take() { ++at_; }

  void skip() {
    int depth = 0;
    do {
      const char c = token();
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at_;
    } while (depth > 0);
  }

  void object(std::uint32_t index) {
    ++at_;
    if (token() == '}') return take();
    do {
      key_.clear();
      append_unescaped(key_, string_body(doc_ + *at_));
      at_ += 2;  // the key and its colon
      const auto child = layout::child(trie_[index], key_);
      if (child == no_index)
        unclaimed(index);
      else
        value(child);
    } while (doc_[*at_++] == ',');
  }

  void array(std::uint32_t element) {
    ++at_;
    if (token() == ']') return take();
    do value(element);
    while (doc_[*at_++] == ',');
  }

  void value(std::uint32_t index) {
    const auto& node = trie_[index];
    // Only an object counts as a track.
    if (!node.is_track || token() == '{') counts_.seen[index] += weight_;
    if (node.is_track)
      skip();
    else if (token() == '{' && !node.keys.empty())
      object(index);
    else if (token() == '[' && node.element != no_index)
      array(node.element);
    else
      skip();
  }

  void unclaimed(std::uint32_t index) {
    auto& keys = counts_.unclaimed[index];
    if (const auto known = keys.find(key_); known != keys.end())
      known->second += weight_;
    else if (keys.size() < trie_counts::max_unclaimed)
      keys.emplace(key_, weight_);
    else
      counts_.more[index] += weight_;
    skip();
  }

  const char* doc_;
  const std::vector<layout_node>& trie_;
  trie_counts& counts_;
  std::uint64_t weight_;
  const std::uint32_t* at_ = nullptr;
  std::string key_;
};

bool contains(const std::vector<std::string>& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

/// Lists what was seen at a node and below it.
class path_lister {
 public:
  path_lister(const layout& rules, const std::vector<layout_node>& trie,
              const std::vector<node_claims>& claims, const trie_counts& counts, bool of_tracks,
              std::vector<seen_path>& out)
      : rules_(rules), trie_(trie), claims_(claims), counts_(counts), of_tracks_(of_tracks), out_(out) {}

  void list(std::uint32_t index) {
    for (const auto& [key, child] : trie_[index].keys) list_child(key, child, index == 0);
    if (trie_[index].element != no_index) list_child({}, trie_[index].element, false);
    const auto first = static_cast<std::ptrdiff_t>(out_.size());
    const auto prefix = claims_[index].path.empty() ? std::string() : claims_[index].path + ".";
    for (const auto& [key, times] : counts_.unclaimed[index]) {
      seen_path p{prefix + key, times, other_claims(key, index == 0), false};
      p.unclaimed = p.claims.empty();
      out_.push_back(std::move(p));
    }
    std::stable_sort(out_.begin() + first, out_.end(),
                     [](const auto& a, const auto& b) { return a.times > b.times; });
    if (counts_.more[index] > 0) out_.push_back({prefix + "* (other keys)", counts_.more[index], {}, true});
  }

 private:
  void list_child(std::string_view key, std::uint32_t child, bool top) {
    if (counts_.seen[child] > 0) {
      seen_path p{claims_[child].path, counts_.seen[child], claims_[child].claims, false};
      for (auto& other : other_claims(key, top)) p.claims.push_back(std::move(other));
      out_.push_back(std::move(p));
    }
    list(child);
  }

  /// Claims by key, not by path.
  std::vector<std::string> other_claims(std::string_view key, bool top) const {
    std::vector<std::string> claims;
    if (contains(rules_.redacted_keys, key)) claims.emplace_back("redacted");
    if (of_tracks_ && top && contains(rules_.catalogue_fields, key)) claims.emplace_back("catalogue");
    return claims;
  }

  const layout& rules_;
  const std::vector<layout_node>& trie_;
  const std::vector<node_claims>& claims_;
  const trie_counts& counts_;
  bool of_tracks_;
  std::vector<seen_path>& out_;
};

void resize(trie_counts& counts, std::size_t nodes) {
  counts.seen.resize(nodes);
  counts.unclaimed.resize(nodes);
  counts.more.resize(nodes);
}

}  // namespace

bool layout_report::is_clean() const {
  return accepted == documents &&
         std::none_of(unmatched.begin(), unmatched.end(), [](const auto& u) { return u.is_needed; });
}

layout_sampler::layout_sampler(const layout& rules, version_limits limits)
    : rules_(rules), reader_(rules, limits) {
  resize(document_, rules.document.size());
  resize(track_, rules.track.size());
  slot_found_.resize(rules.slots.size());
}

void layout_sampler::add_refused(reason why) {
  ++totals_.documents;
  ++totals_.refused[std::string(name_of(why))];
}

reason layout_sampler::add(std::string_view document) {
  if (const auto why = reader_.read(document, view_, false); why != reason::none) {
    add_refused(why);
    return why;
  }
  ++totals_.documents;
  ++totals_.accepted;
  (void)tokens_.find(view_.document);  // accepted, so it has tokens
  trie_walk(view_.document, rules_.document, document_, 1).run(tokens_.begin());
  count_tracks(view_);
  tokens_.release_above(8U << 20);
  return reason::none;
}

void layout_sampler::count_tracks(const account_view& view) {
  std::vector<std::uint64_t> times(view.rows.size());
  for (const auto& ref : view.refs) ++times[ref.row];
  totals_.tracks += view.refs.size();
  totals_.track_rows += view.rows.size();
  std::uint64_t lone = 0;
  for (std::size_t row = 0; row < view.rows.size(); ++row) {
    const auto* end = tokens_.begin() + tokens_.count();
    const auto* at = std::lower_bound(tokens_.begin(), end, view.rows[row].begin);
    trie_walk(view.document, rules_.track, track_, times[row]).run(at);
    for (std::size_t r = 0; r < role_count; ++r)
      if (!role_text(view, rules_, row, static_cast<role>(r), scratch_, lone).empty())
        totals_.role_found[r] += times[row];
    for (std::size_t slot = 0; slot < rules_.slots.size(); ++slot) {
      // `artists[].name`: an array alone does not show that its elements have the key.
      if (slot_found_[slot]) continue;
      slot_found_[slot] = rules_.slots[slot].sub_key.empty()
                              ? view.field(row, slot, rules_.slots.size()) != 0
                              : !slot_text(view, rules_, row, slot, scratch_, lone).empty();
    }
  }
}

layout_report layout_sampler::report() const {
  auto out = totals_;
  path_lister(rules_, rules_.document, claims_of_document(rules_), document_, false, out.paths).list(0);
  path_lister(rules_, rules_.track, claims_of_track(rules_), track_, true, out.track_keys).list(0);
  report_unmatched_in_document(out);
  report_unmatched_in_tracks(out);
  return out;
}

/// The unclaimed key of a node that is spelt almost like `key`, a claimed one that never occurred.
static std::string hint_for(std::string_view key, const std::map<std::string, std::uint64_t>& unclaimed) {
  std::vector<std::string_view> names;
  for (const auto& [name, times] : unclaimed) names.emplace_back(name);
  constexpr std::string_view meant = "; did you mean ";
  const auto text = names.empty() ? std::string() : suggestion(key, names);
  return text.starts_with(meant) ? text.substr(2) : std::string();
}

/// By node: whether it, or a node below it, is needed.
static std::vector<bool> needed_nodes(const std::vector<layout_node>& trie,
                                      const std::vector<node_claims>& claims) {
  std::vector<bool> needed(claims.size());
  for (auto i = claims.size(); i-- > 0;) {
    needed[i] = claims[i].is_needed;
    for (const auto& [key, child] : trie[i].keys) needed[i] = needed[i] || needed[child];
    if (const auto element = trie[i].element; element != no_index) needed[i] = needed[i] || needed[element];
  }
  return needed;
}

/// A path that never occurred is reported once; the paths below it are left out.
void layout_sampler::report_unmatched_in_document(layout_report& out) const {
  const auto claims = claims_of_document(rules_);
  const auto needed = needed_nodes(rules_.document, claims);
  std::vector<bool> below(claims.size());
  std::vector<std::string> hints(claims.size());
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const auto visit = [&](std::uint32_t child, std::string_view key) {
      below[child] = below[i];
      if (document_.seen[child] > 0 || below[i]) return;
      hints[child] = key.empty() ? hints[i] : hint_for(key, document_.unclaimed[i]);
      if (hints[child].empty()) hints[child] = hints[i];
      if (claims[child].claims.empty()) return;
      below[child] = true;
      out.unmatched.push_back({claims[child].path, claims[child].claims, needed[child], hints[child]});
    };
    for (const auto& [key, child] : rules_.document[i].keys) visit(child, key);
    if (rules_.document[i].element != no_index) visit(rules_.document[i].element, {});
  }
}

void layout_sampler::report_unmatched_in_tracks(layout_report& out) const {
  if (out.tracks == 0) return;  // reported already: no path of a track object occurred
  const auto is_missing_role = [&](std::size_t r, std::uint32_t slot) {
    const auto& slots = rules_.roles[r];
    return out.role_found[r] == 0 && std::find(slots.begin(), slots.end(), slot) != slots.end();
  };
  const auto of_track = claims_of_track(rules_);
  for (std::size_t n = 0; n < rules_.track.size(); ++n) {
    const auto slot = rules_.track[n].slot;
    if (slot == no_index || slot_found_[slot]) continue;
    bool needed = false;  // no other path of the same role occurred
    for (std::size_t r = 0; r < first_detail_role; ++r) needed = needed || is_missing_role(r, slot);
    const auto& path = rules_.slots[slot].path;
    out.unmatched.push_back(
        {path, of_track[n].claims, needed,
         path.find('.') == path.npos ? hint_for(path, track_.unclaimed[0]) : std::string()});
  }
}

}  // namespace outro
