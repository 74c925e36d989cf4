#include "archive/tar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace outro {

namespace {

/// A field of the 512-byte header.
struct field {
  std::size_t at, size;
};
constexpr field name_field{0, 100}, mode_field{100, 8}, uid_field{108, 8}, gid_field{116, 8},
    size_field{124, 12}, mtime_field{136, 12}, checksum_field{148, 8}, type_field{156, 1},
    magic_field{257, 8};
constexpr std::string_view magic{
    "ustar\0"
    "00",
    8};
constexpr std::string_view pax_path_key = " path=";

void put_octal(char* header, field f, std::uint64_t value) {
  for (auto i = f.size - 1; i-- > 0; value >>= 3) header[f.at + i] = static_cast<char>('0' + (value & 7));
  header[f.at + f.size - 1] = '\0';
}

std::optional<std::uint64_t> get_octal(std::string_view header, field f) {
  std::uint64_t value = 0;
  bool any = false;
  for (const char c : header.substr(f.at, f.size)) {
    if (c == '\0' || c == ' ') break;
    if (c < '0' || c > '7') return std::nullopt;
    value = value << 3 | static_cast<std::uint64_t>(c - '0');
    any = true;
  }
  return any ? std::optional(value) : std::nullopt;
}

std::uint32_t sum_of(std::string_view bytes) {
  std::uint32_t sum = 0;
  for (const char c : bytes) sum += static_cast<unsigned char>(c);
  return sum;
}

/// The checksum of a whole header, with blanks in the place of its own field.
std::uint32_t checksum(std::string_view header) {
  constexpr auto blanks = static_cast<std::uint32_t>(' ') * checksum_field.size;
  return sum_of(header) - sum_of(header.substr(checksum_field.at, checksum_field.size)) + blanks;
}

bool is_plain(std::string_view path) {
  return path.size() <= name_field.size &&
         std::all_of(path.begin(), path.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

/// "LEN path=PATH\n", where LEN counts itself.
std::string pax_record(std::string_view path) {
  const auto rest = pax_path_key.size() + path.size() + 1;
  auto length = rest + 1;
  while (std::to_string(length).size() + rest != length) ++length;
  return std::to_string(length).append(pax_path_key).append(path).append("\n");
}

/// The name that a reader without pax shows.
std::string plain_fallback(std::string_view path) {
  std::string plain;
  for (const char c : path) {
    if (static_cast<unsigned char>(c) >= 0xc0)
      plain += '_';
    else if (static_cast<unsigned char>(c) < 0x80)
      plain += c;
  }
  if (plain.size() > name_field.size) {
    const auto extension = plain.substr(plain.size() - 4);
    plain.resize(name_field.size - 4);
    plain += extension;
  }
  return plain;
}

bool is_safe_path(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.back() == '/' || path.find('\0') != path.npos ||
      path.find('\\') != path.npos)
    return false;
  while (!path.empty()) {
    const auto slash = std::min(path.find('/'), path.size());
    const auto step = path.substr(0, slash);
    if (step.empty() || step == "." || step == "..") return false;
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return true;
}

/// From the end of a content of this size to the next block.
constexpr std::size_t padding_of(std::uint64_t content_bytes) {
  return (tar_block - content_bytes % tar_block) % tar_block;
}

}  // namespace

void tar_writer::header(std::string_view name, char type, std::size_t size, std::size_t at) {
  char* h = out_.data() + at;
  std::memset(h, 0, tar_block);
  std::memcpy(h + name_field.at, name.data(), name.size());
  put_octal(h, mode_field, 0600);
  put_octal(h, uid_field, 0);
  put_octal(h, gid_field, 0);
  put_octal(h, size_field, size);
  put_octal(h, mtime_field, static_cast<std::uint64_t>(mtime_));
  h[type_field.at] = type;
  std::memcpy(h + magic_field.at, magic.data(), magic.size());
  const auto sum = checksum({h, tar_block});
  put_octal(h, {checksum_field.at, 7}, sum);
  h[checksum_field.at + 7] = ' ';
}

void tar_writer::begin(std::string_view path) {
  name_ = path;
  if (!is_plain(path)) {
    const auto record = pax_record(path);
    const auto at = out_.size();
    out_.resize(at + tar_block);
    header("PaxHeaders/path", 'x', record.size(), at);
    out_.append(record);
    out_.append(padding_of(record.size()), '\0');
    name_ = plain_fallback(path);
  }
  header_at_ = out_.size();
  out_.resize(header_at_ + tar_block);
  content_begin_ = size();
}

void tar_writer::end() {
  const auto bytes = size() - content_begin_;
  if (!counts_) header(name_, '0', bytes, header_at_);
  out_.append(padding_of(bytes), '\0');
}

void tar_writer::drop() {
  dropped_ += out_.size();
  out_.clear();
}

void tar_writer::count(std::string_view path, std::uint64_t content_bytes) {
  begin(path);
  dropped_ += content_bytes;
  end();
}

void tar_writer::insert(std::uint64_t at, std::string_view path, std::string_view content) {
  if (counts_) return count(path, content.size());
  buffer head;
  tar_writer member(head, mtime_);
  member.begin(path);
  member.header(member.name_, '0', content.size(), member.header_at_);
  const auto behind = out_.size() - at, padding = padding_of(content.size());
  out_.resize(out_.size() + head.size() + content.size() + padding);
  char* to = out_.data() + at;
  std::memmove(to + head.size() + content.size() + padding, to, behind);
  std::memcpy(to, head.data(), head.size());
  std::memcpy(to + head.size(), content.data(), content.size());
  std::memset(to + head.size() + content.size(), 0, padding);
}

status read_tar(std::string_view tar, const std::function<status(const tar_member&)>& each) {
  const auto bad = [](const char* what) {
    return fail(failure::corrupt, fmt::format("the archive's tar is damaged: {}", what));
  };
  std::string pax_path;
  while (tar.size() >= tar_block && tar[0] != '\0') {
    const auto header = tar.substr(0, tar_block);
    const auto sum = get_octal(header, checksum_field), size = get_octal(header, size_field);
    if (!sum || *sum != checksum(header) || header.substr(magic_field.at, magic_field.size) != magic)
      return bad("a header's checksum is wrong");
    const auto padded = size ? (*size + tar_block - 1) / tar_block * tar_block : 0;
    if (!size || *size > tar.size() || padded > tar.size() - tar_block) return bad("a member ends outside");
    const auto content = tar.substr(tar_block, *size);
    tar.remove_prefix(tar_block + padded);
    const char type = header[type_field.at];
    if (type == 'x') {
      const auto key = content.find(pax_path_key);
      if (key == content.npos || content.back() != '\n' ||
          content.substr(0, key) != std::to_string(content.size()))
        return bad("an extended header is not as we write it");
      pax_path = content.substr(key + pax_path_key.size());
      pax_path.pop_back();
      continue;
    }
    if (type != '0') return bad("a member is not a plain file");
    tar_member member{std::string(header.data(), ::strnlen(header.data(), name_field.size)), content};
    if (!pax_path.empty()) member.path = std::exchange(pax_path, {});
    if (!is_safe_path(member.path)) return bad("a member's path leads outside");
    if (auto s = each(member); !s.ok()) return s;
  }
  if (tar.size() < 2 * tar_block || tar.find_first_not_of('\0') != tar.npos) return bad("its end is missing");
  return {};
}

}  // namespace outro
