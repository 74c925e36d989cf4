/// @file
/// Bytes in memory: little-endian fields of our file formats, and a growing buffer that never zero-fills.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>

#include "base/huge_pages.h"
#include "base/work_meter.h"

namespace outro {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "the formats are little-endian, and so is this code");

/// Appends an integer in little-endian order.
template <class T>
void put(std::string& out, T value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  out.append(raw, sizeof value);
}

/// Appends a string with its length in 32 bits in front.
inline void put_text(std::string& out, std::string_view text) {
  put(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

/// Reads fields in order from untrusted bytes; the first read past the end makes it fail for good.
class field_reader {
 public:
  explicit field_reader(std::string_view bytes) : rest_(bytes) {}

  template <class T>
  T get() {
    T value{};
    if (!has(sizeof value)) return value;
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }
  std::string_view get_bytes(std::size_t n) {
    if (!has(n)) return {};
    const auto bytes = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return bytes;
  }
  std::string_view get_text() { return get_bytes(get<std::uint32_t>()); }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

 private:
  /// Whether `n` bytes are left; fails for good where they are not.
  bool has(std::size_t n) {
    if (rest_.size() >= n) return true;
    ok_ = false;
    rest_ = {};
    return false;
  }

  std::string_view rest_;
  bool ok_ = true;
};

/// Frees the memory of a vector or a string. `v = {}` and `v.clear()` empty them and keep it.
template <class Container>
void give_back(Container& c) {
  Container().swap(c);
}

/// Direct I/O needs addresses, file offsets and lengths that are multiples of this, which is a multiple of
/// every disk's block.
inline constexpr std::size_t disk_alignment = 4096;

struct aligned_freer {
  void operator()(char* p) const { std::free(p); }  // NOLINT(cppcoreguidelines-no-malloc)
};
/// Memory that begins at a multiple of `disk_alignment`.
using aligned_bytes = std::unique_ptr<char, aligned_freer>;

/// `n` bytes, a multiple of `disk_alignment`; not zeroed. Throws bad_alloc. A multiple of a large page gets
/// large pages where the kernel grants them, because direct I/O looks up every page.
inline aligned_bytes make_aligned(std::size_t n) {
  if (n > 0 && n % huge_page == 0) return aligned_bytes(static_cast<char*>(allocate_huge(n)));
  aligned_bytes bytes(static_cast<char*>(std::aligned_alloc(disk_alignment, n)));
  if (!bytes) throw std::bad_alloc();
  return bytes;
}

/// A growing run of bytes for documents: no zero-fill, and large ones grow without a copy (glibc remaps).
/// Owns its memory; move-only. `padding` bytes behind the content are always readable and writable.
class buffer {
 public:
  static constexpr std::size_t padding = 64;  ///< simdjson::SIMDJSON_PADDING

  buffer() = default;

  /// Makes room for `n` content bytes; keeps what is there. Throws bad_alloc.
  void reserve(std::size_t n) {
    if (n <= capacity_) return;
    void* grown = metered_realloc(data_.get(), n + padding);
    (void)data_.release();
    data_.reset(static_cast<char*>(grown));
    capacity_ = n;
  }
  void resize(std::size_t n) {
    if (n > capacity_) grow(n);
    size_ = n;
  }
  /// Where the next `n` bytes go; `advance` adds them to the content. Bytes behind them, in the padding, may
  /// be written too: what follows overwrites them.
  char* room(std::size_t n) {
    if (n > capacity_ - size_) grow(size_ + n);
    return data_.get() + size_;
  }
  void advance(std::size_t n) { size_ += n; }

  void push_back(char c) {
    *room(1) = c;
    ++size_;
  }
  buffer& append(std::string_view bytes) {
    if (bytes.empty()) return *this;
    std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    size_ += bytes.size();
    return *this;
  }
  buffer& append(std::size_t n, char c) {
    if (n > 0) std::memset(room(n), c, n);
    size_ += n;
    return *this;
  }
  /// Appends a short text that has `stride` readable bytes behind it, as in a buffer: copying whole strides
  /// needs no call and no branch on the length.
  buffer& append_padded(const char* bytes, std::size_t n) {
    char* to = room(n);
    for (std::size_t i = 0; i < n; i += stride) std::memcpy(to + i, bytes + i, stride);
    size_ += n;
    return *this;
  }
  static constexpr std::size_t stride = 16;

  /// Zeroes the padding; call once the content is complete.
  void pad() {
    reserve(size_);
    if (data_) std::memset(data_.get() + size_, 0, padding);
  }
  void clear() { size_ = 0; }

  [[nodiscard]] char* data() { return data_.get(); }
  [[nodiscard]] const char* data() const { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::string_view view() const { return {data_.get(), size_}; }

 private:
  void grow(std::size_t n) { reserve(n < capacity_ * 2 ? capacity_ * 2 : n); }

  struct freer {
    void operator()(char* p) const { metered_free(p); }
  };
  std::unique_ptr<char, freer> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace outro
