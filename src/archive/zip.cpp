#include "archive/zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <chrono>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

namespace outro {

namespace {

using zip_handle = std::unique_ptr<struct archive, int (*)(struct archive*)>;
using entry_handle = std::unique_ptr<struct archive_entry, void (*)(struct archive_entry*)>;

status zip_failure(std::string_view what, struct archive* zip) {
  // libarchive's text may hold a member's name, which is personal; its error number is not.
  return fail(failure::io,
              fmt::format("cannot make the zip: {} (libarchive error {})", what, archive_errno(zip)));
}

la_ssize_t append_bytes(struct archive* zip, void* out, const void* bytes, std::size_t n) {
  try {
    static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), n);
    return static_cast<la_ssize_t>(n);
  } catch (const std::bad_alloc&) {
    archive_set_error(zip, ENOMEM, "out of memory");
    return -1;
  }
}

/// The times that both fields of a zip can hold: MS-DOS dates begin in 1980, Unix times end in 2038.
bool is_zip_time(std::int64_t s) {
  return s >= 315532800 && s < 0x7fffffff;
}

/// The time in MS-DOS form: years from 1980, two seconds a tick.
std::uint32_t dos_time(std::int64_t s) {
  using namespace std::chrono;
  const auto instant = sys_seconds(seconds(s));
  const auto day = floor<days>(instant);
  const year_month_day date(day);
  const auto in_day = static_cast<std::uint32_t>((instant - day).count());
  const auto years = static_cast<std::uint32_t>(static_cast<int>(date.year()) - 1980);
  return years << 25 | static_cast<unsigned>(date.month()) << 21 | static_cast<unsigned>(date.day()) << 16 |
         in_day / 3600 << 11 | in_day / 60 % 60 << 5 | in_day % 60 / 2;
}

template <class T>
T field_at(const std::string& out, std::size_t at) {
  T value{};
  std::memcpy(&value, out.data() + at, sizeof value);
  return value;
}

// Where the format keeps things (PKWARE APPNOTE.TXT, 4.3.7 and 4.3.12).
constexpr std::uint32_t local_signature = 0x04034b50, central_signature = 0x02014b50;
constexpr std::size_t local_size = 30, local_time = 10, central_size = 46, central_time = 12,
                      central_lengths = 28;

/// libarchive writes MS-DOS times in the time zone of this process, which must not show: this sets them in
/// UTC. `locals`: where the members' headers are; `central`: where the directory begins.
bool set_times(std::string& out, const std::vector<std::size_t>& locals, std::size_t central,
               std::uint32_t time) {
  const auto set = [&](std::size_t at) { std::memcpy(out.data() + at, &time, sizeof time); };
  for (const auto at : locals) {
    if (at + local_size > out.size() || field_at<std::uint32_t>(out, at) != local_signature) return false;
    set(at + local_time);
  }
  for (std::size_t i = 0; i < locals.size(); ++i) {
    if (central + central_size > out.size() || field_at<std::uint32_t>(out, central) != central_signature)
      return false;
    set(central + central_time);
    const auto lengths = central + central_lengths;  // of the name, the extra fields and the comment
    central += central_size + field_at<std::uint16_t>(out, lengths) +
               field_at<std::uint16_t>(out, lengths + 2) + field_at<std::uint16_t>(out, lengths + 4);
  }
  return true;
}

status add(struct archive* zip, const tar_member& m, std::optional<std::int64_t> time) {
  const entry_handle entry(archive_entry_new(), archive_entry_free);
  if (!entry) throw std::bad_alloc();
  archive_entry_set_pathname_utf8(entry.get(), m.path.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0600);
  archive_entry_set_uid(entry.get(), 0);
  archive_entry_set_gid(entry.get(), 0);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(m.content.size()));
  if (time) archive_entry_set_mtime(entry.get(), *time, 0);
  if (archive_write_header(zip, entry.get()) != ARCHIVE_OK) return zip_failure("a member's header", zip);
  for (auto rest = m.content; !rest.empty();) {
    const auto n = archive_write_data(zip, rest.data(), rest.size());
    if (n <= 0) return zip_failure("a member's bytes", zip);
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  if (archive_write_finish_entry(zip) != ARCHIVE_OK) return zip_failure("a member's end", zip);
  return {};
}

}  // namespace

status append_zip(std::string& out, std::span<const tar_member> members,
                  std::optional<std::int64_t> exported_at) {
  std::optional<std::int64_t> time;
  if (exported_at && is_zip_time(*exported_at / 1000)) time = *exported_at / 1000;
  const zip_handle handle(archive_write_new(), archive_write_free);
  auto* zip = handle.get();
  if (zip == nullptr) throw std::bad_alloc();
  std::string made;  // offsets in a zip count from its first byte
  if (archive_write_set_format_zip(zip) != ARCHIVE_OK ||
      archive_write_set_options(zip, "zip:compression=deflate,zip:hdrcharset=UTF-8") != ARCHIVE_OK ||
      // Unbuffered, so that `made` shows where each header begins.
      archive_write_set_bytes_per_block(zip, 0) != ARCHIVE_OK ||
      archive_write_open(zip, &made, nullptr, append_bytes, nullptr) != ARCHIVE_OK)
    return zip_failure("its format", zip);
  std::vector<std::size_t> locals;
  for (const auto& m : members) {
    locals.push_back(made.size());
    if (auto s = add(zip, m, time); !s.ok()) return s;
  }
  const auto central = made.size();
  if (archive_write_close(zip) != ARCHIVE_OK) return zip_failure("its end", zip);
  if (!set_times(made, locals, central, dos_time(time.value_or(315532800))))
    return fail(failure::bug, "a zip of libarchive is not laid out as expected");
  if (out.empty())
    out = std::move(made);
  else
    out.append(made);
  return {};
}

}  // namespace outro
