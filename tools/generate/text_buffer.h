/// A growing byte buffer for JSON text. std::string would zero what it grows into and check its size for each
/// piece; this one keeps its memory between batches, because fresh pages cost as much as filling them.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace outro::generate {

/// The spelling of characters that a JSON writer may escape or not.
struct escape_style {
  bool slash = false;  ///< `/` as `\/`
  bool latin = false;  ///< U+0080..U+07FF as `\u00e9`
};

class text_buffer {
 public:
  [[nodiscard]] const char* data() const { return bytes_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string_view view(std::size_t from, std::size_t length) const {
    return {bytes_.get() + from, length};
  }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  void clear() { size_ = 0; }
  void truncate(std::size_t size) { size_ = size; }

  void ensure(std::size_t extra) {
    if (capacity_ - size_ < extra) grow(extra);
  }

  void put(char c) {
    ensure(1);
    bytes_[size_++] = c;
  }

  void put(std::string_view text) {
    ensure(text.size());
    std::memcpy(bytes_.get() + size_, text.data(), text.size());
    size_ += text.size();
  }

  /// A string literal: the length is a constant, so the copy is inlined.
  template <std::size_t N>
  void put(const char (&text)[N]) {
    ensure(N - 1);
    std::memcpy(bytes_.get() + size_, text, N - 1);
    size_ += N - 1;
  }

  void put_number(std::uint64_t value) {
    ensure(20);
    char* const at = bytes_.get() + size_;
    size_ += static_cast<std::size_t>(std::to_chars(at, at + 20, value).ptr - at);
  }

  void put_fill(char c, std::size_t count) {
    ensure(count);
    std::memset(bytes_.get() + size_, c, count);
    size_ += count;
  }

  /// Appends a copy of bytes of this buffer.
  void repeat(std::size_t from, std::size_t length) {
    ensure(length);
    std::memcpy(bytes_.get() + size_, bytes_.get() + from, length);
    size_ += length;
  }

  /// Appends UTF-8 text as the inside of a JSON string.
  void put_escaped(std::string_view text, escape_style style = {});

  /// Replaces `length` bytes at `from` by `text`.
  void replace(std::size_t from, std::size_t length, std::string_view text);

 private:
  void grow(std::size_t extra);

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace outro::generate
