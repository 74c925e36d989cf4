#include "tracks/catalogue_fields.h"

#include "account/value_text.h"
#include "base/json_text.h"

namespace outro {

static key_table table_of(const std::vector<std::string>& keys) {
  std::vector<std::pair<std::string, std::uint32_t>> children;
  for (const auto& key : keys) children.emplace_back(key, 0);
  return {children, {}};
}

catalogue_fields::catalogue_fields(const layout& rules) : allowed_(table_of(rules.catalogue_fields)) {}

static const char* skip_space(const char* p) {
  while (*p == ' ' || *p == '\t' || *p == '\r') ++p;
  return p;
}

void catalogue_fields::append(std::string_view object, std::string& out) {
  out += '{';
  bool first = true;
  const char* p = skip_space(object.data() + 1);
  while (*p != '}') {
    const auto body = string_body(p);
    const char* const value = skip_space(skip_space(body.data() + body.size() + 1) + 1);
    const char* const end = value_end(value);
    std::string_view key = body;
    if (body.find('\\') != body.npos) {
      key_.clear();
      append_unescaped(key_, body);
      key = key_;
    }
    if (allowed_.find(key) != nullptr) {
      if (!first) out += ',';
      first = false;
      const char* const after_key = body.data() + body.size() + 1;
      if (value == after_key + 1)
        out.append(body.data() - 1, end);
      else
        out.append(body.data() - 1, after_key).append(1, ':').append(value, end);
    }
    p = skip_space(end);
    if (*p == ',') p = skip_space(p + 1);
  }
  out += '}';
}

}  // namespace outro
