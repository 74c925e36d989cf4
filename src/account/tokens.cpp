#include "account/tokens.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace outro {

reason token_finder::find(std::string_view document) {
  // Stage 1 never looks at depth; 1 keeps simdjson from allocating a stack for the stage we don't use.
  if (!parser_ || parser_->capacity() < document.size()) {
    const auto capacity = std::max<std::size_t>(document.size() + document.size() / 4, 1U << 18);
    parser_.reset();
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, parser_) !=
        simdjson::SUCCESS)
      throw std::bad_alloc();
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(document.data());
  switch (parser_->stage1(bytes, document.size(), simdjson::stage1_mode::regular)) {
    case simdjson::SUCCESS:
      return reason::none;
    case simdjson::MEMALLOC:
      throw std::bad_alloc();
    case simdjson::UTF8_ERROR:
      return reason::bad_utf8;
    default:
      return reason::malformed;
  }
}

void token_finder::release_above(std::size_t capacity) {
  if (parser_ && parser_->capacity() > capacity) parser_.reset();
}

static bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool escapes_are_legal(std::string_view body) {
  const char* p = body.data();
  const char* const end = p + body.size();
  while (p < end) {
    p = static_cast<const char*>(std::memchr(p, '\\', static_cast<std::size_t>(end - p)));
    if (p == nullptr) return true;
    if (end - p < 2) return false;
    if (p[1] == 'u') {
      if (end - p < 6 || !is_hex(p[2]) || !is_hex(p[3]) || !is_hex(p[4]) || !is_hex(p[5])) return false;
      p += 6;
    } else {
      if (p[1] == '\0' || std::strchr("\"\\/bfnrt", p[1]) == nullptr) return false;
      p += 2;
    }
  }
  return true;
}

static bool may_follow_scalar(char c) {
  return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool number_is_legal(const char* p) {
  const auto digits = [&p] {
    if (*p < '0' || *p > '9') return false;
    while (*p >= '0' && *p <= '9') ++p;
    return true;
  };
  if (*p == '-') ++p;
  if (*p == '0')
    ++p;
  else if (!digits())
    return false;
  if (*p == '.') {
    ++p;
    if (!digits()) return false;
  }
  if (*p == 'e' || *p == 'E') {
    ++p;
    if (*p == '+' || *p == '-') ++p;
    if (!digits()) return false;
  }
  return may_follow_scalar(*p);
}

bool scalar_is_legal(const char* p) {
  switch (*p) {
    case 't':
      return std::memcmp(p, "true", 4) == 0 && may_follow_scalar(p[4]);
    case 'f':
      return std::memcmp(p, "false", 5) == 0 && may_follow_scalar(p[5]);
    case 'n':
      return std::memcmp(p, "null", 4) == 0 && may_follow_scalar(p[4]);
    default:
      return number_is_legal(p);
  }
}

}  // namespace outro
