#include "output/ledger_at_rest.h"

#include <algorithm>
#include <string_view>

#include "base/digest.h"
#include "base/file.h"
#include "output/checksums.h"

namespace outro {

namespace {

constexpr std::size_t header_bytes = 100;
/// Versions of the format for writing and reading: 1 with a journal, 2 with a log.
constexpr std::size_t write_version = 18, read_version = 19;
constexpr char with_journal = 1, with_log = 2;
/// Two counters, big-endian: of changes, and the first one as it was when SQLite's version was written.
constexpr std::size_t changes = 24, valid_for = 92;

result<std::string> header_of(int fd, const std::filesystem::path& path) {
  auto header = read_at(fd, 0, header_bytes, path);
  if (header && header->size() < header_bytes) return fail(failure::corrupt, "the ledger has no header");
  return header;
}

bool has_log(std::string_view header) {
  return header[write_version] == with_log && header[read_version] == with_log;
}

void count_back(std::string& header, std::size_t at) {
  for (auto i = at + 4; i-- > at;)
    if (header[i]-- != 0) break;  // a zero borrows from the byte above it
}

}  // namespace

bool was_left_open(const std::filesystem::path& ledger) {
  const auto file = open_regular(ledger);
  if (!file) return false;
  const auto header = header_of(file->get(), ledger);
  return header && has_log(*header);
}

result<std::string> sum_before_it_was_opened(const std::filesystem::path& ledger) {
  const auto file = open_regular(ledger);
  if (!file) return file.error();
  auto header = header_of(file->get(), ledger);
  if (!header) return header.error();
  (*header)[write_version] = (*header)[read_version] = with_journal;
  for (const auto counter : {changes, valid_for}) count_back(*header, counter);
  sha256 hash;
  bool first = true;
  const auto read = hash_all(file->get(), ledger, [&](std::string_view bytes) {
    if (first) hash.update(*header), bytes.remove_prefix(std::min(bytes.size(), header_bytes));
    first = false;
    hash.update(bytes);
  });
  if (!read) return read.error();
  return hash.finish_hex();
}

}  // namespace outro
