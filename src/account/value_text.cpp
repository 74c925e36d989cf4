#include "account/value_text.h"

#include "base/json_text.h"

namespace outro {

namespace {

constexpr std::string_view joint = " / ";

const char* skip_space(const char* p) {
  while (*p == ' ' || *p == '\t' || *p == '\r') ++p;
  return p;
}

/// Behind the value at `p`; the grammar is known to be right.
const char* behind(const char* p) {
  int depth = 0;
  do {
    p = skip_space(p);
    switch (*p) {
      case '"': {
        const auto body = string_body(p);
        p = body.data() + body.size() + 1;
        break;
      }
      case '{':
      case '[':
        ++depth;
        ++p;
        break;
      case '}':
      case ']':
        --depth;
        ++p;
        break;
      case ',':
      case ':':
        ++p;
        break;
      default: {
        const auto text = scalar_text(p);
        p = text.data() + text.size();
      }
    }
  } while (depth > 0);
  return p;
}

void append_scalar(const char* p, std::string& out, std::uint64_t& lone) {
  if (*p == '"')
    lone += append_unescaped(out, string_body(p));
  else if (*p != 'n')
    out.append(scalar_text(p));
}

/// Calls `each` with the start of every element of the array at `p`.
template <class Each>
void for_each_element(const char* p, Each each) {
  p = skip_space(p + 1);
  while (*p != ']') {
    each(p);
    p = skip_space(behind(p));
    if (*p == ',') p = skip_space(p + 1);
  }
}

bool is_array_of_scalars(const char* p) {
  bool scalars = true;
  for_each_element(p, [&](const char* e) { scalars = scalars && *e != '{' && *e != '['; });
  return scalars;
}

/// The last value of `key` in the object at `p`, or null.
const char* member(const char* p, std::string_view key) {
  const char* found = nullptr;
  p = skip_space(p + 1);
  while (*p != '}') {
    const auto body = string_body(p);
    const bool matches = body == key;
    p = skip_space(body.data() + body.size() + 1);
    p = skip_space(p + 1);
    if (matches) found = p;
    p = skip_space(behind(p));
    if (*p == ',') p = skip_space(p + 1);
  }
  return found;
}

void append_joined(const char* element, std::string& out, bool& first, std::uint64_t& lone) {
  if (*element == 'n') return;
  if (!first) out.append(joint);
  first = false;
  append_scalar(element, out, lone);
}

}  // namespace

const char* value_end(const char* at) {
  return behind(at);
}

std::string_view value_text(std::string_view document, std::uint32_t at, std::string& scratch,
                            std::uint64_t& lone) {
  if (at == 0) return {};
  const char* p = document.data() + at;
  switch (*p) {
    case '"': {
      const auto body = string_body(p);
      if (body.find('\\') == body.npos) return body;
      scratch.clear();
      lone += append_unescaped(scratch, body);
      return scratch;
    }
    case '[':
      if (is_array_of_scalars(p)) {
        scratch.clear();
        bool first = true;
        for_each_element(p, [&](const char* e) { append_joined(e, scratch, first, lone); });
        return scratch;
      }
      [[fallthrough]];
    case '{':
      return {p, static_cast<std::size_t>(behind(p) - p)};
    case 'n':
      return {};
    default:
      return scalar_text(p);
  }
}

std::string_view slot_text(const account_view& view, const layout& rules, std::size_t row, std::size_t slot,
                           std::string& scratch, std::uint64_t& lone) {
  const auto at = view.field(row, slot, rules.slots.size());
  const auto& key = rules.slots[slot].sub_key;
  if (at == 0 || key.empty()) return value_text(view.document, at, scratch, lone);
  const char* p = view.document.data() + at;
  if (*p != '[') return {};
  scratch.clear();
  bool first = true;
  for_each_element(p, [&](const char* e) {
    const char* value = *e == '{' ? member(e, key) : nullptr;
    if (value != nullptr && *value != '{' && *value != '[') append_joined(value, scratch, first, lone);
  });
  return scratch;
}

std::string_view role_text(const account_view& view, const layout& rules, std::size_t row, role what,
                           std::string& scratch, std::uint64_t& lone) {
  const auto& none = rules.none[static_cast<std::size_t>(what)];
  for (const auto slot : rules.roles[static_cast<std::size_t>(what)])
    if (const auto text = slot_text(view, rules, row, slot, scratch, lone); !text.empty() && !none.has(text))
      return text;
  return {};
}

}  // namespace outro
