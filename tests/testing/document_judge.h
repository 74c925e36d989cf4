/// @file
/// An independent judge of documents, for what the generator plants in them.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace outro::generate {

/// An independent judge of a document, by RFC 8259 and nothing else.
class judge {
 public:
  explicit judge(std::string_view text) : text_(text) {}

  std::string reason(std::size_t max_document) {
    if (text_.size() > max_document) return "TOO_LARGE";
    if (!is_utf8()) return "BAD_UTF8";
    if (!(peek() == '{' && value() && at_ == text_.size())) return "MALFORMED";
    if (deepest_ > 512) return "TOO_DEEP";
    if (ids_ != 1) return ids_ == 0 ? "ID_MISSING" : "ID_DUPLICATE";
    return "-";
  }

 private:
  [[nodiscard]] bool is_utf8() const {
    for (std::size_t i = 0; i < text_.size();) {
      const auto byte = [&](std::size_t k) -> unsigned {
        return i + k < text_.size() ? static_cast<unsigned char>(text_[i + k]) : 0U;
      };
      const unsigned lead = byte(0);
      if (lead < 0x80) {
        ++i;
        continue;
      }
      const std::size_t more =
          lead >= 0xc2 && lead < 0xe0
              ? 1
              : (lead >= 0xe0 && lead < 0xf0 ? 2 : (lead >= 0xf0 && lead < 0xf5 ? 3 : 0));
      if (more == 0) return false;
      for (std::size_t k = 1; k <= more; ++k) {
        if ((byte(k) & 0xc0U) != 0x80U) return false;
      }
      if ((lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) > 0x9f) ||
          (lead == 0xf0 && byte(1) < 0x90) || (lead == 0xf4 && byte(1) > 0x8f)) {
        return false;
      }
      i += more + 1;
    }
    return true;
  }

  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\r') ++at_;
  }
  bool take(char c) {
    if (peek() != c || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }
  bool word(std::string_view w) {
    if (text_.substr(at_, w.size()) != w) return false;
    at_ += w.size();
    return true;
  }
  bool digits() {
    const std::size_t from = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > from;
  }
  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (!take('+')) take('-');
      return digits();
    }
    return true;
  }
  bool string(std::string_view* inside = nullptr) {
    if (!take('"')) return false;
    const std::size_t from = at_;
    while (at_ < text_.size() && peek() != '"') {
      if (static_cast<unsigned char>(peek()) < 0x20) return false;
      if (take('\\')) {
        if (peek() == 'u') {
          for (int i = 0; i < 4; ++i) {
            ++at_;
            if (std::isxdigit(static_cast<unsigned char>(peek())) == 0) return false;
          }
        } else if (std::string_view("\"\\/bfnrt").find(peek()) == std::string_view::npos) {
          return false;
        }
      }
      ++at_;
    }
    if (inside != nullptr) *inside = text_.substr(from, at_ - from);
    return take('"');
  }
  bool scalar() {
    if (peek() == '"') return string();
    if (peek() == 't' || peek() == 'f' || peek() == 'n') return word("true") || word("false") || word("null");
    return number();
  }
  bool member_name() {
    std::string_view key;
    blanks();
    if (!string(&key)) return false;
    if (open_.size() == 1 && key == "userId") ++ids_;
    blanks();
    return take(':');
  }
  /// One value with all that is in it. Not recursive: documents may be deeper than the stack.
  bool value() {
    for (;;) {
      blanks();
      if (peek() == '{' || peek() == '[') {
        open_.push_back(peek() == '{' ? '}' : ']');
        deepest_ = std::max(deepest_, open_.size());
        ++at_;
        blanks();
        if (peek() != open_.back()) {
          if (open_.back() == '}' && !member_name()) return false;
          continue;
        }
      } else if (!scalar()) {
        return false;
      }
      for (;;) {  // what is complete now
        if (open_.empty()) return true;
        blanks();
        if (take(open_.back())) {
          open_.pop_back();
          continue;
        }
        if (!take(',') || (open_.back() == '}' && !member_name())) return false;
        break;
      }
    }
  }

  std::string_view text_;
  std::vector<char> open_;  ///< the closing brackets still to come
  std::size_t at_ = 0;
  std::size_t deepest_ = 0;
  std::size_t ids_ = 0;
};

}  // namespace outro::generate
