#include "outro/output.h"

#include <stdexcept>
#include <utility>

#include "output/account_archive.h"

namespace outro {

struct output_reader::state {
  std::filesystem::path path;
};

/// Looks an account up in a ledger that is open for this look-up alone: one that stayed open would keep an
/// export from closing its log. What a damaged ledger makes SQLite throw becomes a status.
static result<document_row> look_up(const std::filesystem::path& out, std::string_view account,
                                    std::uint32_t run) {
  try {
    auto books = open_ledger(out);
    if (!books) return books.error();
    return find_archive(*books, out, account, run);
  } catch (const std::runtime_error& e) {
    return fail(failure::corrupt, e.what());
  }
}

output_reader::output_reader(std::unique_ptr<state> s) : state_(std::move(s)) {}
output_reader::output_reader(output_reader&&) noexcept = default;
output_reader& output_reader::operator=(output_reader&&) noexcept = default;
output_reader::~output_reader() = default;

result<output_reader> output_reader::open(const std::filesystem::path& path) {
  const auto books = open_ledger(path);
  if (!books) return books.error();
  return output_reader(std::unique_ptr<state>(new state{path}));
}

result<archive_place> output_reader::find(std::string_view account, std::uint32_t run) const {
  const auto row = look_up(state_->path, account, run);
  if (!row) return row.error();
  const auto& d = row->record;
  return archive_place{pack_path(state_->path, row->slice),
                       d.stored_offset,
                       d.stored_bytes,
                       row->slice.run,
                       d.exported_at,
                       row->proven};
}

result<std::string> output_reader::archive(std::string_view account, std::uint32_t run) const {
  const auto row = look_up(state_->path, account, run);
  if (!row) return row.error();
  auto archive = read_archive(state_->path, *row);
  if (!archive) return archive.error();
  return std::move(archive->frame);
}

result<std::string> output_reader::dump(std::string_view account, std::uint32_t run) const {
  const auto row = look_up(state_->path, account, run);
  if (!row) return row.error();
  const auto archive = read_archive(state_->path, *row);
  if (!archive) return archive.error();
  std::string dump;
  if (auto s = restore_dump(archive->opened, dump); !s.ok()) return s;
  return dump;
}

}  // namespace outro
