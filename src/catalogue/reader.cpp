#include "catalogue/reader.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/utf8.h"
#include "catalogue/varint.h"
#include "layout/load.h"

namespace outro {

status lost_part(const std::string& what) {
  return fail(failure::corrupt,
              fmt::format("{}; restore it from a copy, or give the catalogue up: remove the folder "
                          "`catalogue`, and the archives go on without one",
                          what));
}

namespace {

constexpr std::size_t digest_bytes = 16;

status damaged(const std::filesystem::path& path) {
  return lost_part(fmt::format("{} is damaged", shown(path.native())));
}

status of_another_version(const std::filesystem::path& path) {
  return fail(failure::refused,
              fmt::format("{} was written by another version of Outro; use that one", shown(path.native())));
}

result<catalogue_run_head> read_head(int fd, std::uint64_t at, const std::filesystem::path& path) {
  const auto bytes = read_at(fd, at, catalogue_run_head::bytes, path);
  if (!bytes) return bytes.error();
  field_reader in(*bytes);
  if (in.get_bytes(4) != "OTCP") return damaged(path);
  if (in.get<std::uint32_t>() != catalogue_part_version) return of_another_version(path);
  catalogue_run_head head;
  head.slice.run = in.get<std::uint32_t>();
  head.slice.unit = in.get<std::uint32_t>();
  head.slice.number = in.get<std::uint32_t>();
  head.documents = in.get<std::uint64_t>();
  head.uses = in.get<std::uint64_t>();
  head.described = in.get<std::uint64_t>();
  head.layout_bytes = in.get<std::uint64_t>();
  head.list_bytes = in.get<std::uint64_t>();
  head.text_bytes = in.get<std::uint64_t>();
  return in.ok() ? result<catalogue_run_head>(head) : damaged(path);
}

/// The layout in front of a part's first run. Its digest is that of the run's lists, which are read later.
result<std::shared_ptr<const layout>> read_layout(int fd, std::uint64_t at, std::uint64_t bytes,
                                                  const std::filesystem::path& path, known_layouts& known) {
  const auto source = read_at(fd, at, bytes, path);
  if (!source) return source.error();
  if (bytes == 0 || source->size() != bytes) return damaged(path);
  auto& rules = known[*source];
  if (!rules) {
    auto parsed = parse_layout(*source, shown(path.native()));
    if (!parsed) return damaged(path);
    rules = std::make_shared<const layout>(std::move(*parsed));
  }
  return rules;
}

/// Exactly these bytes of a file.
result<std::string> read_span(const catalogue_run& run, std::uint64_t at, std::uint64_t n) {
  const auto& path = run.part->path;
  auto opened = run.file ? result<file_handle>(file_handle()) : open_regular(path);
  if (!opened) return opened.error();
  auto bytes = read_at(run.file ? run.file->get() : opened->get(), at, n, path);
  if (bytes && bytes->size() != n) return damaged(path);
  return bytes;
}

}  // namespace

status damaged_part(const catalogue_run& run) {
  return damaged(run.part->path);
}

result<std::vector<catalogue_run>> runs_of(const part_source& part, bool stays_open, known_layouts& layouts) {
  std::error_code error;
  if (!std::filesystem::exists(part.path, error) && !error)
    return lost_part(fmt::format("{} is missing", shown(part.path.native())));
  auto file = open_regular(part.path);
  if (!file) return file.error();
  struct stat info {};
  if (::fstat(file->get(), &info) != 0) return io_failure("stat", part.path, errno);
  const auto size = static_cast<std::uint64_t>(info.st_size);
  std::vector<catalogue_run> runs;
  std::uint64_t documents = 0;
  for (std::uint64_t at = 0; at < size;) {
    auto head = read_head(file->get(), at, part.path);
    if (!head) return head.error();
    catalogue_run run{&part, nullptr, nullptr, *head, documents, at, 0, 0, 0};
    // Each size is checked before it is added to another, so that no sum overflows.
    const auto& h = *head;
    if (h.layout_bytes > size || h.list_bytes > size || h.described > size / sizeof(description_head) ||
        h.text_bytes > size || h.documents > h.list_bytes || h.uses > h.list_bytes / sizeof(hash128))
      return damaged(part.path);
    run.lists_at = at + catalogue_run_head::bytes + h.layout_bytes;
    run.heads_at = run.lists_at + h.list_bytes + digest_bytes;
    run.text_at = run.heads_at + h.described * sizeof(description_head) + digest_bytes;
    at = run.text_at + h.text_bytes;
    if (at > size || (!runs.empty() && h.slice != runs.front().head.slice)) return damaged(part.path);
    if (runs.empty()) {
      auto rules =
          read_layout(file->get(), run.at + catalogue_run_head::bytes, h.layout_bytes, part.path, layouts);
      if (!rules) return rules.error();
      run.rules = std::move(*rules);
    } else {
      if (h.layout_bytes != 0) return damaged(part.path);
      run.rules = runs.front().rules;
    }
    documents += h.documents;
    runs.push_back(std::move(run));
  }
  if (documents != part.documents) return damaged(part.path);
  if (stays_open) {
    const auto shared = std::make_shared<file_handle>(std::move(*file));
    for (auto& run : runs) run.file = shared;
  }
  return runs;
}

result<use_reader> use_reader::open(const catalogue_run& run) {
  use_reader reader;
  reader.run_ = &run;
  const auto before = run.lists_at - run.at;
  auto bytes = read_span(run, run.at, before + run.head.list_bytes + digest_bytes);
  if (!bytes) return bytes.error();
  reader.bytes_ = std::move(*bytes);
  const std::string_view all = reader.bytes_;
  const auto content = all.substr(0, all.size() - digest_bytes);
  if (digest_of(content).view() != all.substr(content.size())) return damaged_part(run);
  return reader;
}

std::span<const catalogue_use> use_reader::next() {
  // Set here and not in `open`, because moving the reader may move the bytes.
  if (seen_ == 0 && document_ == 0 && rest_.data() == nullptr)
    rest_ = std::string_view(bytes_).substr(run_->lists_at - run_->at, run_->head.list_bytes);
  const auto& current = run_->part->current;
  while (ok_ && document_ < run_->head.documents) {
    const auto document = run_->first_document + document_++;
    const auto n = take_varint(rest_, ok_);
    if (n == 0) continue;
    time_ = take_varint(rest_, ok_);
    seen_ += n;
    if (n > run_->head.uses || time_ == 0) ok_ = false;
    if (!ok_) break;
    uses_.clear();
    for (std::uint64_t i = 0; i < n; ++i) {
      if (rest_.size() < sizeof(hash128)) {
        ok_ = false;
        return {};
      }
      catalogue_use use{};
      std::memcpy(&use.content, rest_.data(), sizeof use.content);
      rest_.remove_prefix(sizeof use.content);
      const auto entries = take_varint(rest_, ok_);
      use.entries = entries >> 1;
      use.counts_account = (entries & 1) != 0;
      use.listens = take_varint(rest_, ok_);
      uses_.push_back(use);
    }
    if (current.empty() || (document < current.size() && current[document])) return uses_;
  }
  ok_ = ok_ && rest_.empty() && seen_ == run_->head.uses;
  return {};
}

result<std::vector<description_head>> read_heads(const catalogue_run& run, std::uint64_t from,
                                                 std::uint64_t to) {
  const bool all = from == 0 && to == run.head.described;
  const auto n = (to - from) * sizeof(description_head);
  const auto bytes =
      read_span(run, run.heads_at + from * sizeof(description_head), n + (all ? digest_bytes : 0));
  if (!bytes) return bytes.error();
  const std::string_view content = std::string_view(*bytes).substr(0, n);
  if (all && digest_of(content).view() != std::string_view(*bytes).substr(n)) return damaged_part(run);
  std::vector<description_head> heads(to - from);
  if (n > 0) std::memcpy(heads.data(), content.data(), n);
  for (const auto& h : heads)
    if (h.text_begin + h.text_length() > run.head.text_bytes) return damaged_part(run);
  return heads;
}

result<std::string> read_texts(const catalogue_run& run, std::uint64_t begin, std::uint64_t length) {
  if (begin > run.head.text_bytes || length > run.head.text_bytes - begin) return damaged_part(run);
  return read_span(run, run.text_at + begin, length);
}

}  // namespace outro
