#include "catalogue/object_reader.h"

#include <algorithm>

#include "account/value_text.h"
#include "base/json_text.h"

namespace outro {

namespace {

const char* skip_space(const char* p) {
  while (*p == ' ' || *p == '\t' || *p == '\r') ++p;
  return p;
}

/// A string, number, true or false in one spelling; nothing for all else.
std::string single_value(const char* value, const char* end) {
  if (*value == '{' || *value == '[' || *value == 'n') return {};
  if (*value != '"') return {value, end};
  const auto body = string_body(value);
  if (body.empty()) return {};
  std::string text, quoted;
  (void)append_unescaped(text, body);
  append_json_string(quoted, text);
  return quoted;
}

}  // namespace

void object_reader::read(const layout& rules, std::string_view object) {
  rules_ = &rules;
  view_.document = object;
  view_.fields.assign(rules.slots.size(), 0);
  members_.clear();
  read_object(rules.track[0], object.data());
  for (std::size_t r = 0; r < role_count; ++r) {
    std::uint64_t lone = 0;
    std::string scratch;
    const auto text = role_text(view_, rules, 0, static_cast<role>(r), scratch, lone);
    texts_[r] = is_whole_json(text) ? std::string_view() : text;
  }
}

/// Whether a role's text is an object, or an array of other than single values, as it stands there: its bytes
/// and not what a string or the elements of an array say.
bool object_reader::is_whole_json(std::string_view text) const {
  if (text.empty() || (text.front() != '{' && text.front() != '[')) return false;
  return std::any_of(view_.fields.begin(), view_.fields.end(),
                     [&](std::uint32_t at) { return at != 0 && text.data() == view_.document.data() + at; });
}

/// Notes where the layout's fields are, as the walk of a document does.
void object_reader::read_object(const layout_node& node, const char* at) {
  const bool is_root = &node == rules_->track.data();
  std::string unescaped;
  for (at = skip_space(at + 1); *at != '}';) {
    const auto body = string_body(at);
    const char* const value = skip_space(skip_space(body.data() + body.size() + 1) + 1);
    const char* const end = value_end(value);
    std::string_view key = body;
    if (body.find('\\') != body.npos) {
      unescaped.clear();
      (void)append_unescaped(unescaped, body);
      key = unescaped;
    }
    if (is_root) note_member(key, value, end);
    if (const auto* known = node.known.find(key); known != nullptr && known->child != no_index) {
      const auto& child = rules_->track[known->child];
      if (child.slot != no_index)
        view_.fields[child.slot] = static_cast<std::uint32_t>(value - view_.document.data());
      if (*value == '{' && !child.keys.empty()) read_object(child, value);
    }
    at = skip_space(end);
    if (*at == ',') at = skip_space(at + 1);
  }
}

void object_reader::note_member(std::string_view key, const char* value, const char* end) {
  const auto& allowed = rules_->catalogue_fields;
  const auto name = std::find(allowed.begin(), allowed.end(), key);
  if (name == allowed.end()) return;
  const auto same =
      std::find_if(members_.begin(), members_.end(), [&](const auto& m) { return m.key == key; });
  if (same != members_.end()) {
    same->value = single_value(value, end);
  } else {
    members_.push_back({*name, single_value(value, end)});
  }
}

/// The slot that gives the role its text, or no_index.
std::uint32_t object_reader::slot_of(role what) const {
  std::string scratch;
  std::uint64_t lone = 0;
  for (const auto slot : rules_->roles[static_cast<std::size_t>(what)])
    if (!slot_text(view_, *rules_, 0, slot, scratch, lone).empty()) return slot;
  return no_index;
}

bool object_reader::may_tell(role what, std::string_view key) const {
  const auto& slots = rules_->roles[static_cast<std::size_t>(what)];
  return std::any_of(slots.begin(), slots.end(),
                     [&](std::uint32_t slot) { return rules_->slots[slot].path == key; });
}

std::string_view object_reader::key_of(role what) const {
  const auto slot = slot_of(what);
  return slot == no_index ? std::string_view() : std::string_view(rules_->slots[slot].path);
}

std::string object_reader::with(role what, const object_reader& other) const {
  const auto theirs = other.slot_of(what);
  std::string object(view_.document);
  if (theirs == no_index) return object;
  const char* const value = other.view_.document.data() + other.view_.fields[theirs];
  const std::string_view said(value, static_cast<std::size_t>(value_end(value) - value));
  const auto mine = slot_of(what);
  if (mine == no_index && rules_ != other.rules_) return object;  // their slots are not ours
  const auto at = view_.fields[mine != no_index ? mine : theirs];
  if (at != 0) {
    const char* const old = view_.document.data() + at;
    return object.replace(at, static_cast<std::size_t>(value_end(old) - old), said);
  }
  const auto& path = other.rules_->slots[theirs].path;
  if (path.find_first_of(".[") != path.npos) return object;
  object.pop_back();
  if (object.size() > 1) object += ',';
  append_json_string(object, path);
  return object.append(":").append(said).append("}");
}

}  // namespace outro
