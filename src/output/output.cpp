#include "outro/output.h"

#include <stdexcept>
#include <utility>

#include "output/account_archive.h"

namespace outro {

/// What a damaged ledger makes SQLite throw becomes a status.
template <class Call>
static auto without_throwing(Call call) -> decltype(call()) {
  try {
    return call();
  } catch (const std::runtime_error& e) {
    return fail(failure::corrupt, e.what());
  }
}

/// Looks an account up in a ledger that is open for this look-up alone: one that stayed open would keep an
/// export from closing its log.
static result<document_row> look_up(const std::filesystem::path& out, std::string_view account,
                                    std::uint32_t run) {
  return without_throwing([&]() -> result<document_row> {
    auto books = open_ledger(out);
    if (!books) return books.error();
    return find_archive(*books, out, account, run);
  });
}

result<output_reader> output_reader::open(const std::filesystem::path& path) {
  const auto books = without_throwing([&] { return open_ledger(path); });
  if (!books) return books.error();
  return output_reader(path);
}

result<archive_place> output_reader::find(std::string_view account, std::uint32_t run) const {
  const auto row = look_up(path_, account, run);
  if (!row) return row.error();
  const auto& d = row->record;
  return archive_place{pack_path(path_, row->slice),
                       d.stored_offset,
                       d.stored_bytes,
                       row->slice.run,
                       d.exported_at,
                       row->proven};
}

result<std::string> output_reader::archive(std::string_view account, std::uint32_t run) const {
  const auto row = look_up(path_, account, run);
  if (!row) return row.error();
  auto archive = read_archive(path_, *row);
  if (!archive) return archive.error();
  return std::move(archive->frame);
}

result<std::string> output_reader::dump(std::string_view account, std::uint32_t run) const {
  const auto row = look_up(path_, account, run);
  if (!row) return row.error();
  const auto archive = read_archive(path_, *row);
  if (!archive) return archive.error();
  std::string dump;
  if (auto s = restore_dump(archive->opened, dump); !s.ok()) return s;
  return dump;
}

}  // namespace outro
