#include "account/walk.h"

#include <algorithm>
#include <bitset>
#include <charconv>
#include <cstring>
#include <span>

#include "account/content_digest.h"
#include "account/work_limit.h"
#include "base/json_text.h"

namespace outro {

/// One pass over the tokens of one document. Every function leaves `at_` behind what it took, and returns
/// false once `why_` is set.
class walk {
 public:
  walk(document_reader& reader, account_view& view, bool redact)
      : reader_(reader),
        rules_(reader.rules_),
        view_(view),
        doc_(view.document.data()),
        at_(reader.tokens_.begin()),
        redact_(redact && !rules_.redacted_keys.empty()),
        masks_(redact) {}

  reason run() {
    if (doc_[*at_] != '{') {
      // Not an object, but an error of grammar comes first.
      if (!check_value(0)) return why_;
      return *at_ == view_.document.size() ? reason::not_an_object : reason::malformed;
    }
    if (!object(rules_.document[0], 1)) return why_;
    if (*at_ != view_.document.size()) return reason::malformed;
    if (identity_ != reason::none) return identity_;
    if (!has_id_) return reason::id_missing;
    return notes_ ? reason::none : reason::too_large;
  }

 private:
  bool fail(reason why) {
    why_ = why;
    return false;
  }
  char token() const { return doc_[*at_]; }
  bool take() {
    ++at_;
    return true;
  }

  /// The body of the string at the current token: it ends at the last quote before the next token, because
  /// stage 1 leaves nothing but white space between the two.
  bool string(std::string_view& body) {
    const auto begin = *at_ + 1;
    auto end = at_[1] - 1;
    while (end >= begin && doc_[end] != '"') --end;
    if (end < begin) return fail(reason::malformed);
    body = {doc_ + begin, end - begin};
    if (next_slash_ < begin) find_slash(begin);
    if (next_slash_ < end && !escapes_are_legal(body)) return fail(reason::malformed);
    ++at_;
    return true;
  }
  void find_slash(std::uint32_t from) {
    const auto size = view_.document.size();
    const auto* p = static_cast<const char*>(std::memchr(doc_ + from, '\\', size - from));
    next_slash_ = p == nullptr ? static_cast<std::uint32_t>(size) : static_cast<std::uint32_t>(p - doc_);
  }

  /// A key and its colon; the unescaped text stays valid until the next key.
  bool key(std::string_view& text) {
    if (token() != '"') return fail(reason::malformed);
    const auto begin = *at_;
    if (!string(text)) return false;
    if (token() != ':') return fail(reason::malformed);
    ++at_;
    if (text.starts_with("$t")) view_.has_reference_key = true;
    if (next_slash_ > begin && next_slash_ <= begin + text.size()) {
      reader_.key_.clear();
      append_unescaped(reader_.key_, text);
      text = reader_.key_;
    }
    return true;
  }

  /// Checks a whole value that no path claims, without recursion. `depth`: containers around it.
  /// One function, because it is a hot loop.
  bool check_value(int depth) {
    const int outside = depth;
    std::string_view text;
  value:
    switch (token()) {
      case '{':
        if (++depth > max_depth) return fail(reason::too_deep);
        deepest_ = std::max(deepest_, depth);
        in_object_[static_cast<std::size_t>(depth)] = true;
        ++at_;
        if (token() == '}') goto close;
        goto key;
      case '[':
        if (++depth > max_depth) return fail(reason::too_deep);
        deepest_ = std::max(deepest_, depth);
        in_object_[static_cast<std::size_t>(depth)] = false;
        ++at_;
        if (token() == ']') goto close;
        goto value;
      case '"':
        if (!string(text)) return false;
        goto after;
      default:
        if (!scalar_is_legal(doc_ + *at_)) return fail(reason::malformed);
        ++at_;
        goto after;
    }
  key:
    if (!key(text)) return false;
    if (redact_)
      if (const auto* known = rules_.known_elsewhere.find(text); known != nullptr) {
        if (!redact_value(known->name, depth)) return false;
        goto after;
      }
    goto value;
  after:
    if (depth == outside) return true;
    if (in_object_[static_cast<std::size_t>(depth)]) {
      if (token() == ',') {
        ++at_;
        goto key;
      }
      if (token() == '}') goto close;
    } else {
      if (token() == ',') {
        ++at_;
        goto value;
      }
      if (token() == ']') goto close;
    }
    return fail(reason::malformed);
  close:
    ++at_;
    --depth;
    goto after;
  }

  /// A value at a node of the document's trie. `depth`: containers around it.
  bool value(const layout_node& node, int depth) {
    const auto begin = *at_;
    if (node.begins_row_of != no_index && notes_) begin_row(node.begins_row_of);
    for (const auto& c : node.captures) note(c, begin);
    const auto edits = reader_.edits_.size();
    if (node.is_track && token() == '{') {
      if (!track(node, depth + 1)) return false;
    } else if (token() == '{' && !node.keys.empty()) {
      if (!object(node, depth + 1)) return false;
    } else if (token() == '[' && node.element != no_index) {
      if (!array(rules_.document[node.element], depth + 1)) return false;
    } else if (!check_value(depth)) {
      return false;
    }
    if (node.is_account_id) identity(begin);
    if (node.is_exported_at) version(begin);
    if (node.is_volatile && may_note(span_work)) view_.volatiles.push_back({begin, end_of_last() - begin});
    if (node.is_masked && masks_ && notes_) {
      reader_.edits_.resize(edits);  // the whole is replaced, and edits inside with it
      add_edit(begin, path_of(node), "\"[masked]\"");
      reader_.edits_move_rows_ = true;  // values noted inside are gone
    }
    return true;
  }

  bool object(const layout_node& node, int depth) {
    if (depth > max_depth) return fail(reason::too_deep);
    ++at_;
    if (token() == '}') return take();
    for (;;) {
      std::string_view name;
      if (!key(name)) return false;
      const auto* known = node.known.find(name);
      if (known != nullptr && known->child != no_index) {
        if (!value(rules_.document[known->child], depth)) return false;
      } else if (!other_value(known, depth)) {
        return false;
      }
      if (token() == '}') return take();
      if (token() != ',') return fail(reason::malformed);
      ++at_;
    }
  }

  bool array(const layout_node& element, int depth) {
    if (depth > max_depth) return fail(reason::too_deep);
    ++at_;
    if (token() == ']') return take();
    for (;;) {
      if (!value(element, depth)) return false;
      if (token() == ']') return take();
      if (token() != ',') return fail(reason::malformed);
      ++at_;
    }
  }

  /// The value of a key that no path goes through.
  bool other_value(const known_key* known, int depth) {
    return redact_ && known != nullptr ? redact_value(known->name, depth) : check_value(depth);
  }

  bool redact_value(const std::string& name, int depth) {
    const auto begin = *at_;
    redact_ = false;
    if (!check_value(depth)) return false;
    redact_ = true;
    add_edit(begin, name, "\"[redacted]\"");
    return true;
  }

  /// A track object: known by its bytes, or checked and noted as a new row. `depth` counts it.
  bool track(const layout_node& node, int depth) {
    const auto begin = *at_;
    auto row = tracks_redacted_ ? no_index : reader_.row_set_.guess(view_, begin);
    // A repetition may be nested deeper than the first object, whose depth was checked where it is.
    if (row != no_index && depth <= row_depth_limit_) {
      at_ += view_.rows[row].tokens;
    } else {
      if (depth > max_depth) return fail(reason::too_deep);
      const auto first_token = at_;
      const auto slots = rules_.slots.size();
      const auto fields_at = view_.fields.size();
      view_.fields.resize(fields_at + slots);  // noted before it is known whether the row is new
      fields_at_ = fields_at;
      const auto edits = reader_.edits_.size();
      deepest_ = depth;
      if (!track_object(rules_.track[0], depth)) return false;
      if (!notes_) {
        view_.fields.resize(fields_at);
        return true;
      }
      tracks_redacted_ |= reader_.edits_.size() != edits;
      reader_.edits_move_rows_ |= tracks_redacted_;
      const auto tokens = static_cast<std::uint32_t>(at_ - first_token);
      const auto length = at_[-1] + 1 - begin;
      const auto [index, is_new] = reader_.row_set_.insert(view_, {begin, length, tokens});
      row = index;
      if (!is_new || !may_note(row_work + slot_work * slots)) view_.fields.resize(fields_at);
      row_depth_limit_ = std::min(row_depth_limit_, max_depth - (deepest_ - depth));
    }
    if (may_note(ref_work)) view_.refs.push_back({begin, row});
    if (node.track_of != no_index) set_cell(node.track_of, 0, row + 1);
    return true;
  }

  /// Inside a track object, along the track trie.
  bool track_object(const layout_node& node, int depth) {
    if (depth > max_depth) return fail(reason::too_deep);
    deepest_ = std::max(deepest_, depth);
    ++at_;
    if (token() == '}') return take();
    for (;;) {
      std::string_view name;
      if (!key(name)) return false;
      const auto* known = node.known.find(name);
      if (known != nullptr && known->child != no_index && !(redact_ && known->is_redacted)) {
        if (!track_value(rules_.track[known->child], depth)) return false;
      } else if (!other_value(known, depth)) {
        return false;
      }
      if (token() == '}') return take();
      if (token() != ',') return fail(reason::malformed);
      ++at_;
    }
  }

  bool track_value(const layout_node& node, int depth) {
    if (node.slot != no_index) view_.fields[fields_at_ + node.slot] = *at_;
    if (token() == '{' && !node.keys.empty()) return track_object(node, depth + 1);
    return check_value(depth);
  }

  /// Offset behind the value whose last token is right before `at_`.
  std::uint32_t end_of_last() const {
    const auto last = at_[-1];
    const char c = doc_[last];
    if (c == '}' || c == ']') return last + 1;
    auto end = *at_;
    while (end > last + 1 && (doc_[end - 1] == ' ' || doc_[end - 1] == '\t' || doc_[end - 1] == '\r')) --end;
    return end;
  }

  void add_edit(std::uint32_t begin, std::string name, std::string_view text) {
    // A value that is the replacement already stays: it was redacted before.
    const auto length = end_of_last() - begin;
    if (view_.document.substr(begin, length) == text || !may_note(edit_work)) return;
    reader_.edits_.push_back({{begin, length}, std::move(name), text});
  }

  /// The path to a node; needed only where something is masked.
  std::string path_of(const layout_node& node) const {
    const auto index = static_cast<std::uint32_t>(&node - rules_.document.data());
    for (const auto& parent : rules_.document) {
      if (parent.element == index) return path_of(parent) + "[]";
      for (const auto& [name, child] : parent.keys)
        if (child == index) return (&parent == rules_.document.data() ? "" : path_of(parent) + ".") + name;
    }
    return {};
  }

  /// Counts what is about to be noted. Once it is too much nothing is noted any more: the rest of the
  /// document is only checked, so that its account and an error of grammar are known all the same.
  bool may_note(std::uint64_t work) {
    view_.noted_work += work;
    if (view_.noted_work > reader_.most_work_) notes_ = false;
    return notes_;
  }

  void begin_row(std::uint32_t index) {
    auto& rows = view_.tables[index];
    if (!may_note(table_row_work(index, rows.width))) return;
    rows.cells.resize(rows.cells.size() + rows.width);
    if (index == playlist_table)
      set_cell(playlist_table, static_cast<std::uint32_t>(playlist_cell::first_entry),
               static_cast<std::uint32_t>(view_.tables[entry_table].count()));
  }
  void set_cell(std::uint32_t index, std::uint32_t cell, std::uint32_t value) {
    auto& rows = view_.tables[index];
    if (!rows.cells.empty()) rows.cells[rows.cells.size() - rows.width + cell] = value;
  }
  void note(const capture& c, std::uint32_t offset) { set_cell(c.table, c.cell, offset); }

  /// Keeps the first reason, but one of the account id comes before any other.
  void reject(reason why) {
    const bool of_id = why == reason::id_duplicate || why == reason::id_invalid;
    const bool has_id_reason = identity_ == reason::id_duplicate || identity_ == reason::id_invalid;
    if (identity_ == reason::none || (of_id && !has_id_reason)) identity_ = why;
  }

  void identity(std::uint32_t begin) {
    if (has_id_) return reject(reason::id_duplicate);
    has_id_ = true;
    view_.account.clear();
    if (doc_[begin] == '"') {
      const auto body = string_body(doc_ + begin);
      // An escape takes at most six bytes for one: a longer body cannot fit.
      if (body.size() > 6 * 128) return reject(reason::id_invalid);
      if (append_unescaped(view_.account, body) != 0) return reject(reason::id_invalid);
    } else {
      view_.account = scalar_text(doc_ + begin);
      if (view_.account.find_first_not_of("0123456789") != std::string::npos)
        return reject(reason::id_invalid);
    }
    if (view_.account.empty() || view_.account.size() > 128) reject(reason::id_invalid);
  }

  void version(std::uint32_t begin) {
    if (has_version_) return reject(reason::exported_at_duplicate);
    has_version_ = true;
    const bool quoted = doc_[begin] == '"';
    const auto text = quoted ? string_body(doc_ + begin) : scalar_text(doc_ + begin);
    if (!quoted && text == "null") return;  // counts as absent: oldest
    std::int64_t ms = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
    if (text.empty() || end != text.data() + text.size() ||
        (error != std::errc{} && error != std::errc::result_out_of_range))
      return reject(reason::exported_at_invalid);
    if (error == std::errc::result_out_of_range) return reject(reason::exported_at_range);
    if (rules_.exported_at_time == cell_kind::time_s) {
      if (ms > reader_.limits_.latest_ms / 1000 || ms < 0) return reject(reason::exported_at_range);
      ms *= 1000;
    }
    if (ms < reader_.limits_.earliest_ms || ms > reader_.limits_.latest_ms)
      return reject(reason::exported_at_range);
    view_.exported_at = ms;
  }

  document_reader& reader_;
  const layout& rules_;
  account_view& view_;
  const char* doc_;
  const std::uint32_t* at_;
  bool redact_;
  bool masks_;
  bool tracks_redacted_ = false;  ///< a known row holds something to redact, so repetitions must be walked
  reason why_ = reason::none;
  reason identity_ = reason::none;
  bool notes_ = true;  ///< what is noted has not become too much
  bool has_id_ = false;
  bool has_version_ = false;
  std::uint32_t next_slash_ = 0;
  std::size_t fields_at_ = 0;
  int deepest_ = 0;                  ///< the deepest nesting so far in the track being read
  int row_depth_limit_ = max_depth;  ///< the deepest place where every known row fits under max_depth
  std::bitset<max_depth + 1> in_object_;
};

document_reader::document_reader(const layout& rules, version_limits limits,
                                 std::shared_ptr<digest_memory> digests)
    : rules_(rules), limits_(limits), content_(rules, std::move(digests)) {}

/// Of a document that takes more, what is no longer needed is given back early.
static constexpr std::uint64_t large_work = 4U << 20;

static void clear(account_view& view, const layout& rules, std::string_view document) {
  view.document = document;
  view.account.clear();
  view.exported_at.reset();
  view.rows.clear();
  view.row_hashes.clear();
  view.row_digests.clear();
  view.refs.clear();
  view.fields.clear();
  view.volatiles.clear();
  view.has_reference_key = false;
  view.noted_work = 0;
  view.redacted.clear();
  view.tables.resize(rules.tables.size());
  for (std::size_t i = 0; i < rules.tables.size(); ++i) {
    view.tables[i].width = rules.tables[i].cells;
    view.tables[i].cells.clear();
  }
}

reason document_reader::read_once(std::string_view document, account_view& view, bool redact) {
  clear(view, rules_, document);
  row_set_.clear(document.size());
  edits_.clear();
  edits_move_rows_ = false;
  if (const auto why = tokens_.find(document); why != reason::none) return why;
  const auto why = walk(*this, view, redact).run();
  // Five bytes of tokens for each byte of a large document are not kept while it is archived.
  tokens_.release_above(1U << 20);
  row_set_.release_large();
  return why;
}

/// Writes the document with its edits applied into the reader's copy; returns the names of what was replaced.
std::vector<std::string> document_reader::apply_edits(std::string_view document) {
  std::vector<std::string> names;
  redacted_copy_.clear();
  redacted_copy_.reserve(document.size() + document.size() / 64);
  std::size_t from = 0;
  for (auto& e : edits_) {
    redacted_copy_.append(document.substr(from, e.where.begin - from));
    redacted_copy_.append(e.text);
    from = e.where.begin + e.where.length;
    names.push_back(std::move(e.name));
  }
  redacted_copy_.append(document.substr(from));
  redacted_copy_.pad();
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

namespace {

/// Where bytes of a document are after its edits.
class moved_offsets {
 public:
  template <class Edits>
  explicit moved_offsets(const Edits& edits) {
    std::uint32_t by = 0;  // may wrap around
    for (const auto& e : edits) {
      by += static_cast<std::uint32_t>(e.text.size()) - e.where.length;
      steps_.push_back({e.where.begin, by});
    }
  }

  /// Moves an offset that is inside no edit; 0 (nothing noted) stays. Offsets mostly come in the order of the
  /// document, so it is looked for near the one before.
  void move(std::uint32_t& offset) {
    const auto behind = [&](std::size_t i) { return i < steps_.size() && steps_[i].from < offset; };
    if (!behind(at_) && (at_ == 0 || behind(at_ - 1))) {
      // As the one before.
    } else if (behind(at_) && !behind(at_ + 1)) {
      ++at_;
    } else {
      const auto first =
          std::partition_point(steps_.begin(), steps_.end(), [&](const step& s) { return s.from < offset; });
      at_ = static_cast<std::size_t>(first - steps_.begin());
    }
    if (at_ > 0) offset += steps_[at_ - 1].by;
  }

  /// The same for many offsets in any order. Where edits are few, a pass for each has no branches.
  void move_all(std::span<std::uint32_t> offsets) {
    constexpr std::size_t few = 4;
    if (steps_.size() > few) {
      for (auto& offset : offsets) move(offset);
      return;
    }
    // From the last edit on: what has moved is still behind all edits before.
    for (auto i = steps_.size(); i > 0; --i) {
      const auto from = steps_[i - 1].from;
      const auto by = steps_[i - 1].by - (i > 1 ? steps_[i - 2].by : 0);
      for (auto& offset : offsets) offset += offset > from ? by : 0;
    }
  }

 private:
  struct step {
    std::uint32_t from;  ///< what is behind this
    std::uint32_t by;    ///< moves by this, in all
  };
  std::vector<step> steps_;
  std::size_t at_ = 0;  ///< the first step that the last offset is not behind
};

}  // namespace

/// Moves every offset of the view to the place of its byte after the edits. No noted offset is inside an
/// edit.
void document_reader::shift_offsets(account_view& view) const {
  moved_offsets to(edits_);
  for (auto& r : view.rows) to.move(r.begin);
  for (auto& r : view.refs) to.move(r.begin);
  to.move_all(view.fields);
  for (auto& v : view.volatiles) {
    auto end = v.begin + v.length;
    to.move(v.begin);
    to.move(end);
    v.length = end - v.begin;
  }
  for (std::size_t t = 0; t < view.tables.size(); ++t) {
    auto& cells = view.tables[t].cells;
    const auto width = view.tables[t].width;
    // Cell 0 is a row of the track table, and the last one of a playlist counts entries: no offsets.
    const auto last = t == playlist_table ? static_cast<std::uint32_t>(playlist_cell::first_entry) : width;
    for (std::size_t row = 0; row < cells.size(); row += width)
      for (std::size_t i = row + 1; i < row + last; ++i) to.move(cells[i]);
  }
}

void document_reader::release() {
  tokens_.release_above(0);
  give_back(edits_);
  redacted_copy_ = {};
  content_.release();
  row_set_.release();
}

reason document_reader::read(std::string_view document, account_view& view, bool content) {
  most_work_ = most_work(document.size());
  auto why = read_once(document, view, true);
  if (why == reason::none && !edits_.empty()) {
    auto names = apply_edits(document);
    if (edits_move_rows_) {
      why = read_once(redacted_copy_.view(), view, false);
    } else {
      shift_offsets(view);
      view.document = redacted_copy_.view();
    }
    view.redacted = std::move(names);
  }
  if (why != reason::none) return why;
  view.digest = digest_of(view.document);
  view.content_digest = {};
  if (content) content_.digest(view);
  if (view.noted_work > large_work) give_back(view.row_digests);  // nothing else asks for them
  return reason::none;
}

}  // namespace outro
