#include "base/json_text.h"

#include <boost/json/serialize.hpp>
#include <cstring>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/utf8.h"

namespace outro {

static std::uint32_t hex4(const char* p) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const auto c = std::uint32_t{static_cast<unsigned char>(p[i])};
    value = value << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return value;
}

static void append_utf8(std::string& out, std::uint32_t code) {
  const auto add = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  const auto add_tail = [&](unsigned shift) { add(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xc0 | code >> 6);
  } else if (code < 0x10000) {
    add(0xe0 | code >> 12);
    add_tail(6);
  } else {
    add(0xf0 | code >> 18);
    add_tail(12);
    add_tail(6);
  }
  add_tail(0);
}

std::uint32_t append_unescaped(std::string& out, std::string_view body) {
  std::uint32_t lone = 0;
  const char* p = body.data();
  const char* const end = p + body.size();
  while (p < end) {
    const auto* slash = static_cast<const char*>(std::memchr(p, '\\', static_cast<std::size_t>(end - p)));
    if (slash == nullptr) slash = end;
    out.append(p, slash);
    if (slash == end) break;
    p = slash + 2;
    switch (slash[1]) {
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case 'u': {
        auto code = hex4(p);
        p += 4;
        if (code >= 0xd800 && code < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
          const auto low = hex4(p + 2);
          if (low >= 0xdc00 && low < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            p += 6;
          }
        }
        if (code >= 0xd800 && code < 0xe000) {
          code = 0xfffd;
          ++lone;
        }
        append_utf8(out, code);
        break;
      }
      default:
        out += slash[1];  // the quote, the backslash, the slash
    }
  }
  return lone;
}

std::string_view string_body(const char* at) {
  // The string ends at the first quote that has an even number of backslashes before it.
  const char* p = at;
  for (;;) {
    p = static_cast<const char*>(::rawmemchr(p + 1, '"'));
    const char* slash = p;
    while (slash[-1] == '\\') --slash;
    if ((p - slash) % 2 == 0) break;
  }
  return {at + 1, static_cast<std::size_t>(p - at - 1)};
}

std::string_view scalar_text(const char* at) {
  const char* p = at;
  while ((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') || *p == '-' || *p == '+' || *p == '.' ||
         *p == 'E')
    ++p;
  return {at, static_cast<std::size_t>(p - at)};
}

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out.append(1, '\\').append(1, c);
    else if (byte < 0x20)
      out.append("\\u00").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    else
      out += c;
  }
  out += '"';
}

/// Adds to objects, at any depth, the bytes of members that are not UTF-8.
static void add_bytes(boost::json::value& value) {
  if (auto* array = value.if_array())
    for (auto& element : *array) add_bytes(element);
  auto* object = value.if_object();
  if (object == nullptr) return;
  std::vector<std::pair<std::string, std::string>> more;
  for (auto& member : *object) {
    const auto* text = member.value().if_string();
    if (text == nullptr)
      add_bytes(member.value());
    else if (!is_utf8(*text))
      more.emplace_back(std::string(member.key()) + "Hex", to_hex(std::string_view(*text)));
  }
  for (auto& [key, bytes] : more) (*object)[key] = std::move(bytes);
}

std::string serialized(const boost::json::value& value) {
  auto text = boost::json::serialize(value);
  if (is_utf8(text)) return valid_json(std::move(text));
  auto exact = value;
  add_bytes(exact);
  return valid_json(boost::json::serialize(exact));
}

}  // namespace outro
