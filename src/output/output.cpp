#include "outro/output.h"

#include <utility>

#include "output/account_archive.h"

namespace outro {

struct output_reader::state {
  std::filesystem::path path;
  ledger books;
};

output_reader::output_reader(std::unique_ptr<state> s) : state_(std::move(s)) {}
output_reader::output_reader(output_reader&&) noexcept = default;
output_reader& output_reader::operator=(output_reader&&) noexcept = default;
output_reader::~output_reader() = default;

result<output_reader> output_reader::open(const std::filesystem::path& path) {
  auto books = open_ledger(path);
  if (!books) return books.error();
  return output_reader(std::unique_ptr<state>(new state{path, std::move(*books)}));
}

result<archive_place> output_reader::find(std::string_view account, std::uint32_t run) {
  const auto row = find_archive(state_->books, state_->path, account, run);
  if (!row) return row.error();
  const auto& d = row->record;
  return archive_place{pack_path(state_->path, row->slice),
                       d.stored_offset,
                       d.stored_bytes,
                       row->slice.run,
                       d.exported_at,
                       row->proven};
}

result<std::string> output_reader::archive(std::string_view account, std::uint32_t run) {
  const auto row = find_archive(state_->books, state_->path, account, run);
  if (!row) return row.error();
  auto archive = read_archive(state_->path, *row);
  if (!archive) return archive.error();
  return std::move(archive->frame);
}

result<std::string> output_reader::dump(std::string_view account, std::uint32_t run) {
  const auto row = find_archive(state_->books, state_->path, account, run);
  if (!row) return row.error();
  const auto archive = read_archive(state_->path, *row);
  if (!archive) return archive.error();
  std::string dump;
  if (auto s = restore_dump(archive->opened, dump); !s.ok()) return s;
  return dump;
}

}  // namespace outro
