#include "text_buffer.h"

namespace outro::generate {

void text_buffer::grow(std::size_t extra) {
  const std::size_t wanted = std::max({size_ + extra, capacity_ + capacity_ / 2, std::size_t{64 * 1024}});
  auto bigger = std::make_unique_for_overwrite<char[]>(wanted);
  if (size_ > 0) std::memcpy(bigger.get(), bytes_.get(), size_);
  bytes_ = std::move(bigger);
  capacity_ = wanted;
}

void text_buffer::put_escaped(std::string_view text, escape_style style) {
  static constexpr char hex[] = "0123456789abcdef";
  ensure(text.size() * 6);
  char* out = bytes_.get() + size_;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '"' || c == '\\' || (c == '/' && style.slash)) {
      *out++ = '\\';
      *out++ = static_cast<char>(c);
    } else if (c < 0x20 || (style.latin && c >= 0xc2 && c < 0xe0 && i + 1 < text.size())) {
      unsigned code = c;
      if (c >= 0x20) code = ((c & 0x1fU) << 6) | (static_cast<unsigned char>(text[++i]) & 0x3fU);
      *out++ = '\\';
      *out++ = 'u';
      for (int shift = 12; shift >= 0; shift -= 4) *out++ = hex[(code >> shift) & 0xfU];
    } else {
      *out++ = static_cast<char>(c);
    }
  }
  size_ = static_cast<std::size_t>(out - bytes_.get());
}

void text_buffer::replace(std::size_t from, std::size_t length, std::string_view text) {
  if (text.size() > length) ensure(text.size() - length);
  char* const at = bytes_.get() + from;
  std::memmove(at + text.size(), at + length, size_ - from - length);
  std::memcpy(at, text.data(), text.size());
  size_ = size_ - length + text.size();
}

}  // namespace outro::generate
