/// @file
/// A strict reference parser of RFC 8259, written for clarity: recursion, one byte at a time. What it refuses
/// must never be accepted.
#pragma once

#include <cstdint>
#include <string_view>

namespace outro::testing {

class strict_json {
 public:
  explicit strict_json(std::string_view text) : text_(text) {}

  /// One value, white space around it, UTF-8 throughout, nested at most `max_depth` deep.
  bool accepts(int max_depth) {
    return utf8() && (space(), value(max_depth)) && (space(), at_ == text_.size());
  }

 private:
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) { return at_ < text_.size() && text_[at_] == c ? ++at_, true : false; }
  void space() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\r' || (peek() == '\n')) ++at_;
  }
  bool word(std::string_view w) {
    if (!text_.substr(at_).starts_with(w)) return false;
    at_ += w.size();
    return true;
  }
  bool digits() {
    const auto from = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > from;
  }
  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      if (!digits()) return false;
    }
    return true;
  }
  bool string() {
    if (!take('"')) return false;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\') continue;
      const char e = peek();
      ++at_;
      if (e == 'u') {
        for (int i = 0; i < 4; ++i, ++at_) {
          const char h = peek();
          if (!((h >= '0' && h <= '9') || (h >= 'a' && h <= 'f') || (h >= 'A' && h <= 'F'))) return false;
        }
      } else if (e == '\0' || std::string_view("\"\\/bfnrt").find(e) == std::string_view::npos) {
        return false;
      }
    }
    return false;
  }
  bool object(int depth) {
    take('{'), space();
    if (take('}')) return true;
    for (;;) {
      if (space(), !string()) return false;
      if (space(), !take(':')) return false;
      if (space(), !value(depth)) return false;
      if (space(), take('}')) return true;
      if (!take(',')) return false;
    }
  }
  bool array(int depth) {
    take('['), space();
    if (take(']')) return true;
    for (;;) {
      if (space(), !value(depth)) return false;
      if (space(), take(']')) return true;
      if (!take(',')) return false;
    }
  }
  bool value(int depth) {
    switch (peek()) {
      case '{':
        return depth > 0 && object(depth - 1);
      case '[':
        return depth > 0 && array(depth - 1);
      case '"':
        return string();
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }
  [[nodiscard]] bool utf8() const {
    for (std::size_t i = 0; i < text_.size();) {
      const auto lead = static_cast<unsigned char>(text_[i]);
      const std::size_t n = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
      if (n > 1 && (lead < 0xc2 || lead > 0xf4 || i + n > text_.size())) return false;
      std::uint32_t code = n == 1 ? lead : lead & (0xffU >> (n + 1));
      for (std::size_t k = 1; k < n; ++k) {
        const auto c = static_cast<unsigned char>(text_[i + k]);
        if ((c & 0xc0) != 0x80) return false;
        code = code << 6 | (c & 0x3fU);
      }
      if ((n == 3 && code < 0x800) || (n == 4 && (code < 0x10000 || code > 0x10ffff)) ||
          (code >= 0xd800 && code < 0xe000))
        return false;
      i += n;
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace outro::testing
