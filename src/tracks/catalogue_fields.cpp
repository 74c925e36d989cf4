#include "tracks/catalogue_fields.h"

#include <algorithm>

#include "account/value_text.h"
#include "base/json_text.h"

namespace outro {

catalogue_fields::catalogue_fields(const layout& rules) {
  for (const auto& key : rules.catalogue_fields) {
    if (allowed_.size() <= key.size()) allowed_.resize(key.size() + 1);
    allowed_[key.size()].push_back(key);
  }
}

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
    if (key.size() < allowed_.size() && std::find(allowed_[key.size()].begin(), allowed_[key.size()].end(),
                                                  key) != allowed_[key.size()].end()) {
      if (!first) out += ',';
      first = false;
      out.append(body.data() - 1, body.size() + 2).append(1, ':').append(value, end);
    }
    p = skip_space(end);
    if (*p == ',') p = skip_space(p + 1);
  }
  out += '}';
}

}  // namespace outro
